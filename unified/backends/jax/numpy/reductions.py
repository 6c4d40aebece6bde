"""Functions along axes, on JAX."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp

from unified.backends.jax.numpy.at_zero import root
from unified.backends.jax.numpy.operands import array, as_dtype
from unified.core.axes import axes_of

__all__ = [
    "all",
    "any",
    "argmax",
    "argmin",
    "count_nonzero",
    "cumprod",
    "cumsum",
    "cumulative_prod",
    "cumulative_sum",
    "diff",
    "log_softmax",
    "logsumexp",
    "max",
    "mean",
    "min",
    "prod",
    "softmax",
    "std",
    "sum",
    "var",
]


def _reduction(function: Callable[..., jax.Array]) -> Callable[..., jax.Array]:
    def call(x: Any, *, axis: Any = None, **options: Any) -> jax.Array:
        x = array(x)
        axes_of(x.shape, axis)  # raises for none
        return function(x, axis=_axes(axis), **options)

    return call


def _floating(x: jax.Array) -> jax.Array:
    """Return an array of integers in the default floating-point dtype, for JAX would start from -inf among them."""
    return x if jnp.issubdtype(x.dtype, jnp.inexact) else x.astype(jax.dtypes.canonicalize_dtype("float64"))


all = _reduction(jnp.all)
any = _reduction(jnp.any)
argmax = _reduction(jnp.argmax)
argmin = _reduction(jnp.argmin)
count_nonzero = _reduction(jnp.count_nonzero)
log_softmax = _reduction(lambda x, **options: jax.nn.log_softmax(_floating(x), **options))
logsumexp = _reduction(lambda x, **options: jax.nn.logsumexp(_floating(x), **options))
max = _reduction(jnp.max)
mean = _reduction(jnp.mean)
min = _reduction(jnp.min)
softmax = _reduction(lambda x, **options: jax.nn.softmax(_floating(x), **options))
std = _reduction(lambda x, **options: root(jnp.var(x, **options)))
var = _reduction(jnp.var)


def prod(x: Any, *, axis: Any = None, dtype: Any = None, keepdims: bool = False) -> jax.Array:
    return jnp.prod(array(x), axis=_axes(axis), dtype=as_dtype(dtype), keepdims=keepdims)


def sum(x: Any, *, axis: Any = None, dtype: Any = None, keepdims: bool = False) -> jax.Array:
    return jnp.sum(array(x), axis=_axes(axis), dtype=as_dtype(dtype), keepdims=keepdims)


def _axes(axis: Any) -> Any:
    return tuple(axis) if isinstance(axis, list) else axis


def cumulative_prod(x: Any, *, axis: int | None = None, dtype: Any = None, include_initial: bool = False) -> jax.Array:
    x = _checked(x, axis)
    return jnp.cumulative_prod(x, axis=axis, dtype=_dtype_of_sum(x, dtype), include_initial=include_initial)


def cumulative_sum(x: Any, *, axis: int | None = None, dtype: Any = None, include_initial: bool = False) -> jax.Array:
    x = _checked(x, axis)
    return jnp.cumulative_sum(x, axis=axis, dtype=_dtype_of_sum(x, dtype), include_initial=include_initial)


def _dtype_of_sum(x: jax.Array, dtype: Any) -> Any:
    """Return the dtype of sums and products of integers as wide as JAX has them; `None` for what is none."""
    if dtype is not None or jnp.issubdtype(x.dtype, jnp.inexact):
        return as_dtype(dtype)
    return jax.dtypes.canonicalize_dtype("uint64" if jnp.issubdtype(x.dtype, jnp.unsignedinteger) else "int64")


def _checked(x: Any, axis: int | None) -> jax.Array:
    x = array(x)
    if axis is None and x.ndim != 1:
        raise ValueError(f"a cumulative function needs axis= unless the array is a vector, got {x.ndim} axes")
    return x


def cumprod(x: Any, *, axis: int | None = None, dtype: Any = None) -> jax.Array:
    return cumulative_prod(x, axis=axis, dtype=dtype)


def cumsum(x: Any, *, axis: int | None = None, dtype: Any = None) -> jax.Array:
    return cumulative_sum(x, axis=axis, dtype=dtype)


def diff(x: Any, *, axis: int = -1, n: int = 1, prepend: Any = None, append: Any = None) -> jax.Array:
    ends = (None if end is None else array(end) for end in (prepend, append))
    before, after = ends
    return jnp.diff(array(x), n=n, axis=axis, prepend=before, append=after)
