"""Values of all lanes of a mapped axis, which `torch.func.vmap` does not let a lane see.

All rest on one step, `gather`: the rule that maps an `autograd.Function` receives the lanes of an axis together.
"""

import contextlib
import threading
from collections.abc import Iterator
from typing import Any, NamedTuple

import torch

from unified.core.errors import TransformBoundaryError

__all__ = [
    "Axis",
    "axes",
    "find",
    "gather",
    "has_no_one_value",
    "has_values_by_lane",
    "is_any_mapped",
    "is_mapped",
    "is_mapped_here",
    "mapped",
    "names_of",
    "select",
    "values_of_all",
]


class Axis(NamedTuple):
    """An axis that the running code is mapped over.

    Attributes:
        name: its name, or `None`.
        size: the number of lanes.
        place: the number of the lane, a tensor with one value for each; `None` if there is one lane, as in `pmap`.
        is_loop: whether the lanes run one after the other.
    """

    name: Any
    size: int
    place: torch.Tensor | None
    is_loop: bool = False


class _Axes(threading.local):
    def __init__(self) -> None:
        self.mapped: list[Axis] = []


_axes = _Axes()


@contextlib.contextmanager
def mapped(name: Any, size: int, place: torch.Tensor | None, is_loop: bool = False) -> Iterator[None]:
    """Run within an axis of that name."""
    _axes.mapped.append(Axis(name, size, place, is_loop))
    try:
        yield
    finally:
        _axes.mapped.pop()


def names_of(axis_name: Any) -> tuple[Any, ...]:
    """Return the names of an axis, or of a tuple of axes, as a tuple; none for `None`."""
    if axis_name is None:
        return ()
    return tuple(axis_name) if isinstance(axis_name, (tuple, list)) else (axis_name,)


def axes() -> tuple[Axis, ...]:
    """Return the axes that the running code is mapped over, innermost last."""
    return tuple(_axes.mapped)


def is_any_mapped() -> bool:
    """Return whether the running code is mapped over an axis."""
    return bool(_axes.mapped)


def is_mapped(name: Any) -> bool:
    """Return whether the running code is mapped over an axis of that name."""
    return any(axis.name == name for axis in _axes.mapped)


def find(name: Any) -> tuple[Axis, list[torch.Tensor]]:
    """Return the innermost axis of that name, and the places in the axes within it, innermost first."""
    within: list[torch.Tensor] = []
    for axis in reversed(_axes.mapped):
        if axis.name == name and name is not None:
            return axis, within
        if axis.place is not None:
            within.append(axis.place)
    raise NameError(f"unbound axis name: {name}. A collective is used within pmap or vmap with that axis_name")


class _Gather(torch.autograd.Function):
    """The values of all lanes of an axis, along a new first one.

    `within` are the places in the axes within that one: each is mapped there, so that every one of them runs the rule.
    """

    @staticmethod
    def forward(x: torch.Tensor, place: torch.Tensor, *within: torch.Tensor) -> torch.Tensor:
        raise RuntimeError("a collective was run outside of the vmap that has its axis")

    @staticmethod
    def setup_context(ctx: Any, inputs: Any, output: torch.Tensor) -> None:
        ctx.save_for_backward(*inputs[1:])

    @staticmethod
    def backward(ctx: Any, grad: torch.Tensor) -> Any:
        place, *within = ctx.saved_tensors
        return select(_Gather.apply(grad, place, *within).sum(0), 0, place), *[None] * (1 + len(within))

    @staticmethod
    def vmap(info: Any, axes: Any, x: torch.Tensor, place: torch.Tensor, *within: torch.Tensor) -> Any:
        axis = axes[0]
        if within:
            return _Gather.apply(x, place, *within[1:]), None if axis is None else axis % x.dim() + 1
        return x.expand(info.batch_size, *x.shape) if axis is None else x.movedim(axis, 0), None


@torch.library.custom_op("unified::gather", mutates_args=())
def _gather(x: torch.Tensor, place: torch.Tensor, within: list[torch.Tensor]) -> torch.Tensor:
    """Return the result of `_Gather` in compiled code: dynamo follows no `autograd.Function` into the rule of a map."""
    raise RuntimeError("a collective was run outside of the vmap that has its axis")


@_gather.register_vmap
def _(info: Any, axes: Any, x: torch.Tensor, place: torch.Tensor, within: list[torch.Tensor]) -> Any:
    axis = axes[0]
    if within:
        return _gather(x, place, within[1:]), None if axis is None else axis % x.dim() + 1
    return x.expand(info.batch_size, *x.shape) if axis is None else x.movedim(axis, 0), None


def select(x: torch.Tensor, axis: int, place: torch.Tensor) -> torch.Tensor:
    """Return the part of `x` at a place that each lane has its own of."""
    return torch.index_select(x, axis, place.reshape(1).to(x.device)).squeeze(axis)


def gather(x: torch.Tensor, name: Any) -> torch.Tensor:
    """Return the values of all lanes of an axis, along a new first axis.

    Raises:
        NameError: the running code is not mapped over an axis of that name.
        TransformBoundaryError: the lanes run one after the other, because torch.func cannot map some kernel in them.
    """
    axis, within = find(name)
    if axis.is_loop:
        raise TransformBoundaryError(
            f"a layer exchanges values along the axis {name!r} of u.vmap, which torch runs as a loop here, because it "
            "has no batching rule for a kernel in it: map the part with that kernel, such as an LSTM, on its own"
        )
    if axis.place is None:
        return x.unsqueeze(0)
    return gather_along(x, axis.place, within)


def gather_along(x: torch.Tensor, place: torch.Tensor, within: list[torch.Tensor]) -> torch.Tensor:
    """Return the values of all lanes of the axis in which each has this place."""
    return _gather(x, place, within) if torch.compiler.is_compiling() else _Gather.apply(x, place, *within)


def has_no_one_value(value: Any) -> bool:
    """Return whether a value has no one number that Python could read; compiled code is read as it runs."""
    return isinstance(value, torch.Tensor) and not torch.compiler.is_compiling() and has_values_by_lane(value)


def has_values_by_lane(x: torch.Tensor) -> bool:
    """Return whether `x` has a value for each lane of a running `vmap`, and so none that Python could read."""
    functorch = torch._C._functorch
    while functorch.is_functorch_wrapped_tensor(x):
        if functorch.is_batchedtensor(x):
            return True
        x = functorch.get_unwrapped(x)
    return False


def is_mapped_here(x: torch.Tensor) -> bool:
    """Return whether `x` has a value for each lane of the innermost `vmap` that runs; those around it do not count."""
    functorch = torch._C._functorch
    level = functorch.maybe_current_level()
    while functorch.is_functorch_wrapped_tensor(x):
        if functorch.is_batchedtensor(x):
            return bool(functorch.maybe_get_level(x) == level)
        x = functorch.get_unwrapped(x)
    return False


def values_of_all(x: torch.Tensor) -> torch.Tensor:
    """Return the values of all lanes of every running `vmap`, as one plain tensor with axes in any order."""
    functorch = torch._C._functorch
    while functorch.is_functorch_wrapped_tensor(x):
        x = functorch.get_unwrapped(x)
    return x
