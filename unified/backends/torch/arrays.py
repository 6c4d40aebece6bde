"""NumPy's arrays as tensors."""

from typing import Any

import numpy as np
import torch

__all__ = ["from_numpy"]


def from_numpy(array: np.ndarray, device: Any) -> torch.Tensor:
    """Return a copy of a NumPy array on `device` (`None`: the default), with its dtype, `bfloat16` too."""
    array = np.ascontiguousarray(array).reshape(np.shape(array))
    if array.dtype.name == "bfloat16":
        tensor = torch.from_numpy(array.view(np.int16).copy()).view(torch.bfloat16)
    else:
        tensor = torch.from_numpy(array.copy())
    return tensor.to(torch.get_default_device() if device is None else device)
