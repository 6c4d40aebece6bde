"""Collectives of `jax.lax` over the named axes of `jax.vmap` and `jax.pmap`.

All are based on one operation, which returns the values of all elements of the axis to each element. Elements of
`torch.func.vmap` do not see each other, but the vmap rule of an `autograd.Function` is called with all of them
together. `jax.pmap` runs over one device, so its axes have size 1.
"""

import contextlib
import math
import threading
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import torch

from unified.compat.jax.on_torch import tree_util as tree
from unified.compat.jax.on_torch.array import Array, tensor
from unified.compat.jax.on_torch.behaviour import Behaviour
from unified.compat.jax.on_torch.dtypes import default_float

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


class _Axis(NamedTuple):
    """A mapped axis: its name, its size, and the position of the running element (`None` for `pmap`)."""

    name: Any
    size: int
    position: torch.Tensor | None


class _Axes(threading.local):
    """The mapped axes of the running function, outermost first."""

    def __init__(self) -> None:
        self.mapped: list[_Axis] = []


axes = _Axes()


@contextlib.contextmanager
def mapped(name: Any, size: int, position: torch.Tensor | None) -> Iterator[None]:
    """Run a block within a mapped axis of that name."""
    axes.mapped.append(_Axis(name, size, position))
    try:
        yield
    finally:
        axes.mapped.pop()


def _find_axis(name: Any) -> tuple[_Axis, list[torch.Tensor]]:
    """Return the innermost axis of that name, and the indices in the axes of `torch.func.vmap` within it."""
    within: list[torch.Tensor] = []
    for axis in reversed(axes.mapped):
        if axis.name == name and name is not None:
            return axis, within
        if axis.position is not None:
            within.append(axis.position)
    raise NameError(f"unbound axis name: {name}. Call a collective within pmap or vmap with that axis_name")


def _names(axis_name: Any) -> tuple[Any, ...]:
    return tuple(axis_name) if isinstance(axis_name, tuple | list) else (axis_name,)


class _Gather(torch.autograd.Function):
    """The values of all elements of a mapped axis, along a new first axis.

    `within` are the indices in the axes of inner `vmap`s, each mapped over its axis so that every `vmap` runs the rule.
    """

    @staticmethod
    def forward(x: torch.Tensor, index: torch.Tensor, *within: torch.Tensor) -> torch.Tensor:
        raise RuntimeError(
            "a collective was called outside of the jax.vmap that maps its axis: call it within the mapped function"
        )

    @staticmethod
    def setup_context(ctx: Any, inputs: Any, output: torch.Tensor) -> None:
        ctx.save_for_backward(*inputs[1:])

    @staticmethod
    def backward(ctx: Any, grad: torch.Tensor) -> Any:
        index, *within = ctx.saved_tensors
        return _select(_Gather.apply(grad, index, *within).sum(0), 0, index), *[None] * (1 + len(within))

    @staticmethod
    def vmap(info: Any, axes: Any, x: torch.Tensor, index: torch.Tensor, *within: torch.Tensor) -> Any:
        axis = axes[0]
        if within:
            return _Gather.apply(x, index, *within[1:]), None if axis is None else axis % x.dim() + 1
        return x.expand(info.batch_size, *x.shape) if axis is None else x.movedim(axis, 0), None


def _select(x: torch.Tensor, axis: int, index: torch.Tensor) -> torch.Tensor:
    """Return the slice of `x` at an index that may differ between mapped elements."""
    return torch.index_select(x, axis, index.reshape(1).to(x.device)).squeeze(axis)


def _gather(x: Any, axis_name: Any, groups: Any = None) -> torch.Tensor:
    """Return the values of all elements, or of those in the group of this one, along a new first axis."""
    values, names = tensor(x), _names(axis_name)
    for name in reversed(names):
        axis, within = _find_axis(name)
        values = values.unsqueeze(0) if axis.position is None else _Gather.apply(values, axis.position, *within)
    values = values.flatten(0, len(names) - 1) if len(names) > 1 else values
    if groups is None:
        return values
    group_of = {index: list(group) for group in groups for index in group}
    table = torch.tensor([group_of[index] for index in range(values.shape[0])])
    return torch.index_select(values, 0, _select(table, 0, _flat_index(axis_name)).to(values.device))


def _flat_index(axis_name: Any) -> torch.Tensor:
    """Return the index of the running element in the product of the axes."""
    index = torch.zeros((), dtype=torch.int64)
    for name in _names(axis_name):
        axis, _ = _find_axis(name)
        index = index * axis.size + (0 if axis.position is None else axis.position)
    return index


