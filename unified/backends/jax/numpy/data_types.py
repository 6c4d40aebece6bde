"""Dtypes, on JAX."""

from typing import Any

import jax
import jax.numpy as jnp

from unified.backends.jax.numpy.operands import NUMBERS, array, as_dtype, as_number
from unified.core.array_results import FloatInfo, IntegerInfo

__all__ = ["astype", "can_cast", "finfo", "iinfo", "info", "result_type"]


def _dtype(value: Any) -> Any:
    return as_dtype(getattr(value, "dtype", value))


def astype(x: Any, dtype: Any, *, copy: bool = True, device: Any = None) -> jax.Array:
    return jnp.astype(array(x), as_dtype(dtype), copy=copy, device=device)


def can_cast(from_: Any, to: Any) -> bool:
    try:
        return bool(jnp.promote_types(_dtype(from_), _dtype(to)) == _dtype(to))
    except (TypeError, ValueError):  # no dtype holds both
        return False


def finfo(type: Any) -> FloatInfo:
    dtype = _dtype(type)
    found = jnp.finfo(dtype)
    eps, most, least, smallest = (float(limit) for limit in (found.eps, found.max, found.min, found.smallest_normal))
    return FloatInfo(int(found.bits), eps, most, least, smallest, found.dtype)


def iinfo(type: Any) -> IntegerInfo:
    dtype = _dtype(type)
    found = jnp.iinfo(dtype)
    return IntegerInfo(int(found.bits), int(found.max), int(found.min), dtype)


def info() -> Any:
    """Return JAX's description of itself."""
    return jnp.__array_namespace_info__()


def result_type(*arrays_and_dtypes: Any) -> Any:
    values = [as_number(value) for value in arrays_and_dtypes]
    if all(isinstance(value, NUMBERS) for value in values):
        raise ValueError("the dtype of a result follows from an array or a dtype, and there are only numbers")
    return jnp.result_type(*(value if isinstance(value, (jax.Array, *NUMBERS)) else _dtype(value) for value in values))
