"""Shapes."""

def broadcast_arrays(*arrays: ArrayT) -> list[ArrayT]:
    """Return the arrays in the shape that they have together."""

def broadcast_to(x: ArrayT, /, shape: tuple[int, ...]) -> ArrayT:
    """Return `x` repeated to a shape."""

def concat(arrays: Sequence[ArrayT], /, *, axis: int | None = 0) -> ArrayT:
    """Return the arrays one after the other along an axis; flat for `axis=None`."""

def expand_dims(x: ArrayT, /, axis: int | tuple[int, ...]) -> ArrayT:
    """Return `x` with a new axis of size 1 at that place."""

def flip(x: ArrayT, /, *, axis: Axes = None) -> ArrayT:
    """Return `x` in reverse order along axes."""

def moveaxis(x: ArrayT, source: int | tuple[int, ...], destination: int | tuple[int, ...], /) -> ArrayT:
    """Return `x` with axes moved to other places."""

def pad(
    x: ArrayT,
    pad_width: int | Sequence[int] | Sequence[tuple[int, int]],
    /,
    *,
    mode: Literal["constant", "edge", "reflect", "wrap"] = "constant",
    constant_values: complex = 0,
) -> ArrayT:
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

def permute_dims(x: ArrayT, /, axes: tuple[int, ...]) -> ArrayT:
    """Return `x` with its axes in another order."""

def repeat(x: ArrayT, repeats: int | ArrayLike, /, *, axis: int | None = None) -> ArrayT:
    """Return `x` with each element repeated: not torch's method `repeat`, which is `tile`."""

def reshape(x: ArrayT, /, shape: tuple[int, ...], *, copy: bool | None = None) -> ArrayT:
    """Return the elements of `x` in another shape, of which one size may be -1."""

def roll(x: ArrayT, /, shift: int | tuple[int, ...], *, axis: Axes = None) -> ArrayT:
    """Return `x` with elements moved along axes, those from the end to the beginning."""

def split(x: ArrayT, indices_or_sections: int | Sequence[int], /, *, axis: int = 0) -> list[ArrayT]:
    """Return the parts of `x` along an axis: so many of equal size, or those between indices. (Beyond the standard.)

    Raises:
        ValueError: there are no so many parts of equal size (torch's `split` takes the size of the parts instead).

    >>> import torch, unified.numpy as unp
    >>> [part.tolist() for part in unp.split(torch.arange(6), [2, 3])]
    [[0, 1], [2], [3, 4, 5]]
    """

def squeeze(x: ArrayT, /, axis: int | tuple[int, ...]) -> ArrayT:
    """Return `x` without axes of size 1."""

def stack(arrays: Sequence[ArrayT], /, *, axis: int = 0) -> ArrayT:
    """Return arrays of one shape along a new axis."""

def tile(x: ArrayT, repetitions: tuple[int, ...], /) -> ArrayT:
    """Return `x` so many times along each axis."""

def unstack(x: ArrayT, /, *, axis: int = 0) -> tuple[ArrayT, ...]:
    """Return the slices of `x` along an axis."""
