"""Values as they are outside of the transforms of `torch.func` around them."""

import contextlib
from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch._functorch.pyfunctorch import temporarily_clear_interpreter_stack

__all__ = ["Outside", "without_levels"]


class Outside(NamedTuple):
    """Tensors without the levels of transforms.

    Attributes:
        values: those of which `has_lanes` says so have an axis for each `jax.vmap` first, the outermost first.
        has_lanes: by value, whether it differs by lane.
        sizes: how many lanes each `jax.vmap` has.
    """

    values: list[torch.Tensor]
    has_lanes: list[bool]
    sizes: tuple[int, ...]


def without_levels(values: Sequence[torch.Tensor], level: int = 0) -> Outside:
    """Return tensors as they are outside of the transforms above a level."""
    pairs = [_bare(value, level) for value in values]
    sizes: dict[int, int] = {}  # by level
    for value, axes in pairs:
        shape = list(value.shape)
        for mapped, axis in reversed(axes):  # the axes of outer levels are counted in what has them all
            sizes[mapped] = shape.pop(axis)
    order = sorted(sizes)
    # Within a level that stays, torch's operations are those of that level.
    with contextlib.nullcontext() if level else temporarily_clear_interpreter_stack():
        moved = [_aligned(value, dict(axes), sizes, order) for value, axes in pairs]
    return Outside(moved, [bool(axes) for _, axes in pairs], tuple([sizes[mapped] for mapped in order]))


def _bare(value: torch.Tensor, level: int) -> tuple[torch.Tensor, list[tuple[int, int]]]:
    """Return the tensor below the levels, and the level and the axis of its lanes, the innermost first."""
    functorch, axes = torch._C._functorch, []
    while (own := functorch.maybe_get_level(value)) > level:
        if functorch.is_batchedtensor(value):
            axes.append((own, functorch.maybe_get_bdim(value)))
        value = functorch.get_unwrapped(value)
    return value, axes


def _aligned(value: torch.Tensor, axes: dict[int, int], sizes: dict[int, int], order: list[int]) -> torch.Tensor:
    """Return the tensor with its lanes first, in order, and with all of them if it has any."""
    if not axes:
        return value
    first = 0
    for mapped in order:
        value = value.movedim(axes[mapped] + first, first) if mapped in axes else value.unsqueeze(first)
        first += 1
    return value.expand(*[sizes[mapped] for mapped in order], *value.shape[first:])
