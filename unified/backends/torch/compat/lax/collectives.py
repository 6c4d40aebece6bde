"""Collectives of `jax.lax` over the named axes of `jax.pmap` and `jax.vmap`.

torch has no axis of devices within one process: `jax.pmap` runs over the one device there is. Over an axis of size 1
a collective gives what it is given; over a longer one it raises.
"""

import contextlib
import threading
from collections.abc import Iterator
from typing import Any

import torch

from unified.backends.torch.compat import tree_util as tree
from unified.backends.torch.compat.array import Array, tensor, unwrap
from unified.core.errors import BackendError

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


class _Axes(threading.local):
    def __init__(self) -> None:
        self.sizes: dict[Any, int] = {}


axes = _Axes()


@contextlib.contextmanager
def named(name: Any, size: int) -> Iterator[None]:
    """Has `name` be an axis of that size."""
    if name is None:
        yield
        return
    before = dict(axes.sizes)
    axes.sizes[name] = size
    try:
        yield
    finally:
        axes.sizes = before


def axis_size(axis_name: Any) -> int:
    names = axis_name if isinstance(axis_name, tuple | list) else (axis_name,)
    total = 1
    for name in names:
        if name not in axes.sizes:
            raise NameError(f"unbound axis name: {name}. A collective is used within pmap or vmap with that axis_name")
        total *= axes.sizes[name]
    return total


def _alone(what: str, axis_name: Any) -> None:
    if axis_size(axis_name) > 1:
        raise BackendError(
            f"jax.lax.{what} over the axis {axis_name!r} of jax.vmap is not offered on torch: lanes do not "
            f"see each other"
        )


def _same(what: str) -> Any:
    def collective(x: Any, axis_name: Any, **options: Any) -> Any:
        _alone(what, axis_name)
        return tree.tree_map(lambda leaf: Array(tensor(unwrap(leaf))), x)

    return collective


pmean, pmax, pmin = _same("pmean"), _same("pmax"), _same("pmin")


def psum(x: Any, axis_name: Any, *, axis_index_groups: Any = None) -> Any:
    size = axis_size(axis_name)
    leaves = tree.tree_leaves(x)
    if all(isinstance(leaf, int | float) for leaf in leaves):  # the size of the axis, as psum(1, name)
        return tree.tree_map(lambda leaf: leaf * size, x)
    _alone("psum", axis_name)
    return tree.tree_map(lambda leaf: Array(tensor(unwrap(leaf))), x)


def axis_index(axis_name: Any) -> torch.Tensor:
    _alone("axis_index", axis_name)
    return torch.tensor(0, dtype=torch.int32)


def all_gather(x: Any, axis_name: Any, *, axis_index_groups: Any = None, axis: int = 0, tiled: bool = False) -> Any:
    _alone("all_gather", axis_name)
    return tree.tree_map(lambda leaf: Array(tensor(unwrap(leaf)) if tiled else tensor(unwrap(leaf)).unsqueeze(axis)), x)


def psum_scatter(
    x: Any, axis_name: Any, *, scatter_dimension: int = 0, axis_index_groups: Any = None, tiled: bool = False
) -> Any:
    _alone("psum_scatter", axis_name)
    return tree.tree_map(
        lambda leaf: Array(tensor(unwrap(leaf)) if tiled else tensor(unwrap(leaf)).squeeze(scatter_dimension)), x
    )


def ppermute(x: Any, axis_name: Any, perm: Any) -> Any:
    return pmean(x, axis_name)


def pshuffle(x: Any, axis_name: Any, perm: Any) -> Any:
    return pmean(x, axis_name)


def all_to_all(
    x: Any, axis_name: Any, split_axis: int, concat_axis: int, *, axis_index_groups: Any = None, tiled: bool = False
) -> Any:
    _alone("all_to_all", axis_name)

    def exchange(leaf: Any) -> Any:
        value = tensor(unwrap(leaf))
        return Array(value if tiled else value.squeeze(split_axis).unsqueeze(concat_axis))

    return tree.tree_map(exchange, x)