def axis_size(axis_name: Any) -> int:
    return math.prod(_find_axis(name)[0].size for name in _names(axis_name))


def axis_index(axis_name: Any) -> Array:
    return Array(_flat_index(axis_name).to(torch.int32))


def _reduction(reduce: Callable[[torch.Tensor], torch.Tensor]) -> Callable[..., Any]:
    """Return the collective that reduces the values of all elements along their first axis."""

    def collective(x: Any, axis_name: Any, *, axis_index_groups: Any = None) -> Any:
        return tree.tree_map(lambda leaf: Array(reduce(_gather(leaf, axis_name, axis_index_groups))), x)

    return collective


def _mean(x: torch.Tensor) -> torch.Tensor:
    return x.mean(0) if x.is_floating_point() or x.is_complex() else x.to(default_float()).mean(0)


pmean, pmax, pmin = _reduction(_mean), _reduction(lambda x: x.amax(0)), _reduction(lambda x: x.amin(0))
_psum = _reduction(lambda x: x.sum(0, dtype=x.dtype))


def psum(x: Any, axis_name: Any, *, axis_index_groups: Any = None) -> Any:
    if all(isinstance(leaf, int | float) for leaf in tree.tree_leaves(x)):  # psum(1, name) is the size of the axis
        size = axis_size(axis_name) if axis_index_groups is None else len(axis_index_groups[0])
        return tree.tree_map(lambda leaf: leaf * size, x)
    return _psum(x, axis_name, axis_index_groups=axis_index_groups)


def all_gather(x: Any, axis_name: Any, *, axis_index_groups: Any = None, axis: int = 0, tiled: bool = False) -> Any:
    def gather(leaf: Any) -> Array:
        values = _gather(leaf, axis_name, axis_index_groups)
        return Array(torch.cat(values.unbind(0), axis) if tiled else values.movedim(0, axis))

    return tree.tree_map(gather, x)


def _split(x: torch.Tensor, axis: int, count: int, tiled: bool) -> torch.Tensor:
    """Return `count` parts along `axis`, blocks of it if `tiled`, along a new first axis."""
    return torch.stack(x.chunk(count, axis)) if tiled else x.movedim(axis, 0)


def psum_scatter(
    x: Any, axis_name: Any, *, scatter_dimension: int = 0, axis_index_groups: Any = None, tiled: bool = False
) -> Any:
    if axis_index_groups is not None:
        raise NotImplementedError(
            "psum_scatter does not support axis_index_groups on torch: use all_gather with them, and sum"
        )

    def scatter(leaf: Any) -> Array:
        values = _gather(leaf, axis_name)
        parts = _split(values.sum(0), scatter_dimension, values.shape[0], tiled)
        return Array(_select(parts, 0, _flat_index(axis_name)))

    return tree.tree_map(scatter, x)


def all_to_all(
    x: Any, axis_name: Any, split_axis: int, concat_axis: int, *, axis_index_groups: Any = None, tiled: bool = False
) -> Any:
    if axis_index_groups is not None:
        raise NotImplementedError("all_to_all does not support axis_index_groups on torch: use ppermute")

    def exchange(leaf: Any) -> Array:
        values = _gather(leaf, axis_name)
        count = values.shape[0]
        parts = torch.stack([_split(value, split_axis, count, tiled) for value in values.unbind(0)], 1)
        received = _select(parts, 0, _flat_index(axis_name))
        return Array(torch.cat(received.unbind(0), concat_axis) if tiled else received.movedim(0, concat_axis))

    return tree.tree_map(exchange, x)


def ppermute(x: Any, axis_name: Any, perm: Any) -> Any:
    """Return the value of the element that sends to this one, or zeros; `perm` contains pairs of source and target."""
    sources = {int(target): int(source) for source, target in perm}
    if len(sources) < len(perm):
        raise ValueError(f"ppermute sends to an index twice: {list(perm)}. Each target may occur once")
    targets, index = range(axis_size(axis_name)), _flat_index(axis_name)
    source = _select(torch.tensor([sources.get(target, 0) for target in targets]), 0, index)
    receives = _select(torch.tensor([target in sources for target in targets]), 0, index)

    def permute(leaf: Any) -> Array:
        value = _select(_gather(leaf, axis_name), 0, source)
        return Array(torch.where(receives.to(value.device), value, torch.zeros_like(value)))

    return tree.tree_map(permute, x)


def pshuffle(x: Any, axis_name: Any, perm: Any) -> Any:
    """Return the value of the element `perm[i]` to the element `i`."""
    return ppermute(x, axis_name, [(source, target) for target, source in enumerate(perm)])
