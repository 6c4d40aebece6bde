"""`jax.ShapeDtypeStruct`: made by the framework that runs, and an instance of this class whichever it is."""

import sys
from typing import Any

from unified.compat.jax.active_backend import backend_for
from unified.compat.jax.implementations import implementation

__all__ = ["ShapeDtypeStruct"]


class _Structs(type):
    def __call__(cls, shape: Any, dtype: Any, **options: Any) -> Any:
        return implementation(backend_for().name, "").ShapeDtypeStruct(shape, dtype, **options)

    def __instancecheck__(cls, value: Any) -> bool:
        jax = sys.modules.get("jax")
        return type(value).__name__ == "ShapeDtypeStruct" or (
            jax is not None and isinstance(value, jax.ShapeDtypeStruct)
        )


class ShapeDtypeStruct(metaclass=_Structs):
    """The shape and dtype of an array, without its values."""
