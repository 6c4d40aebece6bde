"""`at`: arrays with other elements at some positions."""

from typing import Any, Generic

from unified.core.annotations import ArrayLike, ArrayT
from unified.core.array_functions import functions_of
from unified.core.scope import current

__all__ = ["At", "at"]


class _Missing:
    """No index yet."""


class At(Generic[ArrayT]):
    """The elements of an array at an index; each method returns a new array.

    At an index that comes several times `add`, `multiply`, `min` and `max` take all its values, and `set` takes one of
    them. A position beyond the array raises on torch; JAX, which cannot raise for a value, drops what is written there,
    and what is read is NaN, the least integer or the greatest unsigned one.

    >>> import jax.numpy as jnp, torch, unified.numpy as unp
    >>> unp.at(torch.zeros(3))[1:].set(5.0), unp.at(jnp.zeros(3))[1:].set(5.0)
    (tensor([0., 5., 5.]), Array([0., 5., 5.], dtype=float32))
    """

    __slots__ = ("_array", "_index")

    def __init__(self, array: ArrayT, index: Any) -> None:
        self._array = array
        self._index = index

    def __getitem__(self, index: Any) -> "At[ArrayT]":
        if self._index is not _Missing:
            raise TypeError("unified.numpy.at(x, index)[index] has two indices: pass one")
        return At(self._array, index)

    def get(self) -> ArrayT:
        """Return the elements, `x[index]`.

        >>> import torch, unified.numpy as unp
        >>> unp.at(torch.tensor([1.0, 2.0, 3.0]))[1:].get()
        tensor([2., 3.])
        """
        return self._functions().index_get(*self._place())

    def set(self, values: ArrayLike | complex, /) -> ArrayT:
        """Return the array with `values` in their place; they broadcast.

        >>> import torch, unified.numpy as unp
        >>> unp.at(torch.zeros(2, 2))[:, 0].set(1.0)
        tensor([[1., 0.],
                [1., 0.]])
        """
        return self._functions(values).index_set(*self._place(), values)

    def add(self, values: ArrayLike | complex, /) -> ArrayT:
        """Return the array with `values` added to them; at an index that comes several times, all of its values.

        >>> import torch, unified.numpy as unp
        >>> unp.at(torch.zeros(2), torch.tensor([0, 0])).add(1.0)
        tensor([2., 0.])
        """
        return self._functions(values).index_add(*self._place(), values)

    def multiply(self, values: ArrayLike | complex, /) -> ArrayT:
        """Return the array with them multiplied by `values`.

        >>> import torch, unified.numpy as unp
        >>> unp.at(torch.tensor([1.0, 2.0]), 1).multiply(10.0)
        tensor([ 1., 20.])
        """
        return self._functions(values).index_multiply(*self._place(), values)

    def min(self, values: ArrayLike | complex, /) -> ArrayT:
        """Return the array with the lesser of them and `values`.

        >>> import torch, unified.numpy as unp
        >>> unp.at(torch.tensor([1.0, 5.0]), ...).min(3.0)
        tensor([1., 3.])
        """
        return self._functions(values).index_min(*self._place(), values)

    def max(self, values: ArrayLike | complex, /) -> ArrayT:
        """Return the array with the greater of them and `values`.

        >>> import torch, unified.numpy as unp
        >>> unp.at(torch.tensor([1.0, 5.0]), ...).max(3.0)
        tensor([3., 5.])
        """
        return self._functions(values).index_max(*self._place(), values)

    def _place(self) -> tuple[ArrayT, Any]:
        if self._index is _Missing:
            raise TypeError("unified.numpy.at(x) has no index: write at(x, index) or at(x)[index]")
        return self._array, self._index

    def _functions(self, *values: Any) -> Any:
        scope = current.scope
        return functions_of(self._array, *values) if scope is None else scope.frame.backend.numpy


def at(x: ArrayT, index: Any = _Missing, /) -> At[ArrayT]:
    """Return the elements of `x` at an index, for a new array with others there: `at(x, i).add(v)`, `at(x)[i].set(v)`.

    Args:
        x: an array of any shape; its dtype is that of the results.
        index: whatever `x[index]` takes: numbers, slices, `None`, `...`, arrays of integers, a mask.

    Raises:
        TypeError: when a method is called: there is no index, or two.

    Source: beyond the standard; `jax.numpy.ndarray.at`.

    >>> import torch, unified.numpy as unp
    >>> unp.at(torch.zeros(3), torch.tensor([0, 2, 2])).add(1.0)
    tensor([1., 0., 2.])
    """
    return At(x, index)
