"""Shapes: views, copies and joins. Arrays are immutable, so that a view is a value like any other."""

from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

from unified.aten.table import operator


@operator("view.default", "reshape.default", "_unsafe_view.default", "view_copy.default", "_reshape_alias.default")
def reshape(x: jax.Array, size: Any, *ignored: Any) -> jax.Array:
    """Return the values in another shape, of which one size may be -1."""
    return jnp.reshape(x, tuple(size))


@operator("view.dtype", typed=True)
def bitcast(x: jax.Array, _: Any = None, *, dtype: Any) -> jax.Array:
    """Return the bits of `x` as another dtype."""
    return x.view(dtype)


@operator("expand.default", "expand_copy.default")
def expand(x: jax.Array, size: Any, **ignored: Any) -> jax.Array:
    """Repeat axes of size one; a size of -1 keeps an axis, and more axes come first."""
    new = len(size) - x.ndim
    shape = [x.shape[axis - new] if width == -1 else width for axis, width in enumerate(size)]
    return jnp.broadcast_to(x, tuple(shape))


@operator("permute.default", "permute_copy.default")
def permute(x: jax.Array, dims: Any) -> jax.Array:
    """Return the axes in another order."""
    return jnp.transpose(x, tuple(dims))


@operator("transpose.int")
def transpose(x: jax.Array, one: int, two: int) -> jax.Array:
    """Exchange two axes."""
    return jnp.swapaxes(x, one, two) if x.ndim else x


@operator("t.default")
def transpose_matrix(x: jax.Array) -> jax.Array:
    """Return the transpose of a matrix; a vector as it is."""
    return x.T


@operator("unsqueeze.default")
def unsqueeze(x: jax.Array, dim: int) -> jax.Array:
    """Add an axis of size one."""
    return jnp.expand_dims(x, dim)


@operator("squeeze")
def squeeze(x: jax.Array, dim: Any = None) -> jax.Array:
    """Remove axes of size one; others are left."""
    if x.ndim == 0:
        return x
    dims = range(x.ndim) if dim is None else dim if isinstance(dim, (list, tuple)) else [dim]
    return jnp.squeeze(x, tuple(axis % x.ndim for axis in dims if x.shape[axis] == 1))


@operator("cat.default")
def concatenate(arrays: Any, dim: int = 0) -> jax.Array:
    """Join arrays along an axis; arrays of shape (0,) count for nothing, as in torch."""
    parts = [array for array in arrays if array.shape != (0,)] or arrays[:1]
    return parts[0] if len(parts) == 1 else jnp.concatenate(parts, dim)


@operator("stack.default")
def stack(arrays: Any, dim: int = 0) -> jax.Array:
    """Join arrays along a new axis."""
    return jnp.stack(arrays, dim)


@operator("split_with_sizes.default", "split_with_sizes_copy.default", "split.sizes")
def split_sizes(x: jax.Array, sizes: Any, dim: int = 0) -> list[jax.Array]:
    """Return parts of these sizes along an axis."""
    return list(lax.split(x, tuple(sizes), dim % x.ndim))


@operator("split.Tensor", "split_copy.Tensor")
def split(x: jax.Array, size: int, dim: int = 0) -> list[jax.Array]:
    """Return parts of one size along an axis, of which the last may be smaller."""
    length = x.shape[dim]
    sizes = [min(size, length - start) for start in range(0, length, size)] if size else []
    return split_sizes(x, sizes or [length], dim)


