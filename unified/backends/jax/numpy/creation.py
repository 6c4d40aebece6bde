"""Arrays that are made, on JAX: on the device and in the floating-point dtype of the model, or of `like`.

Each has its dtype for good: an array of Python numbers that JAX makes would take that of the arrays beside it.
"""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from unified.backends.jax.numpy.operands import NUMBERS, array, as_dtype, as_number, default_float
from unified.core.errors import BackendError
from unified.core.scope import current

__all__ = [
    "arange",
    "asarray",
    "device_of",
    "empty",
    "empty_like",
    "eye",
    "from_dlpack",
    "full",
    "full_like",
    "linspace",
    "meshgrid",
    "ones",
    "ones_like",
    "place",
    "tril",
    "triu",
    "zeros",
    "zeros_like",
]


def device_of(x: Any) -> Any:
    """Return the device or sharding of an array that was put there; `None` if others may move it, or it is traced."""
    if isinstance(x, jax.core.Tracer) or not isinstance(x, jax.Array) or not x.committed:
        return None
    return next(iter(x.devices())) if len(x.devices()) == 1 else None


def place(dtype: Any, device: Any, like: Any) -> tuple[Any, Any, Any]:
    """Return the dtype that was asked for, the floating-point dtype otherwise, and the device, of an array."""
    floating = None
    if isinstance(like, jax.Array):
        device = device_of(like) if device is None else device
        if jnp.issubdtype(like.dtype, jnp.inexact):
            floating = jnp.finfo(like.dtype).dtype
    elif (scope := current.scope) is not None:
        model_device, floating = scope.frame.array_defaults()
        device = model_device if device is None else device
    if like is not None and not isinstance(like, jax.Array):
        floating = _dtype_of_numpy(like) or floating
    return as_dtype(dtype), default_float() if floating is None else floating, device


def _dtype_of_numpy(like: Any) -> Any:
    """Return the floating-point dtype of NumPy's array, which is on no device; raise for one of another framework."""
    if not isinstance(like, np.ndarray):
        raise BackendError(f"like= is an array of the framework that runs, JAX, got {type(like).__name__}")
    return jax.dtypes.canonicalize_dtype(like.dtype) if like.dtype.kind == "f" else None


def _dtype_of(kind: Any, floating: Any) -> Any:
    """Return the dtype of numbers of a kind of dtypes."""
    if kind == "c":
        return jnp.result_type(floating, jnp.complex64)
    if kind == "f":
        return floating
    return jax.dtypes.canonicalize_dtype({"b": "bool", "i": "int64", "u": "uint64"}[kind])


def _kind(number: Any) -> str:
    return np.result_type(type(number)).kind


def arange(
    start: Any, stop: Any = None, step: Any = 1, *, dtype: Any = None, device: Any = None, like: Any = None
) -> jax.Array:
    asked, floating, device = place(dtype, device, like)
    start, stop, step = as_number(start), as_number(stop), as_number(step)
    if asked is None:
        is_float = any(isinstance(value, float) for value in (start, stop, step))
        asked = floating if is_float else _dtype_of("i", floating)
    return jnp.arange(start, stop, step, dtype=asked, device=device)


def asarray(
    obj: Any, *, dtype: Any = None, device: Any = None, copy: bool | None = None, like: Any = None
) -> jax.Array:
    if isinstance(obj, jax.Array):
        if like is not None:
            device = place(None, device, like)[2]
        return jnp.asarray(obj, dtype=as_dtype(dtype), device=device, copy=copy)
    asked, floating, device = place(dtype, device, like)
    if not isinstance(obj, (*NUMBERS, list, tuple, np.ndarray, np.generic)) and not hasattr(obj, "__jax_array__"):
        if not hasattr(obj, "__buffer__") and not isinstance(obj, (bytes, bytearray, memoryview)):
            array(obj)  # which raises
        obj = np.asarray(obj)
    if copy is False and not isinstance(obj, np.ndarray):
        raise ValueError("asarray: copy=False, and numbers need a new array")
    if isinstance(obj, (*NUMBERS, np.generic, list, tuple)) and asked is None:
        plain = jnp.asarray(as_number(obj))
        is_of_numbers = not any(hasattr(leaf, "dtype") for leaf in jax.tree.leaves(obj))
        asked = _dtype_of(plain.dtype.kind, floating) if is_of_numbers else None
    return jnp.asarray(as_number(obj), dtype=asked, device=device, copy=copy)


