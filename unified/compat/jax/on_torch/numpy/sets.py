"""Sets of values after the array API, sorted complex numbers, bits in bytes, and arrays of blocks."""

from typing import Any, NamedTuple

import numpy as np
import torch

from unified.compat.jax.on_torch.array import Array, as_array, tensor
from unified.compat.jax.on_torch.behaviour import FIRST, Behaviour, jax_function
from unified.compat.jax.on_torch.dtypes import category, numpy_dtype
from unified.compat.jax.on_torch.numpy.operands import axes_of, same
from unified.compat.jax.on_torch.numpy.sorting import unique

__all__ = [
    "apply_over_axes",
    "block",
    "ediff1d",
    "einsum_path",
    "frexp",
    "kaiser",
    "packbits",
    "sort_complex",
    "spacing",
    "unique_all",
    "unique_counts",
    "unique_inverse",
    "unique_values",
    "unpackbits",
]

BEHAVIOUR = Behaviour(operands=FIRST, weak=False)


class UniqueAll(NamedTuple):
    """Values, where each is first, which of them each element is, and how often each is there."""

    values: Any
    indices: Any
    inverse_indices: Any
    counts: Any


class UniqueCounts(NamedTuple):
    """Values, and how often each is there."""

    values: Any
    counts: Any


class UniqueInverse(NamedTuple):
    """Values, and which of them each element is."""

    values: Any
    inverse_indices: Any


@jax_function(weak=True)
def unique_values(x: Any, /, *, size: Any = None, fill_value: Any = None) -> torch.Tensor:
    return unique(x, size=size, fill_value=fill_value, equal_nan=False)


@jax_function(weak="first")
def unique_counts(x: Any, /, *, size: Any = None, fill_value: Any = None) -> UniqueCounts:
    return UniqueCounts(*unique(x, return_counts=True, size=size, fill_value=fill_value, equal_nan=False))


@jax_function(weak="first")
def unique_inverse(x: Any, /, *, size: Any = None, fill_value: Any = None) -> UniqueInverse:
    values, places = unique(x, return_inverse=True, size=size, fill_value=fill_value, equal_nan=False)
    return UniqueInverse(values, places.reshape(tensor(x).shape))


@jax_function(weak="first")
def unique_all(x: Any, /, *, size: Any = None, fill_value: Any = None) -> UniqueAll:
    values, first, places, counts = unique(
        x, return_index=True, return_inverse=True, return_counts=True, size=size, fill_value=fill_value, equal_nan=False
    )
    return UniqueAll(values, first, places.reshape(tensor(x).shape), counts)


@jax_function(on_arrays=True)
def apply_over_axes(func: Any, a: Any, axes: Any) -> Any:
    result = as_array(a)
    for axis in axes_of(axes, result.ndim):
        reduced = func(result, axis)
        result = reduced if reduced.ndim == result.ndim else Array(reduced.tensor.unsqueeze(axis))
    return result


def _depth(value: Any) -> int:
    return 1 + max(map(_depth, value), default=0) if isinstance(value, list) else 0


@jax_function(weak=True)
def block(arrays: Any) -> torch.Tensor:
    """Join nested lists of arrays: the innermost along the last axis, the lists around them along the one before."""
    depth = _depth(arrays)
    leaves: list[torch.Tensor] = []

    def collect(value: Any) -> None:
        if isinstance(value, list):
            if not value:
                raise ValueError("block: a list of arrays is empty")
            for item in value:
                collect(item)
        else:
            leaves.append(value)

    collect(arrays)
    rank = max(depth, *[tensor(leaf).dim() for leaf in leaves])
    converted = iter([x.reshape((1,) * (rank - x.dim()) + tuple(x.shape)) for x in same(*leaves)])

    def joined(value: Any, axis: int) -> torch.Tensor:
        if not isinstance(value, list):
            return next(converted)
        return torch.cat([joined(item, axis + 1) for item in value], axis)

    return joined(arrays, rank - depth)


