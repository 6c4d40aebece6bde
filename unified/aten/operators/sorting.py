"""Sorting."""

from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

from unified.aten.table import operator


def _sort(x: jax.Array, dim: int, descending: bool) -> tuple[jax.Array, jax.Array]:
    if x.ndim == 0:
        return x, jnp.zeros((), int)
    order = jnp.argsort(x, dim, stable=True, descending=descending)
    return jnp.take_along_axis(x, order, dim), order


@operator("sort.default")
def sort(x: jax.Array, dim: int = -1, descending: bool = False) -> tuple[jax.Array, jax.Array]:
    """Return the values in order, and the places where they were."""
    return _sort(x, dim, descending)


@operator("sort.stable")
def sort_stable(x: jax.Array, *, stable: Any = None, dim: int = -1, descending: bool = False) -> Any:
    """Return the values in order, and the places where they were; equal ones keep their order."""
    return _sort(x, dim, descending)


@operator("argsort.default", "argsort.stable")
def argsort(x: jax.Array, dim: int = -1, descending: bool = False, **ignored: Any) -> jax.Array:
    """Return the places of the values in order."""
    return _sort(x, dim, descending)[1]


@operator("topk.default")
def topk(x: jax.Array, k: int, dim: int = -1, largest: bool = True, sorted: bool = True) -> Any:
    """Return the `k` largest or smallest values along `dim`, and their places."""
    if x.ndim == 0:
        return x, jnp.zeros((), int)
    last = jnp.moveaxis(x, dim, -1)
    if largest:
        indices = lax.top_k(lax.stop_gradient(last), k)[1]
    else:
        indices = jnp.argsort(last, -1, stable=True)[..., :k]
    values = jnp.take_along_axis(last, indices, -1)
    return jnp.moveaxis(values, -1, dim), jnp.moveaxis(indices, -1, dim)


@operator("searchsorted.Tensor")
def searchsorted(
    edges: jax.Array,
    values: jax.Array,
    *,
    out_int32: bool = False,
    right: bool = False,
    side: Any = None,
    sorter: Any = None,
) -> jax.Array:
    """Return the places of values in sorted edges, whose axes before the last are those of the values."""
    side = ("right" if right else "left") if side is None else side
    if sorter is not None:
        edges = jnp.take_along_axis(edges, sorter, -1)
    search = lambda edges, values: jnp.searchsorted(edges, values, side=side)  # noqa: E731
    for _ in range(edges.ndim - 1):
        search = jax.vmap(search)
    return search(edges, values)


@operator("bucketize.Tensor")
def bucketize(values: jax.Array, edges: jax.Array, *, out_int32: bool = False, right: bool = False) -> jax.Array:
    """Return the bucket of each value."""
    return jnp.searchsorted(edges, values, side="right" if right else "left")
