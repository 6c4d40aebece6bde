"""Arrays with other elements at some positions, on JAX."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from unified.backends.jax.numpy.operands import array, as_number

__all__ = ["index_add", "index_get", "index_max", "index_min", "index_multiply", "index_set"]


def _index(index: Any) -> Any:
    """Return an index as JAX takes it: a list as an array."""
    if isinstance(index, tuple):
        return tuple([_index(item) for item in index])
    return np.asarray(index) if isinstance(index, list) else index


def _values(x: jax.Array, values: Any) -> jax.Array:
    return jnp.asarray(array(as_number(values)), dtype=x.dtype)


def index_add(x: Any, index: Any, values: Any) -> jax.Array:
    x = array(x)
    return x.at[_index(index)].add(_values(x, values))


def index_get(x: Any, index: Any) -> jax.Array:
    index = _index(index)
    if all(
        item is None or item is ... or isinstance(item, slice)
        for item in (index if isinstance(index, tuple) else (index,))
    ):
        return array(x)[index]
    # JAX's own `x[index]` returns the nearest element for a position beyond the array.
    return array(x).at[index].get(mode="fill")


def index_max(x: Any, index: Any, values: Any) -> jax.Array:
    x = array(x)
    return x.at[_index(index)].max(_values(x, values))


def index_min(x: Any, index: Any, values: Any) -> jax.Array:
    x = array(x)
    return x.at[_index(index)].min(_values(x, values))


def index_multiply(x: Any, index: Any, values: Any) -> jax.Array:
    x = array(x)
    return x.at[_index(index)].multiply(_values(x, values))


def index_set(x: Any, index: Any, values: Any) -> jax.Array:
    x = array(x)
    return x.at[_index(index)].set(_values(x, values))
