"""Shapes.

Written by `make generate` from the stub in tools/array_functions/.
"""

from collections.abc import Sequence
from typing import Literal, Never

from unified.core.annotations import ArrayLike, ArrayT
from unified.core.array_functions import functions_of
from unified.core.array_results import Axes
from unified.core.scope import current
from unified.numpy.idioms import refuse_keywords

# fmt: off
__all__ = [
    "broadcast_arrays", "broadcast_to", "concat", "expand_dims", "flip", "moveaxis", "pad", "permute_dims", "repeat",
    "reshape", "roll", "split", "squeeze", "stack", "tile", "unstack",
]


def broadcast_arrays(*arrays: ArrayT) -> list[ArrayT]:
    """Return the arrays in the shape that they have together."""
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(*arrays)).broadcast_arrays(*arrays)

def broadcast_to(x: ArrayT, /, shape: tuple[int, ...]) -> ArrayT:
    """Return `x` repeated to a shape."""
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).broadcast_to(x, shape)

def concat(arrays: Sequence[ArrayT], /, *, axis: int | None = 0, **idioms: Never) -> ArrayT:
    """Return the arrays one after the other along an axis; flat for `axis=None`."""
    if idioms:
        refuse_keywords("concat", idioms)
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(*arrays)).concat(arrays, axis=axis)

def expand_dims(x: ArrayT, /, axis: int | tuple[int, ...], **idioms: Never) -> ArrayT:
    """Return `x` with a new axis of size 1 at that place."""
    if idioms:
        refuse_keywords("expand_dims", idioms)
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).expand_dims(x, axis)

def flip(x: ArrayT, /, *, axis: Axes = None, **idioms: Never) -> ArrayT:
    """Return `x` in reverse order along axes."""
    if idioms:
        refuse_keywords("flip", idioms)
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).flip(x, axis=axis)

def moveaxis(x: ArrayT, source: int | tuple[int, ...], destination: int | tuple[int, ...], /) -> ArrayT:
    """Return `x` with axes moved to other places."""
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).moveaxis(x, source, destination)

def pad(
    x: ArrayT, pad_width: int | Sequence[int] | Sequence[tuple[int, int]], /, *,
    mode: Literal["constant", "edge", "reflect", "wrap"] = "constant", constant_values: complex = 0) -> ArrayT:
    """Return `x` with more elements at the ends of its axes. (Beyond the standard.)

    Args:
        x: an array of any shape.
        pad_width: a pair `(before, after)` for each axis; one pair or one number for all.
        mode: what is added: `constant_values`, the last element, the reflection without the last element, or the
            elements of the other end.
        constant_values: a number.

    Raises:
        ValueError: a negative width, another number of pairs than there are axes, or no element to add again.

    >>> import torch, unified.numpy as unp
    >>> unp.pad(torch.tensor([1, 2]), (1, 2))
    tensor([0, 1, 2, 0, 0])
    """
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).pad(
        x, pad_width, mode=mode, constant_values=constant_values)

def permute_dims(x: ArrayT, /, axes: tuple[int, ...], **idioms: Never) -> ArrayT:
    """Return `x` with its axes in another order."""
    if idioms:
        refuse_keywords("permute_dims", idioms)
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).permute_dims(x, axes)

def repeat(x: ArrayT, repeats: int | ArrayLike, /, *, axis: int | None = None, **idioms: Never) -> ArrayT:
    """Return `x` with each element repeated: not torch's method `repeat`, which is `tile`."""
    if idioms:
        refuse_keywords("repeat", idioms)
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x, repeats)).repeat(
        x, repeats, axis=axis)

def reshape(x: ArrayT, /, shape: tuple[int, ...], *, copy: bool | None = None) -> ArrayT:
    """Return the elements of `x` in another shape, of which one size may be -1."""
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).reshape(x, shape, copy=copy)

def roll(x: ArrayT, /, shift: int | tuple[int, ...], *, axis: Axes = None, **idioms: Never) -> ArrayT:
    """Return `x` with elements moved along axes, those from the end to the beginning."""
    if idioms:
        refuse_keywords("roll", idioms)
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).roll(x, shift, axis=axis)

def split(x: ArrayT, indices_or_sections: int | Sequence[int], /, *, axis: int = 0, **idioms: Never) -> list[ArrayT]:
    """Return the parts of `x` along an axis: so many of equal size, or those between indices. (Beyond the standard.)

    Raises:
        ValueError: there are no so many parts of equal size (torch's `split` takes the size of the parts instead).

    >>> import torch, unified.numpy as unp
    >>> [part.tolist() for part in unp.split(torch.arange(6), [2, 3])]
    [[0, 1], [2], [3, 4, 5]]
    """
    if idioms:
        refuse_keywords("split", idioms)
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).split(
        x, indices_or_sections, axis=axis)

def squeeze(x: ArrayT, /, axis: int | tuple[int, ...], **idioms: Never) -> ArrayT:
    """Return `x` without axes of size 1."""
    if idioms:
        refuse_keywords("squeeze", idioms)
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).squeeze(x, axis)

def stack(arrays: Sequence[ArrayT], /, *, axis: int = 0, **idioms: Never) -> ArrayT:
    """Return arrays of one shape along a new axis."""
    if idioms:
        refuse_keywords("stack", idioms)
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(*arrays)).stack(arrays, axis=axis)

def tile(x: ArrayT, repetitions: tuple[int, ...], /) -> ArrayT:
    """Return `x` so many times along each axis."""
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).tile(x, repetitions)

def unstack(x: ArrayT, /, *, axis: int = 0, **idioms: Never) -> tuple[ArrayT, ...]:
    """Return the slices of `x` along an axis."""
    if idioms:
        refuse_keywords("unstack", idioms)
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).unstack(x, axis=axis)
