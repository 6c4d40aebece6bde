"""Shapes."""

def broadcast_arrays(*arrays: ArrayT) -> list[ArrayT]:
    """Return the arrays in the shape that they have together.

    Args:
        *arrays: arrays whose sizes, counted from the last, are equal or 1.

    >>> a, b = unp.broadcast_arrays(torch.ones(2), torch.ones(3, 1))
    >>> a.shape, b.shape
    (torch.Size([3, 2]), torch.Size([3, 2]))
    """

def broadcast_to(x: ArrayT, /, shape: tuple[int, ...]) -> ArrayT:
    """Return `x` repeated to a shape.

    Args:
        x: an array whose sizes, counted from the last, are those of `shape` or 1.
        shape: the sizes of the result.

    >>> unp.broadcast_to(torch.tensor([[1.0], [2.0]]), (2, 3))
    tensor([[1., 1., 1.],
            [2., 2., 2.]])
    """

def concat(arrays: Sequence[ArrayT], /, *, axis: int | None = 0) -> ArrayT:
    """Return the arrays one after the other along an axis.

    Args:
        arrays: arrays with equal sizes along all other axes.
        axis: the axis; `None` flattens them all first.

    >>> import jax.numpy as jnp, torch, unified.numpy as unp
    >>> unp.concat([torch.tensor([1.0]), torch.tensor([2.0, 3.0])])
    tensor([1., 2., 3.])
    >>> unp.concat([jnp.array([1.0]), jnp.array([2.0, 3.0])])
    Array([1., 2., 3.], dtype=float32)
    """

def expand_dims(x: ArrayT, /, axis: int | tuple[int, ...]) -> ArrayT:
    """Return `x` with a new axis of size 1, or with several, at these places of the result.

    >>> unp.expand_dims(torch.ones(3), (0, 2)).shape
    torch.Size([1, 3, 1])
    """

def flip(x: ArrayT, /, *, axis: Axes = None) -> ArrayT:
    """Return `x` in reverse order along axes; by default along all.

    >>> unp.flip(torch.tensor([[1, 2], [3, 4]]), axis=1)
    tensor([[2, 1],
            [4, 3]])
    """

def moveaxis(x: ArrayT, source: int | tuple[int, ...], destination: int | tuple[int, ...], /) -> ArrayT:
    """Return `x` with axes moved to other places; the others keep their order.

    Args:
        x: an array of any shape.
        source: an axis, or several.
        destination: their places in the result, as many.

    >>> unp.moveaxis(torch.ones(2, 3, 4), 0, -1).shape
    torch.Size([3, 4, 2])
    """

def pad(
    x: ArrayT,
    pad_width: int | Sequence[int] | Sequence[tuple[int, int]],
    /,
    *,
    mode: Literal["constant", "edge", "reflect", "wrap"] = "constant",
    constant_values: complex = 0,
) -> ArrayT:
    """Return `x` with more elements at the ends of its axes.

    Args:
        x: an array of any shape.
        pad_width: a pair `(before, after)` for each axis; one pair or one number for all.
        mode: what is added: `constant_values`, the last element, the reflection without the last element, or the
            elements of the other end.
        constant_values: a number.

    Raises:
        ValueError: a negative width, another number of pairs than there are axes, or no element to add again.

    Source: beyond the standard; `numpy.pad`.

    >>> unp.pad(torch.tensor([1, 2]), (1, 2))
    tensor([0, 1, 2, 0, 0])
    """

def permute_dims(x: ArrayT, /, axes: tuple[int, ...]) -> ArrayT:
    """Return `x` with its axes in another order.

    Args:
        x: an array of any shape.
        axes: for each axis of the result the axis of `x` that it is.

    >>> unp.permute_dims(torch.ones(2, 3, 4), (2, 0, 1)).shape
    torch.Size([4, 2, 3])
    """

def repeat(x: ArrayT, repeats: int | ArrayLike, /, *, axis: int | None = None) -> ArrayT:
    """Return `x` with each element repeated: not torch's method `repeat`, which is `tile`.

    Args:
        x: an array of any shape.
        repeats: how often, for all elements or for each along the axis.
        axis: the axis; `None` flattens `x` first.

    >>> unp.repeat(torch.tensor([1.0, 2.0]), torch.tensor([2, 1]))
    tensor([1., 1., 2.])
    """

def reshape(x: ArrayT, /, shape: tuple[int, ...], *, copy: bool | None = None) -> ArrayT:
    """Return the elements of `x` in another shape.

    Args:
        x: an array of any shape.
        shape: the sizes, of which one may be -1 for what is left.
        copy: whether memory is copied: always, never, or if it is necessary (`None`).

    Raises:
        ValueError: `copy=False`, and the shape needs a copy (on torch; arrays of JAX cannot be written, so that a copy
            makes no difference).

    >>> unp.reshape(torch.arange(6), (2, -1))
    tensor([[0, 1, 2],
            [3, 4, 5]])
    """

def roll(x: ArrayT, /, shift: int | tuple[int, ...], *, axis: Axes = None) -> ArrayT:
    """Return `x` with elements moved along axes, those from the end to the beginning.

    Args:
        x: an array of any shape.
        shift: by how many places, or for each axis its own.
        axis: the axes; `None` moves in the flat array.

    >>> unp.roll(torch.tensor([1, 2, 3]), 1)
    tensor([3, 1, 2])
    """

def split(x: ArrayT, indices_or_sections: int | Sequence[int], /, *, axis: int = 0) -> list[ArrayT]:
    """Return the parts of `x` along an axis.

    Args:
        x: an array of any shape.
        indices_or_sections: the number of parts, all of one size, or the indices at which all but the first begin.
        axis: the axis.

    Raises:
        ValueError: there are no so many parts of equal size (torch's `split` takes the size of the parts instead).

    Source: beyond the standard; `numpy.split`.

    >>> import torch, unified.numpy as unp
    >>> [part.tolist() for part in unp.split(torch.arange(6), [2, 3])]
    [[0, 1], [2], [3, 4, 5]]
    """

def squeeze(x: ArrayT, /, axis: int | tuple[int, ...]) -> ArrayT:
    """Return `x` without these axes, which have the size 1.

    Raises:
        ValueError: an axis has another size.

    >>> unp.squeeze(torch.ones(2, 1, 3), 1).shape
    torch.Size([2, 3])
    """

def stack(arrays: Sequence[ArrayT], /, *, axis: int = 0) -> ArrayT:
    """Return arrays of one shape along a new axis.

    Args:
        arrays: arrays of one shape.
        axis: the place of the new axis in the result.

    >>> unp.stack([torch.tensor([1, 2]), torch.tensor([3, 4])], axis=1)
    tensor([[1, 3],
            [2, 4]])
    """

def tile(x: ArrayT, repetitions: tuple[int, ...], /) -> ArrayT:
    """Return `x` so many times along each axis.

    Args:
        x: an array of any shape.
        repetitions: how often along each axis, the last one last; torch's method `repeat` takes them too.

    >>> unp.tile(torch.tensor([1, 2]), (2, 2))
    tensor([[1, 2, 1, 2],
            [1, 2, 1, 2]])
    """

def unstack(x: ArrayT, /, *, axis: int = 0) -> tuple[ArrayT, ...]:
    """Return the slices of `x` along an axis, as a tuple.

    >>> unp.unstack(torch.tensor([[1, 2], [3, 4]]), axis=1)
    (tensor([1, 3]), tensor([2, 4]))
    """
