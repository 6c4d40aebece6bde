"""Collectives of `jax.lax` over the named axes of `jax.vmap` and `jax.pmap`.

All are made of one step, which gives each lane the values of all of them (`unified.backends.torch.lanes`). `jax.pmap`
runs over the one device there is, so that its axes have size 1.
"""

import math
from collections.abc import Callable
from typing import Any

import torch

from unified.backends.torch import lanes
from unified.compat.jax.on_torch import tracing
from unified.compat.jax.on_torch import tree_util as tree
from unified.compat.jax.on_torch.array import Array, tensor
from unified.compat.jax.on_torch.behaviour import Behaviour
from unified.compat.jax.on_torch.dtypes import default_float
from unified.compat.jax.on_torch.typed_keys import KeyArray, refuse

__all__ = [
    "all_gather",
    "all_to_all",
    "axis_index",
    "axis_size",
    "pmax",
    "pmean",
    "pmin",
    "ppermute",
    "pshuffle",
    "psum",
    "psum_scatter",
]

BEHAVIOUR = Behaviour(on_arrays=True)


def _names(axis_name: Any) -> tuple[Any, ...]:
    return lanes.names_of(axis_name) or (None,)


def _gather(x: torch.Tensor, name: Any) -> torch.Tensor:
    if not tracing.is_tracing():
        return lanes.gather(x, name)
    axis, within = lanes.find(name)
    return x.unsqueeze(0) if axis.place is None else _gather_along(x, axis.place, within, axis.size)


@tracing.primitive(lambda x, place, within, size: tracing.Abstract((size, *x.shape), x.dtype, x.device))
def _gather_along(x: torch.Tensor, place: torch.Tensor, within: list[torch.Tensor], size: int) -> torch.Tensor:
    return lanes.gather_along(x, place, within)


def _like(leaf: Any, value: torch.Tensor) -> Array:
    """Return values that were moved, as keys if they are keys."""
    return KeyArray(value) if isinstance(leaf, KeyArray) else Array(value)


def _gathered(x: Any, axis_name: Any, groups: Any = None) -> torch.Tensor:
    """The values of all lanes, or of those in the group of this one, along a new first axis."""
    found, names = tensor(x), _names(axis_name)
    for name in reversed(names):
        found = _gather(found, name)
    found = found.flatten(0, len(names) - 1) if len(names) > 1 else found
    if groups is None:
        return found
    rows = {lane: list(group) for group in groups for lane in group}
    table = torch.tensor([rows[lane] for lane in range(found.shape[0])])
    return torch.index_select(found, 0, lanes.select(table, 0, _place(axis_name)).to(found.device))


def _place(axis_name: Any) -> torch.Tensor:
    """The number of this lane among all of the axes."""
    place = torch.zeros((), dtype=torch.int64)
    for name in _names(axis_name):
        axis, _ = lanes.find(name)
        place = place * axis.size + (0 if axis.place is None else axis.place)
    return place


def axis_size(axis_name: Any) -> int:
    return math.prod(lanes.find(name)[0].size for name in _names(axis_name))


def axis_index(axis_name: Any) -> Array:
    return Array(_place(axis_name).to(torch.int32))


def _reducing(reduce: Callable[[torch.Tensor], torch.Tensor]) -> Callable[..., Any]:
    def collective(x: Any, axis_name: Any, *, axis_index_groups: Any = None) -> Any:
        def reduced(leaf: Any) -> Array:
            if isinstance(leaf, KeyArray):
                refuse("a sum, mean or extreme of lanes")
            return Array(reduce(_gathered(leaf, axis_name, axis_index_groups)))

        return tree.tree_map(reduced, x)

    return collective


def _mean(x: torch.Tensor) -> torch.Tensor:
    return x.mean(0) if x.is_floating_point() or x.is_complex() else x.to(default_float()).mean(0)


pmean, pmax, pmin = _reducing(_mean), _reducing(lambda x: x.amax(0)), _reducing(lambda x: x.amin(0))
_psum = _reducing(lambda x: x.sum(0, dtype=x.dtype))


def psum(x: Any, axis_name: Any, *, axis_index_groups: Any = None) -> Any:
    if all(isinstance(leaf, int | float) for leaf in tree.tree_leaves(x)):  # the size of the axis, as psum(1, name)
        size = axis_size(axis_name) if axis_index_groups is None else len(axis_index_groups[0])
        return tree.tree_map(lambda leaf: leaf * size, x)
    return _psum(x, axis_name, axis_index_groups=axis_index_groups)


def all_gather(x: Any, axis_name: Any, *, axis_index_groups: Any = None, axis: int = 0, tiled: bool = False) -> Any:
    def gather(leaf: Any) -> Array:
        found = _gathered(leaf, axis_name, axis_index_groups)
        return _like(leaf, torch.cat(found.unbind(0), axis) if tiled else found.movedim(0, axis))

    return tree.tree_map(gather, x)


def _split(x: torch.Tensor, axis: int, count: int, tiled: bool) -> torch.Tensor:
    """`count` parts along `axis`, which are blocks of it if `tiled`, along a new first axis."""
    return torch.stack(x.chunk(count, axis)) if tiled else x.movedim(axis, 0)


def psum_scatter(
    x: Any, axis_name: Any, *, scatter_dimension: int = 0, axis_index_groups: Any = None, tiled: bool = False
) -> Any:
    if axis_index_groups is not None:
        raise NotImplementedError("psum_scatter takes no axis_index_groups on torch: gather and sum them")

    def scatter(leaf: Any) -> Array:
        if isinstance(leaf, KeyArray):
            refuse("psum_scatter")
        found = _gathered(leaf, axis_name)
        return Array(lanes.select(_split(found.sum(0), scatter_dimension, found.shape[0], tiled), 0, _place(axis_name)))

    return tree.tree_map(scatter, x)


def all_to_all(
    x: Any, axis_name: Any, split_axis: int, concat_axis: int, *, axis_index_groups: Any = None, tiled: bool = False
) -> Any:
    if axis_index_groups is not None:
        raise NotImplementedError("all_to_all takes no axis_index_groups on torch: permute the lanes")

    def exchange(leaf: Any) -> Array:
        found = _gathered(leaf, axis_name)
        count = found.shape[0]
        parts = torch.stack([_split(part, split_axis, count, tiled) for part in found.unbind(0)], 1)
        mine = lanes.select(parts, 0, _place(axis_name))
        return _like(leaf, torch.cat(mine.unbind(0), concat_axis) if tiled else mine.movedim(0, concat_axis))

    return tree.tree_map(exchange, x)


def ppermute(x: Any, axis_name: Any, perm: Any) -> Any:
    """What the lane that sends to this one has; zeros if none does."""
    sources = {int(target): int(source) for source, target in perm}
    if len(sources) < len(perm):
        raise ValueError(f"ppermute sends to a lane twice: {list(perm)}")
    numbers, place = range(axis_size(axis_name)), _place(axis_name)
    source = lanes.select(torch.tensor([sources.get(lane, 0) for lane in numbers]), 0, place)
    receives = lanes.select(torch.tensor([lane in sources for lane in numbers]), 0, place)

    def permute(leaf: Any) -> Array:
        value = lanes.select(_gathered(leaf, axis_name), 0, source)
        return _like(leaf, torch.where(receives.to(value.device), value, torch.zeros_like(value)))

    return tree.tree_map(permute, x)


def pshuffle(x: Any, axis_name: Any, perm: Any) -> Any:
    """The values of lane `perm[i]` in lane `i`."""
    return ppermute(x, axis_name, [(source, target) for target, source in enumerate(perm)])
