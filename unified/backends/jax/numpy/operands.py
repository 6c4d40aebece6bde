"""Operands of functions on JAX: numbers of NumPy as Python's, and no array of another framework."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from unified.core.dtypes import NamedDType, dtype_name
from unified.core.errors import BackendError
from unified.core.scope import current

__all__ = ["NUMBERS", "array", "as_dtype", "as_number", "default_float", "operands"]

NUMBERS = (bool, int, float, complex)


def as_number(value: Any) -> Any:
    """Return Python's number for one of NumPy's, which takes the dtype of the arrays beside it; others as they are."""
    return value.item() if isinstance(value, np.generic) and not isinstance(value, jax.Array) else value


def as_dtype(dtype: Any) -> Any:
    """Return JAX's dtype for any framework's or its name; `None` for `None`.

    Integers of 64 bits become those of 32 without a word, unless `jax_enable_x64` is set; of other dtypes JAX warns.
    """
    if dtype is None:
        return None
    name = dtype_name(dtype)
    if name in ("int64", "uint64"):
        return jax.dtypes.canonicalize_dtype(name)
    return NamedDType(name).dtype


def array(value: Any) -> jax.Array:
    """Return an array of an array, a number or a NumPy array; raise `BackendError` for anything else."""
    if isinstance(value, jax.Array):
        return value
    if isinstance(value, (list, tuple)):
        raise TypeError("a list stands where an array is expected: make an array of it by unified.numpy.asarray")
    if not isinstance(value, (*NUMBERS, np.ndarray, np.generic)) and not hasattr(type(value), "__jax_array__"):
        raise BackendError(
            f"a value of type {type(value).__module__}.{type(value).__qualname__} stands where JAX expects an array: "
            "pass a jax.Array, a number or a NumPy array"
        )
    value = as_number(value)
    return jnp.asarray(value, dtype=_dtype_of(value) if isinstance(value, NUMBERS) else None)


def default_float() -> Any:
    """Return the floating-point dtype of the running model's arrays, else JAX's default."""
    scope = current.scope
    return jax.dtypes.canonicalize_dtype("float64") if scope is None else scope.frame.array_defaults()[1]


def _dtype_of(number: Any) -> Any:
    """Return the dtype of a number that stands alone: JAX's own arrays of one would take that of arrays beside them."""
    if isinstance(number, bool):
        return jnp.bool_
    if isinstance(number, int):
        return jax.dtypes.canonicalize_dtype("int64")
    return default_float() if isinstance(number, float) else jnp.result_type(default_float(), jnp.complex64)


def operands(x1: Any, x2: Any) -> tuple[Any, Any]:
    """Return two operands: arrays, of which one may be a number, whose dtype follows from the other."""
    x1, x2 = as_number(x1), as_number(x2)
    if isinstance(x1, NUMBERS):
        return (array(x1), x2) if isinstance(x2, NUMBERS) else (x1, array(x2))
    return array(x1), x2 if isinstance(x2, NUMBERS) else array(x2)
