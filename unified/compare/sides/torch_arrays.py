"""Tensors of PyTorch as NumPy arrays, and back."""

from typing import Any

import numpy as np
import torch

from unified.compare.trees import leaves

__all__ = ["arrays", "to_numpy", "to_torch"]


def arrays(tree: Any) -> dict[str, torch.Tensor]:
    """Return the tensors of a tree by name; a single one is `output`."""
    return {name or "output": leaf for name, leaf in leaves(tree).items() if isinstance(leaf, torch.Tensor)}


def to_torch(leaf: Any) -> Any:
    """Return a copy of a NumPy array as a tensor; other values as they are."""
    return torch.as_tensor(np.array(leaf)) if isinstance(leaf, np.ndarray | np.generic) else leaf


def to_numpy(tensor: torch.Tensor) -> np.ndarray:
    """Return a copy of a tensor; of bfloat16, which NumPy lacks, in float32."""
    tensor = tensor.detach()
    if tensor.dtype == torch.bfloat16:
        tensor = tensor.float()
    return np.array(tensor.resolve_conj().resolve_neg().cpu().numpy())
