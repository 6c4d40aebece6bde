"""NumPy's arrays as tensors."""

from typing import Any

import numpy as np
import torch

__all__ = ["from_numpy"]


def from_numpy(array: np.ndarray, device: Any, *, owned: bool = False) -> torch.Tensor:
    """Return a copy of a NumPy array on `device` (`None`: the default), with its dtype, `bfloat16` too.

    An array that is `owned`, which nobody else has, becomes the tensor's memory if it can be written.
    """
    array = np.ascontiguousarray(array).reshape(np.shape(array))
    if not (owned and array.flags.writeable):
        array = array.copy()
    if array.dtype.name == "bfloat16":
        tensor = torch.from_numpy(array.view(np.int16)).view(torch.bfloat16)
    else:
        tensor = torch.from_numpy(array)
    return tensor.to(torch.get_default_device() if device is None else device)