@operator("chunk.default")
def chunk(x: jax.Array, count: int, dim: int = 0) -> list[jax.Array]:
    """Return up to `count` parts of one size, rounded up."""
    return split(x, max(-(-x.shape[dim] // count), 1), dim)


@operator("unbind.int", "unbind_copy.int")
def unbind(x: jax.Array, dim: int = 0) -> list[jax.Array]:
    """Return the slices along an axis."""
    return [lax.index_in_dim(x, index, dim, keepdims=False) for index in range(x.shape[dim])]


@operator("select.int", "select_copy.int")
def select(x: jax.Array, dim: int, index: int) -> jax.Array:
    """Return one slice along an axis."""
    return lax.index_in_dim(x, index, dim, keepdims=False)


def bounds(size: int, start: int | None, end: int | None) -> tuple[int, int]:
    """Return the bounds of a slice within an axis: negative ones count from its end, and others are limited to it."""
    start, end, _ = slice(start, end).indices(size)
    return start, max(start, end)


@operator("slice.Tensor", "slice_copy.Tensor")
def slice_axis(x: jax.Array, dim: int = 0, start: Any = None, end: Any = None, step: int = 1) -> jax.Array:
    """Return a slice along an axis."""
    first, last = bounds(x.shape[dim], start, end)
    return x if (first, last, step) == (0, x.shape[dim], 1) else lax.slice_in_dim(x, first, last, step, dim)


@operator("narrow.default")
def narrow(x: jax.Array, dim: int, start: int, length: int) -> jax.Array:
    """Return `length` values along an axis, from `start` on."""
    start = start % max(x.shape[dim], 1) if start < 0 else start
    return lax.slice_in_dim(x, start, start + length, 1, dim)


@operator("slice_scatter.default")
def slice_scatter(
    x: jax.Array, source: jax.Array, dim: int = 0, start: Any = None, end: Any = None, step: int = 1
) -> jax.Array:
    """Return `x` with a slice along an axis replaced."""
    first, last = bounds(x.shape[dim], start, end)
    index = (slice(None),) * (dim % x.ndim) + (slice(first, last, step),)
    return x.at[index].set(source.astype(x.dtype))


@operator("select_scatter.default")
def select_scatter(x: jax.Array, source: jax.Array, dim: int, index: int) -> jax.Array:
    """Return `x` with one slice along an axis replaced."""
    return x.at[(slice(None),) * (dim % x.ndim) + (index,)].set(source.astype(x.dtype))


@operator("flip.default")
def flip(x: jax.Array, dims: Any) -> jax.Array:
    """Reverse the order along axes."""
    return jnp.flip(x, tuple(dims)) if len(dims) else x


@operator("roll.default")
def roll(x: jax.Array, shifts: Any, dims: Any = ()) -> jax.Array:
    """Shift values along axes, around the end; without axes, in the flat order."""
    if isinstance(shifts, int):
        shifts = (shifts,)
    return jnp.roll(x, tuple(shifts), tuple(dims)) if len(dims) else jnp.roll(x, shifts[0])


@operator("repeat.default", "tile.default")
def repeat(x: jax.Array, repeats: Any) -> jax.Array:
    """Repeat the whole array along each axis."""
    return jnp.tile(x, tuple(repeats))


@operator("repeat_interleave.self_int")
def repeat_interleave(x: jax.Array, repeats: int, dim: int | None = None, **ignored: Any) -> jax.Array:
    """Repeat each value along an axis."""
    return jnp.repeat(x, repeats, dim)


@operator("diagonal.default", "diagonal_copy.default")
def diagonal(x: jax.Array, offset: int = 0, one: int = 0, two: int = 1) -> jax.Array:
    """Return the diagonal of two axes, which becomes the last axis."""
    return jnp.diagonal(x, offset, one, two)


@operator("diagonal_scatter.default")
def diagonal_scatter(x: jax.Array, source: jax.Array, offset: int = 0, one: int = 0, two: int = 1) -> jax.Array:
    """Return `x` with the diagonal of two axes replaced."""
    moved = jnp.moveaxis(x, (one, two), (-2, -1))
    steps = jnp.arange(source.shape[-1])
    moved = moved.at[..., steps + max(-offset, 0), steps + max(offset, 0)].set(source.astype(x.dtype))
    return jnp.moveaxis(moved, (-2, -1), (one, two))


@operator("diag_embed.default")
def diag_embed(x: jax.Array, offset: int = 0, one: int = -2, two: int = -1) -> jax.Array:
    """Return matrices with the last axis of `x` on a diagonal."""
    size = x.shape[-1] + abs(offset)
    return (
        diagonal_scatter(jnp.zeros((*x.shape[:-1], size, size), x.dtype), x, offset, -2, -1)
        if (
            one,
            two,
        )
        == (-2, -1)
        else jnp.moveaxis(diag_embed(x, offset), (-2, -1), (one, two))
    )


@operator("unfold.default", "unfold_copy.default")
def windows(x: jax.Array, dim: int, size: int, step: int) -> jax.Array:
    """Return the windows along an axis; the values of each are the last axis of the result."""
    if x.ndim == 0:
        return x[None]
    count = (x.shape[dim] - size) // step + 1
    index = jnp.arange(count)[:, None] * step + jnp.arange(size)
    return jnp.moveaxis(jnp.take(x, index, dim), dim % x.ndim + 1, -1)
