"""Regression losses: the distance of an input from a target."""

from collections.abc import Iterable

from unified.core.layer import Layer, LayerVariable
from unified.core.layers.checks import check_reduction

__all__ = ["GaussianNLLLoss", "HuberLoss", "L1Loss", "MSELoss", "PoissonNLLLoss", "SmoothL1Loss"]


class L1Loss(Layer):
    """The absolute difference of input and target.

    Args:
        reduction: `'none'` returns every value, `'mean'` their mean, `'sum'` their sum.

    Shapes: `(*)` and `(*)` to `()`, or to `(*)` without a reduction. The gradient where both are equal is zero.

    Source: `torch.nn.L1Loss`.

    >>> import torch, unified as u
    >>> loss = u.transform(lambda x, y: u.L1Loss()(x, y), backend="torch").init(torch.ones(2), torch.ones(2), rng=0)
    >>> loss(torch.tensor([1.0, 2.0]), torch.tensor([2.0, 5.0])).item()
    2.0
    """

    @staticmethod
    def variables(
        size_average: bool | None = None,
        reduce: bool | None = None,
        reduction: str = "mean",
    ) -> Iterable[LayerVariable]:
        check_reduction(reduction)
        return ()


class MSELoss(Layer):
    """The squared difference of input and target.

    Args:
        reduction: as in `L1Loss`.

    Shapes: `(*)` and `(*)` to `()`, or to `(*)` without a reduction.

    Source: `torch.nn.MSELoss`.

    >>> import torch, unified as u
    >>> loss = u.transform(lambda x, y: u.MSELoss()(x, y), backend="torch").init(torch.ones(2), torch.ones(2), rng=0)
    >>> loss(torch.tensor([1.0, 2.0]), torch.tensor([2.0, 5.0])).item()
    5.0
    """

    variables = staticmethod(L1Loss.variables)


class SmoothL1Loss(Layer):
    """`HuberLoss(delta=beta)` divided by `beta`: its linear parts have slope 1 for every `beta`.

    Args:
        beta: the difference up to which the loss is quadratic; with zero it is `L1Loss`.
        reduction: as in `L1Loss`.

    Shapes: `(*)` and `(*)` to `()`, or to `(*)` without a reduction.

    Raises `ValueError` for a negative `beta`.

    Source: Girshick (2015); `torch.nn.SmoothL1Loss`.

    >>> import torch, unified as u
    >>> x, y = torch.zeros(2), torch.zeros(2)
    >>> loss = u.transform(lambda x, y: u.SmoothL1Loss()(x, y), backend="torch").init(x, y, rng=0)
    >>> loss(torch.tensor([1.0, 2.0]), torch.zeros(2)).item()
    1.0
    """

    @staticmethod
    def variables(
        size_average: bool | None = None,
        reduce: bool | None = None,
        reduction: str = "mean",
        beta: float = 1.0,
    ) -> Iterable[LayerVariable]:
        check_reduction(reduction)
        if beta < 0:
            raise ValueError(f"beta must not be negative, got {beta}")
        return ()


class HuberLoss(Layer):
    """Half the squared difference up to `delta`, and linear with slope `delta` beyond.

    Args:
        reduction: as in `L1Loss`.
        delta: the difference from which the loss is linear.

    Shapes: `(*)` and `(*)` to `()`, or to `(*)` without a reduction.

    Raises `ValueError` unless `delta` is positive.

    Source: Huber (1964); `torch.nn.HuberLoss`.

    >>> import torch, unified as u
    >>> x, y = torch.zeros(1), torch.zeros(1)
    >>> loss = u.transform(lambda x, y: u.HuberLoss(delta=2.0)(x, y), backend="torch").init(x, y, rng=0)
    >>> loss(torch.tensor([3.0]), torch.zeros(1)).item()
    4.0
    """

    @staticmethod
    def variables(
        reduction: str = "mean",
        delta: float = 1.0,
    ) -> Iterable[LayerVariable]:
        check_reduction(reduction)
        if delta <= 0:
            raise ValueError(f"delta must be positive, got {delta}")
        return ()


class PoissonNLLLoss(Layer):
    """The negative log-likelihood of counts, from the rate of a Poisson distribution or its logarithm.

    Args:
        log_input: whether the input is the logarithm of the rate.
        full: whether to add Stirling's approximation of the logarithm of the target's factorial, for targets above 1.
        eps: added to the rate before its logarithm is taken.
        reduction: as in `L1Loss`.

    Shapes: `(*)` and `(*)` to `()`, or to `(*)` without a reduction.

    Source: `torch.nn.PoissonNLLLoss`.

    >>> import torch, unified as u
    >>> x, y = torch.zeros(1), torch.zeros(1)
    >>> loss = u.transform(lambda x, y: u.PoissonNLLLoss()(x, y), backend="torch").init(x, y, rng=0)
    >>> loss(torch.zeros(1), torch.tensor([3.0])).item()
    1.0
    """

    @staticmethod
    def variables(
        log_input: bool = True,
        full: bool = False,
        size_average: bool | None = None,
        eps: float = 1e-08,
        reduce: bool | None = None,
        reduction: str = "mean",
    ) -> Iterable[LayerVariable]:
        check_reduction(reduction)
        return ()


class GaussianNLLLoss(Layer):
    """The negative log-likelihood of targets, from the mean (the input) and the variance of a normal distribution.

    Args:
        full: whether to add the constant `log(2 pi) / 2`.
        eps: lower bound of the variance; gradients pass through the bound unchanged.
        reduction: as in `L1Loss`.

    Shapes: input and target `(*)`, and a variance `(*)`, or `(*)` with one size replaced by 1, or `(*)` without the
    last dimension, or one number, to `()`, or to `(*)` without a reduction.

    A negative variance raises on torch, and yields NaN on JAX.

    Source: Nix and Weigend (1994); `torch.nn.GaussianNLLLoss`.

    >>> import torch, unified as u
    >>> x, y, variance = torch.zeros(1), torch.tensor([2.0]), torch.ones(1)
    >>> loss = u.transform(lambda x, y, v: u.GaussianNLLLoss()(x, y, v), backend="torch").init(x, y, variance, rng=0)
    >>> loss(x, y, variance).item()
    2.0
    """

    @staticmethod
    def variables(
        *,
        full: bool = False,
        eps: float = 1e-06,
        reduction: str = "mean",
    ) -> Iterable[LayerVariable]:
        check_reduction(reduction)
        return ()
