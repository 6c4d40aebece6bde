"""Reading and writing at places that arrays name."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from unified.aten.operators.creation import number
from unified.aten.table import operator
from unified.backends.jax import functional as F


def _index(x: jax.Array, indices: Any) -> tuple[Any, ...]:
    return tuple(slice(None) if index is None else index for index in indices)


@operator("index.Tensor", "_unsafe_index.Tensor")
def take(x: jax.Array, indices: Any) -> jax.Array:
    """Return the values at the places that the arrays name together; `None` keeps an axis."""
    return x[_index(x, indices)]


@operator("index_put.default", "_unsafe_index_put.default")
def put(x: jax.Array, indices: Any, values: jax.Array, accumulate: bool = False) -> jax.Array:
    """Return `x` with the values at these places replaced, or added to.

    A mask of booleans chooses between `x` and the values, if those are the same wherever it is true.
    """
    used = [(axis, index) for axis, index in enumerate(indices) if index is not None]
    if any(index.dtype == jnp.bool_ for _, index in used):
        (axis, mask), *more = used
        rest = x.ndim - axis - mask.ndim
        if more or (values.ndim > rest and (axis or values.shape[0] != 1)):
            raise NotImplementedError(
                "an assignment at a mask takes a value for each place where it is true, and how many these are is not "
                "known: assign one value, or choose by torch.where"
            )
        mask = mask.reshape((*mask.shape, *(1,) * rest))
        values = (values if values.ndim <= rest else values[0]).astype(x.dtype)
        return jnp.where(mask, x + values if accumulate else values, x)
    place = x.at[_index(x, indices)]
    values = values.astype(x.dtype)
    return place.add(values) if accumulate else place.set(values)


@operator("index_select.default")
def index_select(x: jax.Array, dim: int, index: jax.Array) -> jax.Array:
    """Return slices along an axis."""
    return jnp.take(x, index.reshape(-1), dim) if x.ndim else x


@operator("index_add.default")
def index_add(x: jax.Array, dim: int, index: jax.Array, source: jax.Array, *, alpha: Any = 1) -> jax.Array:
    """Return `x` with slices along an axis added to."""
    return x.at[(slice(None),) * (dim % x.ndim) + (index,)].add((source * alpha).astype(x.dtype))


@operator("gather.default")
def gather(x: jax.Array, dim: int, index: jax.Array, **ignored: Any) -> jax.Array:
    """Return the values whose place along `dim` is `index`, and along other axes that of the index itself."""
    return x[_places(index, dim)] if x.ndim else jnp.broadcast_to(x, index.shape)


def _places(index: jax.Array, dim: int) -> tuple[Any, ...]:
    """Return the index arrays of `gather` and `scatter`: a range for each axis, and the index along `dim`."""
    ranges: list[Any] = list(np.ix_(*(np.arange(size) for size in index.shape)))
    ranges[dim % index.ndim] = index
    return tuple(ranges)


@operator("scatter.src", "scatter.value", typed=True)
def scatter(x: jax.Array, dim: int, index: jax.Array, source: Any, *, dtype: Any) -> jax.Array:
    """Return `x` with the values at the places of `gather` replaced."""
    if not x.ndim:
        return jnp.asarray(number(source, dtype)).reshape(()) if index.size else x
    return x.at[_places(index, dim)].set(_source(source, index, dtype))


def _source(source: Any, index: jax.Array, dtype: Any) -> Any:
    if not isinstance(source, jax.Array):
        return number(source, dtype)
    return source[tuple(slice(size) for size in index.shape)].astype(dtype)


@operator("scatter_add.default", typed=True)
def scatter_add(x: jax.Array, dim: int, index: jax.Array, source: jax.Array, *, dtype: Any) -> jax.Array:
    """Return `x` with the values at the places of `gather` added to."""
    return x.at[_places(index, dim)].add(_source(source, index, dtype))


@operator("scatter_reduce.two", typed=True)
def scatter_reduce(
    x: jax.Array, dim: int, index: jax.Array, source: jax.Array, reduce: str, *, include_self: bool = True, dtype: Any
) -> jax.Array:
    """Return `x` with the values at the places of `gather` reduced with it, or by themselves."""
    places, source = _places(index, dim), _source(source, index, dtype)
    if not include_self:
        low, high = (-jnp.inf, jnp.inf) if jnp.issubdtype(dtype, jnp.floating) else _limits(dtype)
        neutral = {"sum": 0, "mean": 0, "prod": 1, "amax": low, "amin": high}
        x = x.at[places].set(neutral[reduce])
    if reduce == "mean":
        counts = jnp.full(x.shape, int(include_self)).at[places].add(1)
        return x.at[places].add(source) / jnp.maximum(counts, 1).astype(dtype)
    method = {"sum": "add", "prod": "multiply", "amax": "max", "amin": "min"}[reduce]
    return getattr(x.at[places], method)(source)


def _limits(dtype: Any) -> tuple[int, int]:
    return (0, 1) if dtype == jnp.bool_ else (jnp.iinfo(dtype).min, jnp.iinfo(dtype).max)


@operator("masked_scatter.default")
def masked_scatter(x: jax.Array, mask: jax.Array, source: jax.Array) -> jax.Array:
    """Return `x` with the values where the mask is true replaced by those of `source`, in order."""
    x, mask = jnp.broadcast_arrays(x, mask)
    order = jnp.cumsum(mask.reshape(-1)) - 1
    values = source.reshape(-1)[jnp.clip(order, 0, max(source.size - 1, 0))] if source.size else x.reshape(-1)
    return jnp.where(mask, values.reshape(x.shape).astype(x.dtype), x)


@operator("embedding.default")
def embedding(
    weight: jax.Array, index: jax.Array, padding: int = -1, scale_by_frequency: bool = False, sparse: bool = False
) -> jax.Array:
    """Return rows of a table."""
    return F.embedding(index, weight, None if padding == -1 else padding, scale_grad_by_freq=scale_by_frequency)


@operator("embedding_bag.default", "_embedding_bag.default", "_embedding_bag_forward_only.default")
def embedding_bag(
    weight: jax.Array,
    index: jax.Array,
    offsets: jax.Array,
    scale_by_frequency: bool = False,
    mode: int = 0,
    sparse: bool = False,
    per_sample_weights: Any = None,
    include_last_offset: bool = False,
    padding: int | None = -1,
) -> tuple[jax.Array, ...]:
    """Return the sum, mean or maximum of the rows of each bag; what torch keeps for its backward pass is empty."""
    output = F.embedding_bag(
        index,
        weight,
        offsets,
        scale_grad_by_freq=scale_by_frequency,
        mode=("sum", "mean", "max")[mode],
        per_sample_weights=per_sample_weights,
        include_last_offset=include_last_offset,
        padding_idx=None if padding == -1 else padding,
    )
    empty = jnp.zeros(0, int)
    return output, empty, empty, empty


@operator("one_hot.default")
def one_hot(index: jax.Array, classes: int = -1) -> jax.Array:
    """Return zeros with a one at each index."""
    return F.one_hot(index, classes)
