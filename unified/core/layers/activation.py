"""Activations: a function of each value, or of each slice along a dimension."""

from collections.abc import Iterable
from typing import Any

from unified.core.layer import Layer, LayerVariable

__all__ = ["GELU", "ReLU", "Sigmoid", "Softmax", "Tanh"]


class ReLU(Layer):
    """`max(x, 0)`. `inplace` writes over the input on torch, and has no effect on JAX.

    Source: `torch.nn.ReLU`.

    >>> import torch, unified as u
    >>> net = u.transform(lambda x: u.ReLU()(x), backend="torch").init(torch.ones(1), rng=0)
    >>> net(torch.tensor([-1.0, 2.0])).tolist()
    [0.0, 2.0]
    """

    base_name = "relu"

    @staticmethod
    def variables(inplace: bool = False) -> Iterable[LayerVariable]:
        return ()


class GELU(Layer):
    """`x` times the probability that a standard normal value is below it.

    `approximate` is `"none"`, or `"tanh"` for a formula with a tanh.

    Source: Hendrycks and Gimpel (2016); `torch.nn.GELU`.

    >>> import torch, unified as u
    >>> u.transform(lambda x: u.GELU()(x), backend="torch").init(torch.ones(1), rng=0)(torch.zeros(1)).tolist()
    [0.0]
    """

    @staticmethod
    def variables(approximate: str = "none") -> Iterable[LayerVariable]:
        if approximate not in ("none", "tanh"):
            raise ValueError(f"approximate must be 'none' or 'tanh', got {approximate!r}")
        return ()


class Tanh(Layer):
    """The hyperbolic tangent.

    Source: `torch.nn.Tanh`.

    >>> import torch, unified as u
    >>> u.transform(lambda x: u.Tanh()(x), backend="torch").init(torch.ones(1), rng=0)(torch.zeros(1)).tolist()
    [0.0]
    """

    @staticmethod
    def variables(*args: Any, **kwargs: Any) -> Iterable[LayerVariable]:
        return ()


class Sigmoid(Layer):
    """`1 / (1 + exp(-x))`.

    Source: `torch.nn.Sigmoid`.

    >>> import torch, unified as u
    >>> u.transform(lambda x: u.Sigmoid()(x), backend="torch").init(torch.ones(1), rng=0)(torch.zeros(1)).tolist()
    [0.5]
    """

    @staticmethod
    def variables(*args: Any, **kwargs: Any) -> Iterable[LayerVariable]:
        return ()


class Softmax(Layer):
    """`exp(x)`, scaled to sum to one along a dimension.

    `dim=None` chooses as torch does, with its warning: 0 for inputs of rank 0, 1 and 3, else 1.

    Source: `torch.nn.Softmax`.

    >>> import torch, unified as u
    >>> net = u.transform(lambda x: u.Softmax(dim=-1)(x), backend="torch").init(torch.ones(2), rng=0)
    >>> net(torch.zeros(2)).tolist()
    [0.5, 0.5]
    """

    @staticmethod
    def variables(dim: int | None = None) -> Iterable[LayerVariable]:
        return ()
