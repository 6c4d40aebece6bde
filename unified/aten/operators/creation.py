"""Arrays of given values."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from unified.aten.table import operator


def number(value: Any, dtype: Any) -> Any:
    """Return a number as one that `dtype` holds: 64-bit limits become those of 32 bits. Arrays are converted."""
    if isinstance(value, jax.Array):
        return value.astype(dtype)
    if jnp.issubdtype(dtype, jnp.integer) and not isinstance(value, bool):
        limits = jnp.iinfo(dtype)
        value = min(max(int(value), limits.min), limits.max)
    return np.asarray(value, dtype)


@operator("full.default", typed=True)
def full(size: Any, value: Any, dtype: Any, **ignored: Any) -> jax.Array:
    """Return an array of one value."""
    return jnp.full(tuple(size), number(value, dtype), dtype)


@operator("full_like.default", "new_full.default", "fill.Scalar", "fill.Tensor", typed=True)
def full_like(x: jax.Array, *more: Any, dtype: Any, **ignored: Any) -> jax.Array:
    """Return an array of one value, with the shape of `x` or, for `new_full`, with a size."""
    *size, value = more
    return jnp.full(tuple(size[0]) if size else x.shape, number(value, dtype), dtype)


@operator("zeros.default", "empty.memory_format", "empty_strided.default", typed=True)
def zeros(size: Any, *ignored: Any, dtype: Any, **more: Any) -> jax.Array:
    """Return zeros, also for an array that torch leaves without values."""
    return jnp.zeros(tuple(size), dtype)


@operator("zeros_like.default", "empty_like.default", typed=True)
def zeros_like(x: jax.Array, dtype: Any, **ignored: Any) -> jax.Array:
    """Return zeros in the shape of `x`."""
    return jnp.zeros(x.shape, dtype)


@operator("ones.default", typed=True)
def ones(size: Any, dtype: Any, **ignored: Any) -> jax.Array:
    """Return ones."""
    return jnp.ones(tuple(size), dtype)


@operator("ones_like.default", typed=True)
def ones_like(x: jax.Array, dtype: Any, **ignored: Any) -> jax.Array:
    """Return ones in the shape of `x`."""
    return jnp.ones(x.shape, dtype)


@operator("new_zeros.default", "new_empty.default", "new_empty_strided.default", typed=True)
def new_zeros(x: jax.Array, size: Any, *ignored: Any, dtype: Any, **more: Any) -> jax.Array:
    """Return zeros in another shape."""
    return jnp.zeros(tuple(size), dtype)


@operator("new_ones.default", typed=True)
def new_ones(x: jax.Array, size: Any, dtype: Any, **ignored: Any) -> jax.Array:
    """Return ones in another shape."""
    return jnp.ones(tuple(size), dtype)


@operator("copy.default", typed=True)
def copy(x: jax.Array, source: jax.Array, *ignored: Any, dtype: Any) -> jax.Array:
    """Return `source` in the shape and the dtype of `x`."""
    return jnp.broadcast_to(source.astype(dtype), x.shape)


@operator("scalar_tensor.default", typed=True)
def scalar_tensor(value: Any, dtype: Any, **ignored: Any) -> jax.Array:
    """Return an array without axes."""
    return jnp.asarray(number(value, dtype))


@operator("arange", typed=True)
def arange(*bounds: Any, dtype: Any, **ignored: Any) -> jax.Array:
    """Return evenly spaced values, as `range` has them."""
    if all(isinstance(bound, int) for bound in bounds):
        return jnp.arange(*bounds).astype(dtype)
    return jnp.asarray(np.arange(*bounds).astype(dtype))


@operator("linspace.default", typed=True)
def linspace(start: Any, end: Any, steps: int, dtype: Any, **ignored: Any) -> jax.Array:
    """Return `steps` values from `start` to `end`, both included."""
    return jnp.linspace(start, end, steps, dtype=dtype)


@operator("eye", typed=True)
def eye(rows: int, columns: int | None = None, *, dtype: Any, **ignored: Any) -> jax.Array:
    """Return ones on the diagonal, else zeros."""
    return jnp.eye(rows, columns, dtype=dtype)


@operator("tril.default")
def tril(x: jax.Array, diagonal: int = 0) -> jax.Array:
    """Return the lower triangle."""
    return jnp.tril(x, diagonal)


@operator("triu.default")
def triu(x: jax.Array, diagonal: int = 0) -> jax.Array:
    """Return the upper triangle."""
    return jnp.triu(x, diagonal)


@operator("complex.default")
def complex_of(real: jax.Array, imag: jax.Array) -> jax.Array:
    """Return complex values."""
    return jax.lax.complex(real, imag)


@operator("polar.default")
def polar(size: jax.Array, angle: jax.Array) -> jax.Array:
    """Return complex values from sizes and angles."""
    return jax.lax.complex(size * jnp.cos(angle), size * jnp.sin(angle))


@operator("view_as_complex.default")
def view_as_complex(x: jax.Array) -> jax.Array:
    """Return pairs of values as complex ones."""
    return jax.lax.complex(x[..., 0], x[..., 1])


@operator("view_as_real.default")
def view_as_real(x: jax.Array) -> jax.Array:
    """Return complex values as pairs."""
    return jnp.stack([jnp.real(x), jnp.imag(x)], -1)