@jax_function(weak=lambda ary, to_end=None, to_begin=None: to_end is None and to_begin is None)
def ediff1d(ary: Any, to_end: Any = None, to_begin: Any = None) -> torch.Tensor:
    x = tensor(ary).reshape(-1)
    parts = [x[1:] - x[:-1]]
    if to_begin is not None:
        parts.insert(0, tensor(to_begin).reshape(-1).to(x.dtype))
    if to_end is not None:
        parts.append(tensor(to_end).reshape(-1).to(x.dtype))
    return torch.cat(parts)


@jax_function(on_arrays=True)
def einsum_path(subscripts: Any, /, *operands: Any, optimize: Any = "auto") -> Any:
    arrays = [np.broadcast_to(np.float32(0), as_array(operand).shape) for operand in operands]
    path, text = np.einsum_path(subscripts, *arrays, optimize="optimal" if optimize == "auto" else optimize)
    return path[1:], text


def frexp(x: Any, /) -> tuple[torch.Tensor, torch.Tensor]:
    x = tensor(x)
    mantissa, exponent = torch.frexp(x if x.is_floating_point() else x.to(torch.float32))
    return mantissa, exponent.to(torch.int32)


def kaiser(M: int, beta: Any) -> torch.Tensor:  # noqa: N803
    beta = tensor(beta).to(torch.float32)
    if M <= 1:
        return torch.ones(M, dtype=torch.float32)
    place = (2 * torch.arange(M, dtype=torch.float32) / (M - 1) - 1) ** 2
    return torch.special.i0(beta * torch.sqrt((1 - place).clamp(min=0))) / torch.special.i0(beta)


def sort_complex(a: Any) -> torch.Tensor:
    x = tensor(a)
    if not x.is_complex():
        wide = torch.complex128 if x.dtype is torch.float64 else torch.complex64
        return torch.sort(x, stable=True).values.to(wide)
    order = torch.argsort(x.imag, stable=True)
    ordered = x.gather(-1, order)
    return ordered.gather(-1, torch.argsort(ordered.real, stable=True))


def spacing(x: Any, /) -> torch.Tensor:
    x = tensor(x)
    x = x if x.is_floating_point() else x.to(torch.float32)
    away = torch.copysign(torch.full_like(x, torch.inf), x)
    return torch.where(torch.isfinite(x), torch.nextafter(x, away) - x, torch.nan)


def _weights(order: str, device: torch.device) -> torch.Tensor:
    if order not in ("big", "little"):
        raise ValueError(f"bits are in the order 'big' or 'little', got {order!r}")
    powers = torch.arange(8, dtype=torch.int64, device=device)
    return powers.flip(0) if order == "big" else powers


def packbits(a: Any, axis: int | None = None, bitorder: str = "big") -> torch.Tensor:
    x = tensor(a)
    if category(x.dtype) > 1:
        raise TypeError(f"packbits takes booleans or integers, got {numpy_dtype(x.dtype)}")
    x, axis = (x.reshape(-1), 0) if axis is None else (x, axis)
    bits = (x != 0).movedim(axis, -1).to(torch.int64)
    bits = torch.nn.functional.pad(bits, (0, -bits.shape[-1] % 8)).unflatten(-1, (-1, 8))
    return (bits << _weights(bitorder, x.device)).sum(-1).to(torch.uint8).movedim(-1, axis)


def unpackbits(a: Any, axis: int | None = None, count: int | None = None, bitorder: str = "big") -> torch.Tensor:
    x = tensor(a)
    if x.dtype is not torch.uint8:
        raise TypeError(f"unpackbits takes bytes, of uint8, got {numpy_dtype(x.dtype)}")
    x, axis = (x.reshape(-1), 0) if axis is None else (x, axis)
    words = x.movedim(axis, -1).to(torch.int64)[..., None]
    bits = ((words >> _weights(bitorder, x.device)) & 1).flatten(-2).to(torch.uint8)
    if count is not None and count > bits.shape[-1]:
        bits = torch.nn.functional.pad(bits, (0, count - bits.shape[-1]))
    return (bits if count is None else bits[..., :count]).movedim(-1, axis)
