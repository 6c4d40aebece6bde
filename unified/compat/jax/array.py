"""`jax.Array`: the class of arrays, whichever framework made them."""

import sys
from typing import TYPE_CHECKING, Any

__all__ = ["Array", "is_on_torch"]

MODULES = ("unified.compat.jax.on_torch.array", "unified.compat.jax.on_torch.typed_keys")


def is_on_torch(kind: type) -> bool:
    """Return whether a class is one of the arrays on torch, without importing torch."""
    return kind.__module__ in MODULES


class _Arrays(type):
    def __instancecheck__(cls, value: Any) -> bool:
        kind = type(value)
        if is_on_torch(kind):
            return True
        jax, torch = sys.modules.get("jax"), sys.modules.get("torch")
        return (jax is not None and isinstance(value, jax.Array)) or (
            torch is not None and isinstance(value, torch.Tensor)
        )

    def __subclasscheck__(cls, kind: type) -> bool:
        jax = sys.modules.get("jax")
        return is_on_torch(kind) or (jax is not None and issubclass(kind, jax.Array))

    def __repr__(cls) -> str:
        return "<class 'jax.Array'>"


class Array(metaclass=_Arrays):
    """The class of arrays, for annotations and `isinstance`: JAX's, or `Array` on torch."""

    if TYPE_CHECKING:  # the arrays of JAX and those on torch have no class in common

        def __getattr__(self, name: str) -> Any: ...
