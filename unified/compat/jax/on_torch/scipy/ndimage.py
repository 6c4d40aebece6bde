"""`jax.scipy.ndimage` on tensors."""

import functools
import itertools
import math
from collections.abc import Callable
from typing import Any

import torch

from unified.compat.jax.on_torch.array import tensor
from unified.compat.jax.on_torch.behaviour import Behaviour
from unified.compat.jax.on_torch.dtypes import result_dtype

__all__ = ["map_coordinates"]

BEHAVIOUR = Behaviour(operands="input", weak=False)

Place = Callable[[torch.Tensor, int], torch.Tensor]


def _mirrored(index: torch.Tensor, size: int) -> torch.Tensor:
    """Return an index among `size` elements that go on backwards, the outermost ones once."""
    last = size - 1
    return ((index + last) % (2 * last) - last).abs() if last else torch.zeros_like(index)


def _reflected(index: torch.Tensor, size: int) -> torch.Tensor:
    """Return an index among `size` elements that go on backwards, the outermost ones twice."""
    return torch.div(_mirrored(2 * index + 1, 2 * size + 1), 2, rounding_mode="floor")


PLACES: dict[str, Place] = {
    "constant": lambda index, size: index,
    "nearest": lambda index, size: index.clamp(0, size - 1),
    "wrap": lambda index, size: index % size,
    "mirror": _mirrored,
    "reflect": _reflected,
}


def _rounded(x: torch.Tensor) -> torch.Tensor:
    """Return the nearest whole numbers, halves away from zero."""
    return x if not x.is_floating_point() else torch.copysign(torch.floor(x.abs() + 0.5), x)


def map_coordinates(input: Any, coordinates: Any, order: int, mode: str = "constant", cval: Any = 0.0) -> torch.Tensor:
    x = tensor(input)
    places = [tensor(axis) for axis in coordinates]
    if len(places) != x.dim():
        raise ValueError(f"map_coordinates takes coordinates for each of {x.dim()} axes, got {len(places)}")
    if mode not in PLACES:
        raise NotImplementedError(f"map_coordinates has no mode {mode!r}: choose one of {', '.join(PLACES)}")
    if order not in (0, 1):
        raise NotImplementedError(f"map_coordinates takes the order 0 or 1, got {order}")
    outside = tensor(cval).to(x.dtype)
    nodes = [_nodes(place, order) for place in places]
    wide = result_dtype(x, *(weight for axis in nodes for _, weight in axis)) if order else x.dtype
    total: Any = 0
    for corner in itertools.product(*nodes):
        indices = [PLACES[mode](index, size) for (index, _), size in zip(corner, x.shape, strict=True)]
        value = x[tuple(index.clamp(0, size - 1) for index, size in zip(indices, x.shape, strict=True))]
        if mode == "constant":
            valid = [(index >= 0) & (index < size) for index, size in zip(indices, x.shape, strict=True)]
            value = torch.where(functools.reduce(torch.logical_and, valid), value, outside)
        total = total + value * math.prod(weight for _, weight in corner) if order else value
    if not x.is_floating_point() and not x.is_complex():
        total = _rounded(total.to(wide))
    return total.to(x.dtype)


def _nodes(place: torch.Tensor, order: int) -> list[tuple[torch.Tensor, Any]]:
    """Return the elements next to a coordinate, and their weights."""
    if order == 0:
        return [(_rounded(place).to(torch.int64), 1)]
    lower = torch.floor(place) if place.is_floating_point() else place
    upper_weight = place - lower
    index = lower.to(torch.int64)
    return [(index, 1 - upper_weight), (index + 1, upper_weight)]
