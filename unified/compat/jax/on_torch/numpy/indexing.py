"""Indexing as JAX does it: positions that no element has are clamped when read and dropped when written.

Source: https://docs.jax.dev/en/latest/_autosummary/jax.numpy.ndarray.at.html
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from unified.compat.jax.on_torch import tracing
from unified.compat.jax.on_torch.arguments import ArgumentError
from unified.compat.jax.on_torch.array import Array, as_array, tensor, unwrap
from unified.compat.jax.on_torch.behaviour import FIRST, Behaviour, jax_function
from unified.compat.jax.on_torch.dtypes import default_int
from unified.compat.jax.on_torch.numpy.operands import as_number, axes_of, same
from unified.compat.jax.on_torch.typed_keys import KeyArray, refuse
from unified.compat.jax.on_torch.unsigned import UNSIGNED, widening

__all__ = [
    "apply_along_axis",
    "choose",
    "compress",
    "extract",
    "fill_diagonal",
    "put",
    "put_along_axis",
    "ravel_multi_index",
    "select",
    "take",
    "take_along_axis",
    "unravel_index",
]

BEHAVIOUR = Behaviour(operands=FIRST)  # unless a decorator declares otherwise


def _is_plain(item: Any) -> bool:
    return (
        item is None
        or item is Ellipsis
        or isinstance(item, slice)
        or (isinstance(item, int | np.integer) and not isinstance(item, bool | np.bool_))
    )


def _bound(value: Any) -> Any:
    return None if value is None else value.__index__()


def _expanded(items: tuple[Any, ...], ndim: int) -> list[Any]:
    """The items, with slices for an ellipsis and for the axes that none of them names."""
    used = sum(
        item.dim() if isinstance(item, torch.Tensor) and item.dtype is torch.bool else 1
        for item in items
        if item is not None and item is not Ellipsis
    )
    if used > ndim:
        raise IndexError(f"{used} indices for an array of {ndim} axes")
    fill = [slice(None)] * (ndim - used)
    places = [place for place, item in enumerate(items) if item is Ellipsis]
    if len(places) > 1:
        raise IndexError("an index can have one ellipsis")
    place = places[0] if places else len(items)
    return [*items[:place], *fill, *items[place + len(places) :]]


def _basic(x: torch.Tensor, items: list[Any]) -> torch.Tensor:
    """`x[items]` where the items are numbers, slices and None."""
    axis, flipped = 0, []
    found: list[Any] = []
    for item in items:
        if item is None:
            found.append(None)
            continue
        size = x.shape[axis]
        if isinstance(item, slice):
            step = _bound(item.step) or 1
            if step < 0:
                start, stop, step = slice(_bound(item.start), _bound(item.stop), step).indices(size)
                count = max(0, -(-(stop - start) // step))
                last = start + (count - 1) * step
                item = slice(last, start + 1, -step) if count else slice(0, 0)
                flipped.append(sum(1 for kept in found if kept is None or isinstance(kept, slice)))
            else:
                item = slice(_bound(item.start), _bound(item.stop), step)
        else:
            item = min(max(item.__index__() + (size if item < 0 else 0), 0), size - 1)
        found.append(item)
        axis += 1
    result = x[tuple(found)] if found else x
    return result.flip(flipped) if flipped else result


def _normal(item: Any) -> Any:
    """An item of an index, with tensors for all that is an array."""
    item = unwrap(item)
    if _is_plain(item) or isinstance(item, torch.Tensor):
        return item
    if isinstance(item, (np.ndarray, np.generic, list, tuple, bool)):
        found = tensor(item) if not isinstance(item, bool) else torch.tensor(item)
        return found.to(torch.int64) if isinstance(item, list | tuple) and not len(item) else found
    if hasattr(item, "__index__"):
        return item.__index__()
    raise TypeError(f"an index is made of numbers, slices, None, ... and arrays, got {type(item).__name__}")


def items_of(index: Any) -> tuple[Any, ...]:
    index = unwrap(index)
    return tuple([_normal(item) for item in (index if isinstance(index, tuple) else (index,))])


def _is_scalar_array(item: Any) -> bool:
    return isinstance(item, torch.Tensor) and not item.dim() and item.dtype is not torch.bool


def _placed(x: torch.Tensor, items: list[Any], inside: list[torch.Tensor] | None) -> tuple[Any, ...]:
    """The items with positions that exist; where one does not is noted in `inside`."""
    axis = 0
    found: list[Any] = []
    for item in items:
        if isinstance(item, torch.Tensor) and item.dtype is torch.bool:
            if tuple(item.shape) != tuple(x.shape[axis : axis + item.dim()]):
                raise IndexError(f"a mask of shape {tuple(item.shape)} does not fit {tuple(x.shape)} at axis {axis}")
            found.extend(tracing.selected(item) if item.dim() else [item])
            axis += item.dim()
            continue
        if isinstance(item, torch.Tensor):
            if item.is_floating_point():
                raise TypeError(f"an index is an integer or a mask, got an array of {item.dtype}")
            size = x.shape[axis]
            item = item.to(torch.int64)
            item = torch.where(item < 0, item + size, item)
            if inside is not None:
                inside.append((item >= 0) & (item < size))
            item = item.clamp(0, max(size - 1, 0))
        found.append(item)
        axis += item is not None
    return tuple(found)


def _reversed(x: torch.Tensor, items: list[Any]) -> tuple[torch.Tensor, list[Any]]:
    """Slices with a negative step taken first, each on an axis of its own: torch has none."""
    axis, new = 0, []
    for item in items:
        if isinstance(item, slice) and (_bound(item.step) or 1) < 0:
            x = _basic(x, [slice(None)] * axis + [item])
            item = slice(None)
        new.append(item)
        axis += item.dim() if isinstance(item, torch.Tensor) and item.dtype is torch.bool else item is not None
    return x, new


def index(x: torch.Tensor, key: Any, inside: list[torch.Tensor] | None = None) -> torch.Tensor:
    """`x[key]`."""
    items = _expanded(items_of(key), x.dim())
    if all(_is_plain(item) for item in items):
        return _basic(x, items)
    x, items = _reversed(x, items)
    arrays = [item for item in items if isinstance(item, torch.Tensor)]
    if all(_is_scalar_array(item) for item in arrays) and inside is None and len(arrays) == 1:
        place = next(place for place, item in enumerate(items) if isinstance(item, torch.Tensor))
        axis = sum(1 for item in items[:place] if item is not None)
        position = _placed(x, items, None)[place].reshape(1)
        x = x.index_select(axis, position)
        items[place] = 0
        return _basic(x, items)
    device = x.device
    items = [  # beside arrays, a number is one of them
        torch.tensor(item, device=device) if isinstance(item, int | np.integer) and not isinstance(item, bool) else item
        for item in items
    ]
    if any(isinstance(item, torch.Tensor) and item.dim() for item in items):  # torch would take the others for numbers
        items = [item.reshape(1) if _is_scalar_array(item) else item for item in items]
    placed = _placed(x, items, inside)
    if tracing.is_tracing() and all(item.dim() == 0 and item.dtype is not torch.bool for item in arrays):
        return _at_scalars(x, placed)
    return x[placed]


def _at_scalars(x: torch.Tensor, items: tuple[Any, ...]) -> torch.Tensor:
    """`x[items]` where all arrays are without axes, whose values torch would read."""
    places = [place for place, item in enumerate(items) if isinstance(item, torch.Tensor)]
    found = x[tuple([item.reshape(1) if isinstance(item, torch.Tensor) else item for item in items])]
    together = places[-1] - places[0] == len(places) - 1
    return found.squeeze(places[0] if together else 0)


def positions(shape: tuple[int, ...], key: Any, device: Any) -> torch.Tensor:
    """The places, in the flat array, of the elements that `x[key]` has; one past the end for what is outside."""
    count = math.prod(shape)
    numbers = torch.arange(count, device=device).reshape(shape)
    inside: list[torch.Tensor] = []
    items = _expanded(items_of(key), len(shape))
    # A number of Python that is outside is dropped as well.
    items = [
        torch.tensor(i, device=device) if isinstance(i, int | np.integer) and not -n <= i < n else i
        for i, n in _with_sizes(items, shape)
    ]
    if 0 in shape:
        return index(numbers, tuple(items))
    found = index(numbers, tuple(items), inside)
    if not inside:
        return found
    # The mask goes through the same index, so that it has the shape of what was found.
    valid = inside[0]
    for one in inside[1:]:
        valid = valid & one
    if valid.dim() == found.dim():
        return torch.where(valid, found, count)
    return torch.where(_aligned(valid, items, shape, found), found, count)


def _with_sizes(items: list[Any], shape: tuple[int, ...]) -> list[tuple[Any, int]]:
    found, axis = [], 0
    for item in items:
        found.append((item, shape[axis] if item is not None and axis < len(shape) else 0))
        axis += item.dim() if isinstance(item, torch.Tensor) and item.dtype is torch.bool else item is not None
    return found


def _aligned(valid: torch.Tensor, items: list[Any], shape: tuple[int, ...], found: torch.Tensor) -> torch.Tensor:
    """`valid` with axes of size 1 for those of slices: joint first if slices lie between the arrays, else in place."""
    kinds = ["array" if isinstance(i, torch.Tensor | int | np.integer) else "slice" for i in items]
    first, last = kinds.index("array"), len(kinds) - 1 - kinds[::-1].index("array")
    together = all(kind == "array" for kind in kinds[first : last + 1])
    before = first if together else 0
    after = found.dim() - before - valid.dim()
    return valid.reshape((1,) * before + tuple(valid.shape) + (1,) * after)


class At:
    """`x.at`: what `x` would be after a change at some positions."""

    __slots__ = ("array",)

    def __init__(self, array: Array) -> None:
        self.array = array

    def __getitem__(self, key: Any) -> "Update":
        return Update(self.array.tensor, key, type(self.array))


class Update:
    """`x.at[key]`. The arguments `indices_are_sorted`, `unique_indices` and `mode` are taken; `mode` matters to `get`.

    Results are as weak as the array, whose dtype they keep.
    """

    __slots__ = ("key", "kind", "x")

    def __init__(self, x: torch.Tensor, key: Any, kind: type[Array] = Array) -> None:
        self.x, self.key, self.kind = x, key, kind

    def _change(self, change: Callable[..., torch.Tensor], values: Any, mode: Any, sets: bool = False) -> Array:
        x = self.x
        if self.kind is KeyArray and not sets:
            refuse("x.at")
        if (self.kind is KeyArray) is not isinstance(values, KeyArray):
            raise TypeError(f"x.at: keys meet no numbers, got {self.kind.__name__} and {type(values).__name__}")
        values = tensor(values)
        values = values.to(x.dtype) if values.dtype is not x.dtype else values
        places = positions(tuple(x.shape), self.key, x.device)
        if mode == "clip":
            places = _clipped(x, self.key)
        # One element more, which takes what is outside and is cut off.
        flat = torch.cat([x.reshape(-1), x.new_zeros(1)])
        try:
            values = values.expand(places.shape).reshape(-1)
        except RuntimeError:
            raise ArgumentError(
                f"x.at: values of the shape {list(values.shape)} do not fit the {list(places.shape)} selected elements"
            ) from None
        change = widening(change, x.dtype) if x.dtype in UNSIGNED else change
        return self.kind(change(flat, places.reshape(-1), values)[:-1].reshape(x.shape))

    def set(self, values: Any, *, mode: Any = None, **hints: Any) -> Array:
        return self._change(lambda flat, places, new: flat.index_put((places,), new), values, mode, sets=True)

    def add(self, values: Any, *, mode: Any = None, **hints: Any) -> Array:
        if self.x.dtype is torch.bool:
            raise TypeError("booleans are not added: astype makes numbers of them, and max is their disjunction")
        return self._change(lambda flat, places, new: flat.index_add(0, places, new), values, mode)

    def subtract(self, values: Any, *, mode: Any = None, **hints: Any) -> Array:
        if self.x.dtype is torch.bool:
            return self._change(lambda flat, places, new: flat.index_put((places,), flat[places] ^ new), values, mode)
        return self._change(lambda flat, places, new: flat.index_add(0, places, -new), values, mode)

    def _by(self, values: Any, mode: Any, combine: Callable[[Array, Array], Array]) -> Array:
        """Combine the array with the product of the values at each place, and with ones elsewhere."""
        x = self.kind(self.x)
        ones = Update(torch.ones_like(self.x), self.key, self.kind)
        return combine(x, ones.multiply(values, mode=mode))

    def multiply(self, values: Any, *, mode: Any = None, **hints: Any) -> Array:
        return self._change(lambda flat, places, new: flat.scatter_reduce(0, places, new, "prod"), values, mode)

    mul = multiply

    def divide(self, values: Any, *, mode: Any = None, **hints: Any) -> Array:
        return self._by(values, mode, lambda x, by: x / by)  # type: ignore[operator]

    def power(self, values: Any, *, mode: Any = None, **hints: Any) -> Array:
        return self._by(values, mode, lambda x, by: x**by)  # type: ignore[operator]

    def min(self, values: Any, *, mode: Any = None, **hints: Any) -> Array:
        return self._change(lambda flat, places, new: flat.scatter_reduce(0, places, new, "amin"), values, mode)

    def max(self, values: Any, *, mode: Any = None, **hints: Any) -> Array:
        return self._change(lambda flat, places, new: flat.scatter_reduce(0, places, new, "amax"), values, mode)

    def apply(self, function: Callable[[Any], Any], *, mode: Any = None, **hints: Any) -> Array:
        return self.set(function(self.kind(index(self.x, self.key))), mode=mode)

    def get(self, *, mode: Any = None, fill_value: Any = None, **hints: Any) -> Array:
        if mode not in ("fill", "drop") and fill_value is None:
            return self.kind(index(self.x, self.key))
        x = self.x
        if fill_value is None:
            fill_value = (
                math.nan if x.is_floating_point() else torch.iinfo(x.dtype).min if x.dtype is not torch.bool else True
            )
        end = torch.full((1,), fill_value, dtype=x.dtype, device=x.device)
        return self.kind(torch.cat([x.reshape(-1), end])[positions(tuple(x.shape), self.key, x.device)])


def _clipped(x: torch.Tensor, key: Any) -> torch.Tensor:
    return index(torch.arange(x.numel(), device=x.device).reshape(x.shape), key)


def _integers(indices: Any) -> torch.Tensor:
    result = tensor(indices)
    if result.is_floating_point() or result.is_complex():
        raise TypeError(f"indices are integers, got {result.dtype}")
    return result.to(torch.int64)


@jax_function(method="take")
def take(
    a: Any, indices: Any, axis: Any = None, out: None = None, mode: Any = None, unique_indices: bool = False,
    indices_are_sorted: bool = False, fill_value: Any = None,
) -> torch.Tensor:  # fmt: skip
    x, where = tensor(a), _integers(indices)
    if axis is None:
        x, axis = x.reshape(-1), 0
    axis = axes_of(axis, x.dim())[0]
    size = x.shape[axis]
    where = torch.remainder(where, size) if mode == "wrap" else torch.where(where < 0, where + size, where)
    if mode == "clip":
        where = _integers(indices)
    result = x.index_select(axis, where.clamp(0, size - 1).reshape(-1))
    result = result.reshape((*x.shape[:axis], *where.shape, *x.shape[axis + 1 :]))
    if mode in ("clip", "wrap", "promise_in_bounds"):
        return result
    valid = ((where >= 0) & (where < size)).reshape((*where.shape, *[1] * (x.dim() - axis - 1)))
    if fill_value is None:
        fill_value = math.nan if x.is_floating_point() else True if x.dtype is torch.bool else torch.iinfo(x.dtype).min
    return torch.where(valid, result, torch.tensor(fill_value, dtype=x.dtype, device=x.device))


def take_along_axis(arr: Any, indices: Any, axis: Any = -1, mode: Any = None, fill_value: Any = None) -> torch.Tensor:
    x, where = tensor(arr), _integers(indices)
    if axis is None:
        x, axis = x.reshape(-1), 0
    if x.dim() != where.dim() or tensor(indices).dtype is torch.bool:
        raise ValueError(f"indices are integers with the axes of the array, got {where.dim()} and {x.dim()} of them")
    axis = axes_of(axis, x.dim())[0]
    size = x.shape[axis]
    where = torch.where(where < 0, where + size, where)
    rest = torch.broadcast_shapes(*([n if i != axis else 1 for i, n in enumerate(t.shape)] for t in (x, where)))
    x = x.expand([n if i != axis else size for i, n in enumerate(rest)])
    where = where.expand([n if i != axis else where.shape[axis] for i, n in enumerate(rest)])
    result = torch.gather(x, axis, where.clamp(0, size - 1))
    if mode == "clip":
        return result
    fill = math.nan if x.is_floating_point() else True if x.dtype is torch.bool else torch.iinfo(x.dtype).min
    fill = fill if fill_value is None else fill_value
    return torch.where((where >= 0) & (where < size), result, torch.tensor(fill, dtype=x.dtype, device=x.device))


def put_along_axis(
    arr: Any, indices: Any, values: Any, axis: Any, inplace: bool = True, *, mode: Any = None
) -> torch.Tensor:
    if inplace:
        raise ValueError("arrays are immutable: call put_along_axis with inplace=False, which gives the new array")
    x, where = tensor(arr), _integers(indices)
    if axis is None:
        return put_along_axis(x.reshape(-1), where, values, 0, False).reshape(x.shape)
    if x.dim() != where.dim():
        raise ValueError(f"indices have the axes of the array, got {where.dim()} and {x.dim()} of them")
    return torch.scatter(x, axis, where % x.shape[axis], tensor(values).to(x.dtype).expand(where.shape))


def put(a: Any, ind: Any, v: Any, mode: Any = None, *, inplace: bool = True) -> torch.Tensor:
    if inplace:
        raise ValueError("arrays are immutable: call put with inplace=False, which gives the new array")
    x, where, values = tensor(a), _integers(ind).reshape(-1), tensor(v).reshape(-1)
    if not x.dim():
        raise ValueError("an array without axes has no places to put values in")
    values = values.repeat(-(-len(where) // max(len(values), 1)))[: len(where)]
    return Update(x.reshape(-1), where).set(values).tensor.reshape(x.shape)


@jax_function(operands="choicelist default", meets=int)
def select(condlist: Any, choicelist: Any, default: Any = 0) -> torch.Tensor:
    result, *choices = same(default, *choicelist)
    for condition, choice in zip(condlist[::-1], choices[::-1], strict=True):
        result = torch.where(tensor(condition).to(torch.bool), choice, result)
    return result


@jax_function(operands="choices", weak=False, method="choose")
def choose(a: Any, choices: Any, out: None = None, mode: str = "raise") -> torch.Tensor:
    if tensor(a).dtype is torch.bool:
        raise ValueError("a choice is made by integers, got booleans")
    rows = torch.broadcast_tensors(_integers(a), *same(*choices))
    limit = len(rows) - 2
    if mode == "raise" and bool(((rows[0] < 0) | (rows[0] > limit)).any()):
        raise ValueError(f"there are {limit + 1} choices: pass mode='clip' or 'wrap' for other numbers")
    places = rows[0] % (limit + 1) if mode == "wrap" else rows[0].clamp(0, limit)
    return torch.gather(torch.stack(rows[1:]), 0, places[None])[0]


@jax_function(operands="arr")
def extract(condition: Any, arr: Any) -> torch.Tensor:
    return compress(tensor(condition).reshape(-1), tensor(arr).reshape(-1))


@jax_function(operands="a")
def compress(condition: Any, a: Any, axis: Any = None) -> torch.Tensor:
    x = tensor(a)
    if axis is None:
        x, axis = x.reshape(-1), 0
    mask = tensor(condition).to(torch.bool)
    if mask.dim() != 1:
        raise ValueError(f"the condition has one axis, got {mask.dim()}")
    mask = mask[: x.shape[axes_of(axis, x.dim())[0]]]
    return x.index_select(axis, torch.nonzero(mask).reshape(-1))


def fill_diagonal(a: Any, val: Any, wrap: bool = False, *, inplace: bool = True) -> torch.Tensor:
    if inplace:
        raise ValueError("arrays are immutable: call fill_diagonal with inplace=False, which gives the new array")
    x = tensor(a)
    if x.dim() < 2 or (x.dim() > 2 and len(set(x.shape)) > 1):
        raise ValueError(f"a diagonal is of 2 axes, or of more of one size, got the shape {tuple(x.shape)}")
    count, values = min(x.shape), tensor(val).reshape(-1)
    values = values.repeat(-(-count // max(len(values), 1)))[:count]
    return Update(x, (torch.arange(count, device=x.device),) * x.dim()).set(values).tensor


@jax_function(meets=int)
def unravel_index(indices: Any, shape: Any) -> tuple[torch.Tensor, ...]:
    from unified.compat.jax.on_torch.numpy.shapes import sizes

    flat, dims = as_number(indices), sizes(shape)
    total = math.prod(dims)
    flat = torch.where(flat < 0, flat + total, flat).clamp(0, total - 1)
    result = []
    for dim in dims[::-1]:
        result.append(flat % dim)
        flat = torch.div(flat, dim, rounding_mode="floor")
    return tuple(result[::-1])


@jax_function(weak=False)
def ravel_multi_index(multi_index: Any, dims: Any, mode: str = "raise", order: str = "C") -> torch.Tensor:
    if any(tensor(where).dtype is torch.bool for where in multi_index):
        raise TypeError("indices are integers, got booleans")
    places = [(_integers(where), dim) for where, dim in zip(multi_index, dims, strict=True)]
    if mode == "raise" and any(bool(((where < 0) | (where >= dim)).any()) for where, dim in places):
        raise ValueError(f"an index is out of bounds of {tuple(dims)}: pass mode='clip' or 'wrap'")
    result: Any = 0
    for where, dim in places if order == "C" else places[::-1]:
        where = where.clamp(0, dim - 1) if mode == "clip" else where % dim if mode == "wrap" else where
        result = result * dim + where
    return tensor(result).to(default_int())


@jax_function(on_arrays=True)
def apply_along_axis(func1d: Any, axis: int, arr: Any, *args: Any, **kwargs: Any) -> Array:
    array = as_array(arr)
    x = array.tensor
    axis = axes_of(axis, x.dim())[0]
    rest = [i for i in range(x.dim()) if i != axis]
    rows = x.permute((*rest, axis)).reshape(-1, x.shape[axis])
    results = [as_array(func1d(type(array)(row), *args, **kwargs)) for row in rows]
    found = torch.stack([result.tensor for result in results])
    found = found.reshape((*[x.shape[i] for i in rest], *found.shape[1:]))
    found = torch.movedim(
        found, tuple(range(len(rest), found.dim())), tuple(range(axis, axis + found.dim() - len(rest)))
    )
    return type(results[0])(found)
