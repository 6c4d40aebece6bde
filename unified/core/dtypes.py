"""Dtypes by name."""

from typing import Any

import numpy as np

__all__ = ["NamedDType", "dtype_name", "is_floating", "is_same_dtype", "isdtype"]


class NamedDType:
    """A dtype of no framework, such as `unified.numpy.float32`: equal to every framework's dtype of its name.

    NumPy and JAX take it as it is; functions of torch itself take `torch.float32` alone.

    Attributes:
        name: the name of the dtype.

    >>> import jax.numpy as jnp, torch, unified.numpy as unp
    >>> unp.float32 == torch.float32, unp.float32 == jnp.float32, unp.float32.name
    (True, True, 'float32')
    """

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def __eq__(self, other: object) -> bool:
        try:
            return dtype_name(other) == self.name
        except TypeError:  # no dtype
            return False

    def __hash__(self) -> int:
        return hash(self.name)

    def __repr__(self) -> str:
        return f"unified.numpy.{self.name}"

    def __reduce__(self) -> tuple[type["NamedDType"], tuple[str]]:
        return NamedDType, (self.name,)

    @property
    def dtype(self) -> np.dtype[Any]:
        """NumPy's dtype, by which NumPy and JAX know this object; NumPy has `bfloat16` where JAX is imported."""
        return np.dtype(self.name)


def dtype_name(dtype: Any) -> str:
    """Return the name of a framework's dtype: `"float32"` for `torch.float32`, `jnp.float32` and `np.float32`."""
    if isinstance(dtype, NamedDType):
        return dtype.name
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


# The beginnings of the names of the dtypes of each kind.
KINDS = {
    "bool": ("bool",),
    "signed integer": ("int",),
    "unsigned integer": ("uint",),
    "integral": ("int", "uint"),
    "real floating": ("float", "bfloat"),
    "complex floating": ("complex",),
    "numeric": ("int", "uint", "float", "bfloat", "complex"),
}


def isdtype(dtype: Any, kind: Any) -> bool:
    """Return whether a dtype is of a kind, or is one of several kinds and dtypes.

    Args:
        dtype: any framework's.
        kind: `"bool"`, `"signed integer"`, `"unsigned integer"`, `"integral"`, `"real floating"`, `"complex floating"`,
            `"numeric"`, a dtype, or a tuple of these.

    Raises:
        ValueError: a string that is no kind.

    Source: array API standard 2024.12, `isdtype`.

    >>> import torch, unified.numpy as unp
    >>> unp.isdtype(torch.bfloat16, ("bool", "real floating"))
    True
    """
    if isinstance(kind, tuple):
        return any(isdtype(dtype, one) for one in kind)
    if not isinstance(kind, str):
        return dtype_name(dtype) == dtype_name(kind)
    if kind not in KINDS:
        raise ValueError(f"isdtype: {kind!r} is no kind of dtypes: choose one of {', '.join(map(repr, KINDS))}")
    return dtype_name(dtype).startswith(KINDS[kind])
