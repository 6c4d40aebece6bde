"""Dtypes by name."""

from typing import Any

import numpy as np

__all__ = ["dtype_name", "is_floating", "is_same_dtype"]


def dtype_name(dtype: Any) -> str:
    """Return the name of a framework's dtype: `"float32"` for `torch.float32`, `jnp.float32` and `np.float32`."""
    if isinstance(dtype, str):
        return dtype
    if isinstance(dtype, (type, np.dtype)):
        return np.dtype(dtype).name
    return str(getattr(dtype, "dtype", dtype)).removeprefix("torch.")


def is_same_dtype(name: str, other: str) -> bool:
    """Return whether two dtypes are one: JAX stores integers of 64 bits in 32, unless `jax_enable_x64` is on."""
    return name == other or {name, other} in ({"int64", "int32"}, {"uint64", "uint32"})


def is_floating(name: str) -> bool:
    """Return whether a dtype, by name, is one of floating-point numbers, such as `"bfloat16"`."""
    return name.startswith(("float", "bfloat"))