def empty(shape: Any, *, dtype: Any = None, device: Any = None, like: Any = None) -> jax.Array:
    asked, floating, device = place(dtype, device, like)
    return jnp.empty(shape, dtype=asked or floating, device=device)


def _like(x: Any, dtype: Any, device: Any) -> tuple[jax.Array, Any, Any]:
    x = array(x)
    return x, as_dtype(dtype) or x.dtype, device_of(x) if device is None else device


def empty_like(x: Any, *, dtype: Any = None, device: Any = None) -> jax.Array:
    return zeros_like(x, dtype=dtype, device=device)


def eye(
    n_rows: int, n_cols: int | None = None, *, k: int = 0, dtype: Any = None, device: Any = None, like: Any = None
) -> jax.Array:
    asked, floating, device = place(dtype, device, like)
    return jnp.eye(n_rows, n_cols, k=k, dtype=asked or floating, device=device)


def from_dlpack(x: Any, *, device: Any = None, copy: bool | None = None) -> jax.Array:
    return jnp.from_dlpack(x, device=device, copy=copy)


def full(shape: Any, fill_value: Any, *, dtype: Any = None, device: Any = None, like: Any = None) -> jax.Array:
    asked, floating, device = place(dtype, device, like)
    fill_value = as_number(fill_value)
    if isinstance(fill_value, NUMBERS):
        asked = asked or _dtype_of(_kind(fill_value), floating)
    else:
        fill_value = array(fill_value)
    return jnp.full(shape, fill_value, dtype=asked, device=device)


def full_like(x: Any, fill_value: Any, *, dtype: Any = None, device: Any = None) -> jax.Array:
    x, wanted, device = _like(x, dtype, device)
    return jnp.full(x.shape, as_number(fill_value), dtype=wanted, device=device)


def linspace(
    start: Any,
    stop: Any,
    num: int,
    *,
    dtype: Any = None,
    device: Any = None,
    endpoint: bool = True,
    like: Any = None,
) -> jax.Array:
    asked, floating, device = place(dtype, device, like)
    start, stop = as_number(start), as_number(stop)
    if asked is None:
        asked = _dtype_of("c" if isinstance(start, complex) or isinstance(stop, complex) else "f", floating)
    return jnp.linspace(start, stop, num, endpoint=endpoint, dtype=asked, device=device)


def meshgrid(*arrays: Any, indexing: Any = "xy") -> list[jax.Array]:
    return jnp.meshgrid(*map(array, arrays), indexing=indexing)


def ones(shape: Any, *, dtype: Any = None, device: Any = None, like: Any = None) -> jax.Array:
    asked, floating, device = place(dtype, device, like)
    return jnp.ones(shape, dtype=asked or floating, device=device)


def ones_like(x: Any, *, dtype: Any = None, device: Any = None) -> jax.Array:
    x, wanted, device = _like(x, dtype, device)
    return jnp.ones(x.shape, dtype=wanted, device=device)


def tril(x: Any, *, k: int = 0) -> jax.Array:
    return jnp.tril(array(x), k)


def triu(x: Any, *, k: int = 0) -> jax.Array:
    return jnp.triu(array(x), k)


def zeros(shape: Any, *, dtype: Any = None, device: Any = None, like: Any = None) -> jax.Array:
    asked, floating, device = place(dtype, device, like)
    return jnp.zeros(shape, dtype=asked or floating, device=device)


def zeros_like(x: Any, *, dtype: Any = None, device: Any = None) -> jax.Array:
    x, wanted, device = _like(x, dtype, device)
    return jnp.zeros(x.shape, dtype=wanted, device=device)
