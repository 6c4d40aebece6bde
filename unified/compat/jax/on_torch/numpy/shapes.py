"""Functions that change shapes and put arrays together or apart."""

import itertools
import math
import operator
from typing import Any

import numpy as np
import torch

from unified.compat.jax.on_torch.arguments import ArgumentError
from unified.compat.jax.on_torch.array import tensor
from unified.compat.jax.on_torch.behaviour import FIRST, NONE, Behaviour, jax_function
from unified.compat.jax.on_torch.dtypes import torch_dtype
from unified.compat.jax.on_torch.numpy.operands import axes_of, same

__all__ = [
    "append",
    "array_split",
    "astype",
    "atleast_1d",
    "atleast_2d",
    "atleast_3d",
    "broadcast_arrays",
    "broadcast_shapes",
    "broadcast_to",
    "column_stack",
    "concat",
    "concatenate",
    "copy",
    "delete",
    "dsplit",
    "dstack",
    "expand_dims",
    "flip",
    "fliplr",
    "flipud",
    "hsplit",
    "hstack",
    "insert",
    "matrix_transpose",
    "moveaxis",
    "ndim",
    "pad",
    "permute_dims",
    "ravel",
    "repeat",
    "reshape",
    "resize",
    "roll",
    "rollaxis",
    "rot90",
    "shape",
    "size",
    "split",
    "squeeze",
    "stack",
    "swapaxes",
    "tile",
    "transpose",
    "trim_zeros",
    "unstack",
    "vsplit",
    "vstack",
]

BEHAVIOUR = Behaviour(operands=FIRST)  # unless a decorator declares otherwise


def _is_number(value: Any) -> bool:
    """Whether it is one integer, and no array of several."""
    return isinstance(value, int) or (hasattr(value, "__index__") and not getattr(value, "ndim", 0))


def sizes(shape: Any) -> tuple[int, ...]:
    """A shape as it is given: one number, or several."""
    if _is_number(shape):
        return (shape.__index__(),)
    found: list[Any] = [size if isinstance(size, int | torch.SymInt) else operator.index(size) for size in shape]
    return tuple(found)


@jax_function(operands=NONE)
def shape(a: Any, axis: Any = None) -> Any:
    return tuple(tensor(a).shape) if axis is None else tensor(a).shape[axis]


@jax_function(operands=NONE)
def ndim(a: Any) -> int:
    return tensor(a).dim()


@jax_function(operands=NONE)
def size(a: Any, axis: Any = None) -> int:
    x = tensor(a)
    return x.numel() if axis is None else math.prod(x.shape[index] for index in axes_of(axis, x.dim()))


def copy(a: Any, order: Any = None) -> torch.Tensor:
    return tensor(a).clone()


@jax_function(weak=False, method="astype")
def astype(x: Any, dtype: Any, /, *, copy: bool = False, device: Any = None) -> torch.Tensor:
    x, target = tensor(x), torch_dtype(dtype)
    if x.is_complex() and not target.is_complex and target is not torch.bool:
        x = torch.real(x)
    if target is torch.bool:
        return x != 0
    return x.to(target)


