"""Reshaping."""

from collections.abc import Iterable
from typing import Any

from unified.core.layer import Layer, LayerVariable

__all__ = ["Flatten", "Identity", "Unflatten"]


class Flatten(Layer):
    """The input with the dimensions from `start_dim` to `end_dim` flattened into one.

    Args:
        start_dim, end_dim: the first and the last of these dimensions; the default leaves the first one, the batch.

    Shapes: `(N, ...)` to `(N, product)` by default.

    Source: `torch.nn.Flatten`.

    >>> import torch, unified as u
    >>> net = u.transform(lambda x: u.Flatten()(x), backend="torch").init(torch.ones(2, 3, 4), rng=0)
    >>> list(net(torch.ones(2, 3, 4)).shape)
    [2, 12]
    """

    @staticmethod
    def variables(start_dim: int = 1, end_dim: int = -1) -> Iterable[LayerVariable]:
        return ()


class Identity(Layer):
    """The identity: a layer that returns its input.

    Args:
        *args, **kwargs: anything; ignored.

    Shapes: `(*)` to the same.

    Source: `torch.nn.Identity`.

    >>> import torch, unified as u
    >>> net = u.transform(lambda x: u.Identity(54)(x), backend="torch").init(torch.ones(1), rng=0)
    >>> net(torch.ones(1)).tolist()
    [1.0]
    """

    @staticmethod
    def variables(*args: Any, **kwargs: Any) -> Iterable[LayerVariable]:
        return ()


class Unflatten(Layer):
    """The input with dimension `dim` split into several, of the sizes `unflattened_size`; one of them may be -1.

    Named dimensions, a prototype in torch, are not supported.

    Args:
        dim: the dimension that is split, an integer.
        unflattened_size: the sizes that replace it; one of them may be -1, and follows from the others.

    Shapes: `(..., size, ...)` to `(..., *unflattened_size, ...)`.

    Source: `torch.nn.Unflatten`.

    >>> import torch, unified as u
    >>> x = torch.ones(2, 12)
    >>> net = u.transform(lambda x: u.Unflatten(1, (3, 4))(x), backend="torch").init(x, rng=0)
    >>> list(net(x).shape)
    [2, 3, 4]
    """

    @staticmethod
    def variables(dim: int, unflattened_size: Any) -> Iterable[LayerVariable]:
        if not isinstance(dim, int):
            raise TypeError(f"dim must be an integer (named dimensions are not supported), got {dim!r}")
        if any(not isinstance(size, int) for size in unflattened_size):
            raise TypeError(f"unflattened_size must be a tuple of integers, got {unflattened_size!r}")
        return ()
