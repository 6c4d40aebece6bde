"""Reductions, and functions along an axis."""

from typing import Any

import jax
import jax.numpy as jnp

from unified.aten.table import operator


def _axes(dim: Any) -> Any:
    """Return axes as NumPy takes them: none of a list is all, as in torch."""
    if isinstance(dim, (list, tuple)):
        return tuple(dim) or None
    return dim


@operator("sum", typed=True)
def total(x: jax.Array, dim: Any = None, keepdim: bool = False, *, dtype: Any) -> jax.Array:
    """Return the sum."""
    return jnp.sum(x, _axes(dim), keepdims=keepdim, dtype=dtype)


@operator("mean.default", "mean.dim", typed=True)
def mean(x: jax.Array, dim: Any = None, keepdim: bool = False, *, dtype: Any) -> jax.Array:
    """Return the mean."""
    return jnp.mean(x, _axes(dim), keepdims=keepdim, dtype=dtype)


@operator("prod", typed=True)
def product(x: jax.Array, dim: Any = None, keepdim: bool = False, *, dtype: Any) -> jax.Array:
    """Return the product."""
    return jnp.prod(x, _axes(dim), keepdims=keepdim, dtype=dtype)


@operator("amax.default")
def amax(x: jax.Array, dim: Any = (), keepdim: bool = False) -> jax.Array:
    """Return the largest values; equal ones share the gradient."""
    return jnp.max(x, _axes(dim), keepdims=keepdim)


@operator("amin.default")
def amin(x: jax.Array, dim: Any = (), keepdim: bool = False) -> jax.Array:
    """Return the smallest values; equal ones share the gradient."""
    return jnp.min(x, _axes(dim), keepdims=keepdim)


operator("max.default")(jnp.max)
operator("min.default")(jnp.min)


def _with_indices(x: jax.Array, indices: jax.Array, dim: int, keepdim: bool) -> tuple[jax.Array, jax.Array]:
    if x.ndim == 0:
        return x, jnp.zeros((), indices.dtype)
    indices = jnp.expand_dims(indices, dim)
    values = jnp.take_along_axis(x, indices, dim)
    return (values, indices) if keepdim else (jnp.squeeze(values, dim), jnp.squeeze(indices, dim))


@operator("max.dim")
def largest(x: jax.Array, dim: int, keepdim: bool = False) -> tuple[jax.Array, jax.Array]:
    """Return the largest values along `dim`, and their places; the first of equal ones has the gradient."""
    return _with_indices(x, jnp.argmax(x, dim) if x.ndim else jnp.zeros((), int), dim, keepdim)


@operator("min.dim")
def smallest(x: jax.Array, dim: int, keepdim: bool = False) -> tuple[jax.Array, jax.Array]:
    """Return the smallest values along `dim`, and their places; the first of equal ones has the gradient."""
    return _with_indices(x, jnp.argmin(x, dim) if x.ndim else jnp.zeros((), int), dim, keepdim)


@operator("argmax.default")
def argmax(x: jax.Array, dim: int | None = None, keepdim: bool = False) -> jax.Array:
    """Return the places of the largest values."""
    return jnp.argmax(x, dim, keepdims=keepdim)


@operator("argmin.default")
def argmin(x: jax.Array, dim: int | None = None, keepdim: bool = False) -> jax.Array:
    """Return the places of the smallest values."""
    return jnp.argmin(x, dim, keepdims=keepdim)


@operator("var.correction")
def variance(x: jax.Array, dim: Any = None, *, correction: Any = None, keepdim: bool = False) -> jax.Array:
    """Return the variance."""
    return jnp.var(x, _axes(dim), ddof=1 if correction is None else correction, keepdims=keepdim)


@operator("var.default")
def variance_of_all(x: jax.Array, unbiased: bool = True) -> jax.Array:
    """Return the variance of all values."""
    return jnp.var(x, ddof=int(unbiased))


@operator("var.dim")
def variance_of(x: jax.Array, dim: Any = None, unbiased: bool = True, keepdim: bool = False) -> jax.Array:
    """Return the variance."""
    return variance(x, dim, correction=int(unbiased), keepdim=keepdim)


@operator("var_mean.correction")
def variance_and_mean(x: jax.Array, dim: Any = None, *, correction: Any = None, keepdim: bool = False) -> Any:
    """Return the variance and the mean."""
    return variance(x, dim, correction=correction, keepdim=keepdim), jnp.mean(x, _axes(dim), keepdims=keepdim)


@operator("logsumexp.default")
def logsumexp(x: jax.Array, dim: Any, keepdim: bool = False) -> jax.Array:
    """Return the logarithm of the sum of exponentials."""
    return jax.nn.logsumexp(x, _axes(dim), keepdims=keepdim)


@operator("linalg_vector_norm.default", typed=True)
def vector_norm(x: jax.Array, ord: float = 2, dim: Any = None, keepdim: bool = False, *, dtype: Any) -> jax.Array:
    """Return the norm of order `ord`; the gradient of a norm of zero is zero, as in torch."""
    axes, x = _axes(dim), x.astype(dtype)
    size = jnp.abs(x)
    if ord == 0:
        return jnp.sum(x != 0, axes, keepdims=keepdim).astype(dtype)
    if ord in (float("inf"), float("-inf")):
        return (jnp.max if ord > 0 else jnp.min)(size, axes, keepdims=keepdim)
    if ord == 1:
        return jnp.sum(x * jax.lax.stop_gradient(jnp.sign(x)), axes, keepdims=keepdim)
    powers = jnp.sum(x * x if ord == 2 else size**ord, axes, keepdims=keepdim)
    is_zero = powers == 0
    return jnp.where(is_zero, 0, jnp.where(is_zero, 1, powers) ** (1 / ord) if ord != 2 else _root(powers, is_zero))


def _root(powers: jax.Array, is_zero: jax.Array) -> jax.Array:
    return jnp.sqrt(jnp.where(is_zero, 1, powers))


@operator("cumsum.default", typed=True)
def cumsum(x: jax.Array, dim: int, *, dtype: Any) -> jax.Array:
    """Return the sums up to each place."""
    return jnp.cumsum(x, dim, dtype=dtype) if x.ndim else x.astype(dtype)


@operator("cumprod.default", typed=True)
def cumprod(x: jax.Array, dim: int, *, dtype: Any) -> jax.Array:
    """Return the products up to each place."""
    return jnp.cumprod(x, dim, dtype=dtype) if x.ndim else x.astype(dtype)


@operator("logcumsumexp.default")
def logcumsumexp(x: jax.Array, dim: int) -> jax.Array:
    """Return the logarithm of the sums of exponentials up to each place."""
    return jax.lax.cumlogsumexp(x, dim % x.ndim) if x.ndim else x
