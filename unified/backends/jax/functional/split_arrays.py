"""Reshapes and gathers on a mesh with explicit axes, where JAX asks how their results are split."""

from typing import Any

import jax
import jax.numpy as jnp
from jax import lax
from jax.sharding import NamedSharding, PartitionSpec

__all__ = ["counts_of", "reshape", "rows_at", "take"]


def _split(array: Any) -> tuple[Any, tuple[Any, ...]]:
    """Return the mesh of an array, and for each dimension the explicit axes over which it is split."""
    sharding = jax.typeof(array).sharding
    return sharding.mesh, tuple(sharding.spec) + (None,) * (array.ndim - len(sharding.spec))


def _options(mesh: Any, axes: Any) -> dict[str, Any]:
    """Return the option that says how a result is split; none on a mesh without explicit axes.

    It is given also where nothing is split, since `vmap` adds the axis over which it maps.
    """
    return {"out_sharding": NamedSharding(mesh, PartitionSpec(*axes))} if mesh.explicit_axes else {}


def reshape(array: jax.Array, *shape: int) -> jax.Array:
    """Return the array in another shape. Its first and last dimensions that keep their size stay split."""
    mesh, axes = _split(array)
    if not mesh.explicit_axes:
        return array.reshape(shape)
    least = min(array.ndim, len(shape))
    first = next((i for i in range(least) if array.shape[i] != shape[i]), least)
    last = next((i for i in range(least - first) if array.shape[-1 - i] != shape[-1 - i]), least - first)
    end = array.ndim - last
    if any(axes[first:end]):
        return array.reshape(shape)  # JAX knows the split of the result, or says that it is not clear
    kept = (*axes[:first], *(None,) * (len(shape) - first - last), *axes[end:])
    return lax.reshape(array, shape, **_options(mesh, kept))


def rows_at(table: jax.Array, index: jax.Array, **options: Any) -> jax.Array:
    """Return `table.at[index].get(**options)`, split as the index is, and then as the table is after its rows."""
    (table_mesh, (_, *others)), (mesh, axes) = _split(table), _split(index)
    taken = {name for part in axes for name in (part if isinstance(part, tuple) else (part,))}
    free = [None if taken & set(part if isinstance(part, tuple) else (part,)) else part for part in others]
    return table.at[index].get(**options, **_options(mesh if mesh.explicit_axes else table_mesh, (*axes, *free)))


def take(array: jax.Array, index: Any, axis: int) -> jax.Array:
    """Return the values at positions `index` along `axis`, all within the array. Other dimensions stay split."""
    mesh, axes = _split(array)
    at = array.at[(*(slice(None),) * axis, index)]
    options = _options(mesh, (*axes[:axis], None, *axes[axis + 1 :]))
    return at.get(mode="promise_in_bounds", wrap_negative_indices=False, **options)


def counts_of(index: jax.Array, size: int, dtype: Any) -> jax.Array:
    """Return how often each of `size` integers is in `index`, on all devices."""
    return jnp.zeros(size, dtype).at[index].add(1, **_options(_split(index)[0], ()))
