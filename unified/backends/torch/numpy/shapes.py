"""Shapes, on torch."""

from collections.abc import Sequence
from typing import Any

import torch

from unified.backends.torch.numpy.operands import as_number, dims, same, tensor
from unified.core.pad_widths import pad_widths

__all__ = [
    "broadcast_arrays",
    "broadcast_to",
    "concat",
    "expand_dims",
    "flip",
    "moveaxis",
    "pad",
    "permute_dims",
    "repeat",
    "reshape",
    "roll",
    "split",
    "squeeze",
    "stack",
    "tile",
    "unstack",
]

Tensor = torch.Tensor


def broadcast_arrays(*arrays: Any) -> list[Tensor]:
    return list(torch.broadcast_tensors(*map(tensor, arrays)))


def broadcast_to(x: Any, shape: Any) -> Tensor:
    return torch.broadcast_to(tensor(x), shape)


def concat(arrays: Sequence[Any], *, axis: int | None = 0) -> Tensor:
    found = same(arrays)
    if axis is None:
        return torch.cat([x.reshape(-1) for x in found])
    if len({x.dim() for x in found}) > 1:  # torch leaves out a vector of no elements without a word
        raise ValueError(f"concat: arrays have the same number of axes, got {[x.dim() for x in found]}")
    return torch.cat(found, axis)


def expand_dims(x: Any, axis: int | tuple[int, ...]) -> Tensor:
    x = tensor(x)
    if isinstance(axis, int):
        return torch.unsqueeze(x, axis)
    count = x.dim() + len(axis)
    if any(not -count <= each < count for each in axis) or len({each % count for each in axis}) < len(axis):
        raise ValueError(f"expand_dims: {axis} are no {len(axis)} different axes of an array of {count}")
    for each in sorted(each % count for each in axis):
        x = torch.unsqueeze(x, each)
    return x


def flip(x: Any, *, axis: Any = None) -> Tensor:
    x = tensor(x)
    return torch.flip(x, dims(x, axis))


def moveaxis(x: Any, source: Any, destination: Any) -> Tensor:
    return torch.movedim(tensor(x), source, destination)


def pad(x: Any, pad_width: Any, *, mode: str = "constant", constant_values: complex = 0) -> Tensor:
    x = tensor(x)
    widths = pad_widths(pad_width, x.shape, mode)
    if mode == "constant":
        flat = [width for pair in reversed(widths) for width in pair]
        return torch.nn.functional.pad(x, flat, value=as_number(constant_values))
    for axis, (before, after) in enumerate(widths):
        size = x.shape[axis]
        if before or after:
            places = torch.arange(-before, size + after, device=x.device)
            if mode == "edge":
                places = places.clamp(0, size - 1)
            elif mode == "wrap":
                places = places % size
            else:
                period = max(2 * (size - 1), 1)
                places = places % period
                places = torch.minimum(places, period - places)
            x = torch.index_select(x, axis, places)
    return x


def permute_dims(x: Any, axes: tuple[int, ...]) -> Tensor:
    return torch.permute(tensor(x), axes)


def repeat(x: Any, repeats: Any, *, axis: int | None = None) -> Tensor:
    x, repeats = tensor(x), as_number(repeats)
    if not isinstance(repeats, int):
        repeats = tensor(repeats, x.device).to(torch.int64)
        repeats = repeats.reshape(()) if repeats.shape == (1,) else repeats
        if repeats.dim() == 0:
            repeats = repeats.expand(x.numel() if axis is None else x.shape[axis])
    return torch.repeat_interleave(x, repeats, axis)


def reshape(x: Any, shape: Any, *, copy: bool | None = None) -> Tensor:
    x = tensor(x)
    if copy:
        return x.clone(memory_format=torch.contiguous_format).reshape(shape)
    if copy is False:
        try:
            return x.view(shape)
        except RuntimeError as error:
            raise ValueError(f"reshape: copy=False, and the shape needs a copy: {error}") from error
    return torch.reshape(x, shape if isinstance(shape, (tuple, list)) else (shape,))


def roll(x: Any, shift: Any, *, axis: Any = None) -> Tensor:
    x = tensor(x)
    if isinstance(axis, tuple) and isinstance(shift, int):
        shift = (shift,) * len(axis)
    return torch.roll(x, shift, axis)


def split(x: Any, indices_or_sections: Any, *, axis: int = 0) -> list[Tensor]:
    x, sections = tensor(x), as_number(indices_or_sections)
    if not isinstance(sections, int):
        return list(torch.tensor_split(x, tuple(map(int, sections)), axis))
    if sections < 1 or x.shape[axis] % sections:
        raise ValueError(
            f"split: an axis of {x.shape[axis]} elements has no {sections} parts of equal size: pass the indices "
            "between which they are"
        )
    return list(torch.tensor_split(x, sections, axis))


def squeeze(x: Any, axis: Any) -> Tensor:
    x, axes = tensor(x), (axis,) if isinstance(axis, int) else tuple(axis)
    for each in axes:
        if x.shape[each] != 1:
            raise ValueError(f"squeeze: axis {each} of an array of shape {tuple(x.shape)} has not the size 1")
    return torch.squeeze(x, axes)


def stack(arrays: Sequence[Any], *, axis: int = 0) -> Tensor:
    return torch.stack(same(arrays), axis)


def tile(x: Any, repetitions: Any) -> Tensor:
    return torch.tile(tensor(x), repetitions)


def unstack(x: Any, *, axis: int = 0) -> tuple[Tensor, ...]:
    return torch.unbind(tensor(x), axis)
