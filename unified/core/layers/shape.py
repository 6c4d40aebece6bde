"""Layers that only rearrange."""

from collections.abc import Iterable
from typing import Any

from unified.core.layer import Layer, LayerVariable

__all__ = ["Flatten", "Identity"]


class Flatten(Layer):
    """Joins the dimensions from `start_dim` to `end_dim` into one.

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
    """Returns its input. Takes any arguments and ignores them.

    Source: `torch.nn.Identity`.

    >>> import torch, unified as u
    >>> u.transform(lambda x: u.Identity(54)(x), backend="torch").init(torch.ones(1), rng=0)(torch.ones(1)).tolist()
    [1.0]
    """

    @staticmethod
    def variables(*args: Any, **kwargs: Any) -> Iterable[LayerVariable]:
        return ()
