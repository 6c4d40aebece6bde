"""Dtypes by name."""

from typing import Any

import numpy as np

__all__ = ["dtype_name"]


def dtype_name(dtype: Any) -> str:
    """Return the name of a framework's dtype: `"float32"` for `torch.float32` and `jnp.float32`."""
    if isinstance(dtype, str):
        return dtype
    if isinstance(dtype, type):
        return np.dtype(dtype).name
    return str(getattr(dtype, "dtype", dtype)).removeprefix("torch.")