def reshape(a: Any, shape: Any = None, order: str = "C", *, copy: Any = None, newshape: Any = None) -> torch.Tensor:
    x = tensor(a)
    new = sizes(newshape if shape is None else shape)
    if order == "F":
        if -1 in new:
            new = tuple(x.numel() // -math.prod(new) if n == -1 else n for n in new)
        return x.permute((*range(x.dim())[::-1],)).reshape(new[::-1]).permute((*range(len(new))[::-1],))
    return x.reshape(new)


@jax_function(method="ravel")
def ravel(a: Any, order: str = "C") -> torch.Tensor:
    return reshape(a, (-1,), order)


def _reversed(x: torch.Tensor) -> torch.Tensor:
    return x.t() if x.dim() <= 2 else x.permute(tuple(range(x.dim() - 1, -1, -1)))


@jax_function(attribute="T", kernel=_reversed)
def transpose(a: Any, axes: Any = None) -> torch.Tensor:
    x = tensor(a)
    if axes is None:
        return _reversed(x)
    axes = axes_of(axes, x.dim())
    if sorted(axes) != list(range(x.dim())):
        raise ArgumentError(f"axes {axes} are no order of the {x.dim()} axes")
    return x.permute(axes)


permute_dims = transpose


@jax_function(attribute="mT")
def matrix_transpose(x: Any, /) -> torch.Tensor:
    x = tensor(x)
    if x.dim() < 2:
        raise ValueError(f"matrix_transpose takes an array of at least 2 axes, got {x.dim()}")
    return x.mT


@jax_function(method="swapaxes")
def swapaxes(a: Any, axis1: int, axis2: int) -> torch.Tensor:
    x = tensor(a)
    return x.transpose(*axes_of((axis1, axis2), x.dim()))


def moveaxis(a: Any, source: Any, destination: Any) -> torch.Tensor:
    x = tensor(a)
    return torch.movedim(x, axes_of(source, x.dim()), axes_of(destination, x.dim()))


def rollaxis(a: Any, axis: int, start: int = 0) -> torch.Tensor:
    x = tensor(a)
    axis, start = axes_of(axis, x.dim())[0], start + x.dim() if start < 0 else start
    return torch.movedim(x, axis, start - 1 if axis < start else start)


def expand_dims(a: Any, axis: Any) -> torch.Tensor:
    x = tensor(a)
    axes = (axis,) if hasattr(axis, "__index__") else tuple(axis)
    for index in sorted(axes_of(axes, x.dim() + len(axes))):
        x = x.unsqueeze(index)
    return x


@jax_function(method="squeeze")
def squeeze(a: Any, axis: Any = None) -> torch.Tensor:
    x = tensor(a)
    if axis is None:
        return x.squeeze()
    axes = axes_of(axis, x.dim())
    for index in axes:
        if x.shape[index] != 1:
            raise ValueError(
                f"cannot squeeze axis {index} of size {x.shape[index]}: only axes of size 1 can be left out"
            )
    return x.squeeze(axes)


def broadcast_to(array: Any, shape: Any, *, out_sharding: Any = None) -> torch.Tensor:
    x, target = tensor(array), sizes(shape)
    if torch.broadcast_shapes(x.shape, target) != torch.Size(target):
        raise ValueError(f"an array of shape {tuple(x.shape)} does not broadcast to {target}")
    return x.expand(target)


@jax_function(operands="args", promotes=False, weak="each")
def broadcast_arrays(*args: Any) -> list[torch.Tensor]:
    return list(torch.broadcast_tensors(*(tensor(value) for value in args)))


@jax_function(operands=NONE)
def broadcast_shapes(*shapes: Any) -> tuple[int, ...]:
    given = [sizes(one) for one in shapes]
    try:
        return tuple(torch.broadcast_shapes(*given))
    except RuntimeError:
        raise ValueError(f"the shapes {given} do not broadcast to one") from None


def _pieces(arrays: Any) -> list[torch.Tensor]:
    if isinstance(arrays, torch.Tensor):
        return list(arrays.unbind(0))
    if len(arrays) == 0:
        raise ValueError("at least one array is needed")
    return same(*arrays)


def concatenate(arrays: Any, axis: Any = 0, dtype: Any = None) -> torch.Tensor:
    pieces = _pieces(arrays)
    if dtype is not None:
        pieces = [piece.to(torch_dtype(dtype)) for piece in pieces]
    if axis is None:
        return torch.cat([piece.reshape(-1) for piece in pieces])
    if not pieces[0].dim():
        raise ValueError("arrays without axes cannot be concatenated: stack them")
    axes_of(axis, pieces[0].dim())
    rest = [index for index in range(pieces[0].dim()) if index != axis % pieces[0].dim()]
    if any(p.dim() != pieces[0].dim() or any(p.shape[i] != pieces[0].shape[i] for i in rest) for p in pieces[1:]):
        raise TypeError(
            f"cannot concatenate arrays of shapes {[tuple(p.shape) for p in pieces]} along axis {axis}: other "
            f"axes differ"
        )
    return torch.cat(pieces, axis)


concat = concatenate


def stack(arrays: Any, axis: int = 0, out: None = None, dtype: Any = None) -> torch.Tensor:
    found = torch.stack(_pieces(arrays), axis)
    return found if dtype is None else found.to(torch_dtype(dtype))


def unstack(x: Any, /, *, axis: int = 0) -> tuple[torch.Tensor, ...]:
    return tensor(x).unbind(axis)


def vstack(tup: Any, dtype: Any = None) -> torch.Tensor:
    return concatenate([torch.atleast_2d(value) for value in _pieces(tup)], 0, dtype)


def hstack(tup: Any, dtype: Any = None) -> torch.Tensor:
    pieces = [torch.atleast_1d(value) for value in _pieces(tup)]
    return concatenate(pieces, 0 if pieces[0].dim() == 1 else 1, dtype)


def dstack(tup: Any, dtype: Any = None) -> torch.Tensor:
    return concatenate([torch.atleast_3d(value) for value in _pieces(tup)], 2, dtype)


def column_stack(tup: Any) -> torch.Tensor:
    columns = _pieces(tup)
    return concatenate([column if column.dim() > 1 else column.reshape(-1, 1) for column in columns], 1)


@jax_function(operands="arr values")
def append(arr: Any, values: Any, axis: Any = None) -> torch.Tensor:
    return concatenate([arr, values], axis)


@jax_function(operands="arys", promotes=False, weak="each")
def atleast_1d(*arys: Any) -> Any:
    found = [torch.atleast_1d(tensor(value)) for value in arys]
    return found[0] if len(found) == 1 else found


@jax_function(operands="arys", promotes=False, weak="each")
def atleast_2d(*arys: Any) -> Any:
    found = [torch.atleast_2d(tensor(value)) for value in arys]
    return found[0] if len(found) == 1 else found


@jax_function(operands="arys", promotes=False, weak="each")
def atleast_3d(*arys: Any) -> Any:
    found = [torch.atleast_3d(tensor(value)) for value in arys]
    return found[0] if len(found) == 1 else found


def split(ary: Any, indices_or_sections: Any, axis: int = 0) -> list[torch.Tensor]:
    x = tensor(ary)
    length = x.shape[axes_of(axis, x.dim())[0]]
    if _is_number(indices_or_sections):
        sections = indices_or_sections.__index__()
        if length % sections:
            raise ValueError(f"an axis of size {length} cannot be split into {sections} equal parts")
        return list(torch.split(x, max(length // sections, 1), axis)) if length else [x] * sections
    return _cut(x, [0, *[int(index) for index in indices_or_sections], length], axis)


def _cut(x: torch.Tensor, bounds: list[int], axis: int) -> list[torch.Tensor]:
    length = x.shape[axis]
    bounds = [min(max(b + length if b < 0 else b, 0), length) for b in bounds]
    return [x.narrow(axis, low, max(high - low, 0)) for low, high in itertools.pairwise(bounds)]


def array_split(ary: Any, indices_or_sections: Any, axis: int = 0) -> list[torch.Tensor]:
    x = tensor(ary)
    if not hasattr(indices_or_sections, "__index__"):
        return split(x, indices_or_sections, axis)
    sections, length = int(indices_or_sections), x.shape[axis]
    each, more = divmod(length, sections)
    bounds = [0]
    for index in range(sections):
        bounds.append(bounds[-1] + each + (index < more))
    return _cut(x, bounds, axis)


def vsplit(ary: Any, indices_or_sections: Any) -> list[torch.Tensor]:
    return split(ary, indices_or_sections, 0)


def hsplit(ary: Any, indices_or_sections: Any) -> list[torch.Tensor]:
    return split(ary, indices_or_sections, 0 if tensor(ary).dim() == 1 else 1)


def dsplit(ary: Any, indices_or_sections: Any) -> list[torch.Tensor]:
    return split(ary, indices_or_sections, 2)


def flip(m: Any, axis: Any = None) -> torch.Tensor:
    x = tensor(m)
    return torch.flip(x, axes_of(axis, x.dim()))


def flipud(m: Any) -> torch.Tensor:
    return flip(m, 0)


def fliplr(m: Any) -> torch.Tensor:
    return flip(m, 1)


def rot90(m: Any, k: int = 1, axes: Any = (0, 1)) -> torch.Tensor:
    return torch.rot90(tensor(m), k, tuple(axes))


def roll(a: Any, shift: Any, axis: Any = None) -> torch.Tensor:
    x = tensor(a)
    if axis is None:
        return roll(x.reshape(-1), shift, 0).reshape(x.shape)
    axes = axes_of(axis, x.dim())
    if isinstance(shift, torch.Tensor):
        shift = shift.reshape(-1).unbind()
    shifts = [shift] if hasattr(shift, "__index__") else list(shift)
    shifts = shifts * len(axes) if len(shifts) == 1 else shifts
    for one, index in zip(shifts, axes, strict=True):
        if isinstance(one, torch.Tensor):  # whose value may not be known
            size = x.shape[index]
            x = x.index_select(index, torch.remainder(torch.arange(size, device=x.device) - one, max(size, 1)))
        else:
            x = torch.roll(x, int(one), index)
    return x


def tile(A: Any, reps: Any) -> torch.Tensor:  # noqa: N803
    x, reps = tensor(A), sizes(reps)
    return x.repeat((1,) * (x.dim() - len(reps)) + reps)


@jax_function(method="repeat")
def repeat(
    a: Any, repeats: Any, axis: Any = None, *, total_repeat_length: Any = None, out_sharding: Any = None
) -> torch.Tensor:
    x = tensor(a)
    if axis is None or not x.dim():
        x, axis = x.reshape(-1), 0
    counts = repeats if isinstance(repeats, int) else tensor(repeats).to(torch.int64)
    if isinstance(counts, torch.Tensor) and counts.dim() and counts.numel() == 1:
        counts = int(counts)
    if total_repeat_length is not None and isinstance(counts, torch.Tensor) and counts.dim():
        # The numbers may not be known, their sum is given: an element is at the places that as many others end before.
        ends = torch.clamp(torch.cumsum(counts, 0), max=total_repeat_length)
        marks = torch.zeros(total_repeat_length + 1, dtype=torch.int64, device=x.device)
        places = torch.cumsum(marks.index_add(0, ends, torch.ones_like(ends)), 0)[:total_repeat_length]
        return x.index_select(axis, torch.clamp(places, max=x.shape[axis] - 1))
    result = torch.repeat_interleave(x, counts, axis)
    if total_repeat_length is None or result.shape[axis] == total_repeat_length:
        return result
    if result.shape[axis] > total_repeat_length:
        return result.narrow(axis, 0, total_repeat_length)
    last = result.narrow(axis, result.shape[axis] - 1, 1)
    return torch.cat([result, *[last] * (total_repeat_length - result.shape[axis])], axis)


def _widths(given: Any, ndim: int) -> list[tuple[int, int]]:
    """The pairs for all axes: of one number, of a pair for all, or of one for each."""
    numbers = [given] if _is_number(given) else list(given)
    if all(_is_number(one) for one in numbers) and len(numbers) in (1, 2):
        return [(int(numbers[0]), int(numbers[-1]))] * ndim
    if len(numbers) not in (1, ndim) or any(not hasattr(pair, "__len__") or len(pair) != 2 for pair in numbers):
        raise ValueError(f"pad_width is a number, (before, after), or such a pair for each axis, got {given}")
    pairs = [(int(before), int(after)) for before, after in numbers]
    return pairs * ndim if len(pairs) == 1 else pairs


def pad(array: Any, pad_width: Any, mode: Any = "constant", **options: Any) -> torch.Tensor:
    x = tensor(array)
    widths = _widths(pad_width.tolist() if isinstance(pad_width, np.ndarray) else pad_width, x.dim())
    if mode == "constant":
        fills = options.get("constant_values", 0)
        if isinstance(fills, int | float) or not np.ndim(fills):  # torch.compile cannot ask NumPy of a number
            flat = [width for pair in widths[::-1] for width in pair]
            if isinstance(fills, torch.Tensor):  # whose value may not be known
                is_inside = torch.nn.functional.pad(torch.ones_like(x, dtype=torch.int32), flat) > 0
                return torch.where(is_inside, torch.nn.functional.pad(x, flat), fills.to(x.dtype))
            return torch.nn.functional.pad(x, flat, value=fills)
        if isinstance(fills, torch.Tensor):
            return _padded_by(x, widths, fills.to(x.dtype).expand(x.dim(), 2))
        fills = np.broadcast_to(np.asarray(fills), (x.dim(), 2))
        for axis, (before, after) in enumerate(widths):
            ends = [
                torch.full([n if i != axis else w for i, n in enumerate(x.shape)], fill, dtype=x.dtype, device=x.device)
                for w, fill in ((before, fills[axis, 0].item()), (after, fills[axis, 1].item()))
            ]
            x = torch.cat([ends[0], x, ends[1]], axis)
        return x
    if mode not in ("edge", "reflect", "wrap", "symmetric", "empty"):
        raise NotImplementedError(
            f"pad: mode {mode!r} is not offered on torch; offered are constant, edge, reflect, "
            "symmetric, wrap and empty"
        )
    for axis, (before, after) in enumerate(widths):
        if before or after:
            where = np.pad(np.arange(x.shape[axis]), (before, after), mode="constant" if mode == "empty" else mode)
            x = x.index_select(axis, torch.as_tensor(where, device=x.device))
    return x


def _padded_by(x: torch.Tensor, widths: list[tuple[int, int]], fills: torch.Tensor) -> torch.Tensor:
    """Pad each axis by the two numbers in its row of `fills`."""
    for axis, pair in enumerate(widths):
        shapes = [[n if i != axis else width for i, n in enumerate(x.shape)] for width in pair]
        ends = [fills[axis, side].expand(shape) for side, shape in enumerate(shapes)]
        x = torch.cat([ends[0], x, ends[1]], axis)
    return x


def resize(a: Any, new_shape: Any) -> torch.Tensor:
    x, new = tensor(a).reshape(-1), sizes(new_shape)
    count = math.prod(new)
    return x.repeat(-(-count // max(x.numel(), 1)))[:count].reshape(new)


def delete(arr: Any, obj: Any, axis: Any = None, *, assume_unique_indices: bool = False) -> torch.Tensor:
    x = tensor(arr)
    if axis is None:
        x, axis = x.reshape(-1), 0
    obj = obj.tolist() if isinstance(obj, torch.Tensor) else obj
    kept = np.delete(np.arange(x.shape[axis]), obj)
    return x.index_select(axis, torch.as_tensor(kept, device=x.device))


def insert(arr: Any, obj: Any, values: Any, axis: Any = None) -> torch.Tensor:
    """Insert values before the elements at these places, counted before anything is inserted."""
    x = tensor(arr)
    if axis is None:
        x, axis = x.reshape(-1), 0
    axis = axes_of(axis, x.dim())[0]
    size = x.shape[axis]
    places = torch.arange(size)[obj] if isinstance(obj, slice) else tensor(obj).to(torch.int64)
    new = tensor(values).to(x.dtype)
    new = new.reshape((1,) * (x.dim() - new.dim()) + tuple(new.shape))
    new = new if places.dim() else torch.movedim(new, 0, axis)
    count = torch.broadcast_shapes(places.shape, (new.shape[axis],))[0]
    places = torch.where(places < 0, places + size, places).clamp(0, size).expand(count)
    new = new.expand([count if i == axis else n for i, n in enumerate(x.shape)])
    order = torch.argsort(places, stable=True)
    places = places.index_add(0, order, torch.arange(count, device=places.device))
    source = torch.full((size + count,), -1, device=x.device)
    source[places] = size + torch.arange(count, device=x.device)
    source[source < 0] = torch.arange(size, device=x.device)
    return torch.cat([x, new], axis).index_select(axis, source)


def trim_zeros(filt: Any, trim: str = "fb") -> torch.Tensor:
    x = tensor(filt)
    if not x.dim():
        return x
    result = torch.nonzero(x).reshape(-1)
    if not len(result):
        return x[:0]
    low = int(result[0]) if "f" in trim.lower() else 0
    high = int(result[-1]) + 1 if "b" in trim.lower() else len(x)
    return x[low:high]
