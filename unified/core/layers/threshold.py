"""Piecewise activations."""

from collections.abc import Iterable

from unified.core.layer import Layer, LayerVariable

__all__ = ["Hardshrink", "Hardsigmoid", "Hardswish", "Hardtanh", "RReLU", "ReLU6", "Softshrink", "Threshold"]


class ReLU6(Layer):
    """`x`, clipped to 0 and 6.

    Shapes: `(*)` to the same.

    Source: Howard et al. (2017); `torch.nn.ReLU6`.

    >>> import torch, unified as u
    >>> net = u.transform(lambda x: u.ReLU6()(x), backend="torch").init(torch.ones(1), rng=0)
    >>> net(torch.tensor([-1.0, 9.0])).tolist()
    [0.0, 6.0]
    """

    base_name = "relu6"

    @staticmethod
    def variables(inplace: bool = False) -> Iterable[LayerVariable]:
        return ()


class Hardtanh(Layer):
    """`x`, clipped to `min_val` and `max_val`.

    Args:
        min_val, max_val: the smallest and the largest output.
        min_value, max_value: their old names.

    Shapes: `(*)` to the same.

    Source: `torch.nn.Hardtanh`.

    >>> import torch, unified as u
    >>> net = u.transform(lambda x: u.Hardtanh()(x), backend="torch").init(torch.ones(1), rng=0)
    >>> net(torch.tensor([-2.0, 0.5])).tolist()
    [-1.0, 0.5]
    """

    @staticmethod
    def variables(
        min_val: float = -1.0,
        max_val: float = 1.0,
        inplace: bool = False,
        min_value: float | None = None,
        max_value: float | None = None,
    ) -> Iterable[LayerVariable]:
        low = min_val if min_value is None else min_value
        high = max_val if max_value is None else max_value
        if not low < high:
            raise ValueError(f"min_val must be below max_val, got {low} and {high}")
        return ()


class Hardsigmoid(Layer):
    """`x / 6 + 1 / 2`, clipped to 0 and 1.

    Shapes: `(*)` to the same.

    Source: Howard et al. (2019); `torch.nn.Hardsigmoid`.

    >>> import torch, unified as u
    >>> net = u.transform(lambda x: u.Hardsigmoid()(x), backend="torch").init(torch.ones(1), rng=0)
    >>> net(torch.tensor([-3.0, 0.0])).tolist()
    [0.0, 0.5]
    """

    @staticmethod
    def variables(inplace: bool = False) -> Iterable[LayerVariable]:
        return ()


class Hardswish(Layer):
    """`x` multiplied by `Hardsigmoid` of `x`.

    Shapes: `(*)` to the same.

    Source: Howard et al. (2019); `torch.nn.Hardswish`.

    >>> import torch, unified as u
    >>> net = u.transform(lambda x: u.Hardswish()(x), backend="torch").init(torch.ones(1), rng=0)
    >>> net(torch.tensor([0.0, 4.0])).tolist()
    [0.0, 4.0]
    """

    @staticmethod
    def variables(inplace: bool = False) -> Iterable[LayerVariable]:
        return ()


class Hardshrink(Layer):
    """`x` outside the interval from `-lambd` to `lambd`, else zero.

    Args:
        lambd: half the length of the interval.

    Shapes: `(*)` to the same.

    Source: `torch.nn.Hardshrink`.

    >>> import torch, unified as u
    >>> net = u.transform(lambda x: u.Hardshrink()(x), backend="torch").init(torch.ones(1), rng=0)
    >>> net(torch.tensor([0.5, 2.0])).tolist()
    [0.0, 2.0]
    """

    @staticmethod
    def variables(lambd: float = 0.5) -> Iterable[LayerVariable]:
        return ()


class Softshrink(Layer):
    """`x`, moved towards zero by `lambd`, but not past it.

    Args:
        lambd: the distance, not negative.

    Shapes: `(*)` to the same.

    Source: `torch.nn.Softshrink`.

    >>> import torch, unified as u
    >>> net = u.transform(lambda x: u.Softshrink()(x), backend="torch").init(torch.ones(1), rng=0)
    >>> net(torch.tensor([0.2, 2.0])).tolist()
    [0.0, 1.5]
    """

    @staticmethod
    def variables(lambd: float = 0.5) -> Iterable[LayerVariable]:
        if lambd < 0:
            raise ValueError(f"lambd must not be negative, got {lambd}")
        return ()


class Threshold(Layer):
    """`x` where it exceeds `threshold`, else `value`.

    Args:
        threshold: the bound.
        value: the output up to the bound.

    Shapes: `(*)` to the same.

    Source: `torch.nn.Threshold`.

    >>> import torch, unified as u
    >>> net = u.transform(lambda x: u.Threshold(1.0, 7.0)(x), backend="torch").init(torch.ones(1), rng=0)
    >>> net(torch.tensor([0.5, 2.0])).tolist()
    [7.0, 2.0]
    """

    @staticmethod
    def variables(threshold: float, value: float, inplace: bool = False) -> Iterable[LayerVariable]:
        return ()


class RReLU(Layer):
    """`x` where it is positive, else `x` multiplied by a random slope.

    Training draws a slope between `lower` and `upper` for each value; evaluation uses the middle of that range.

    Args:
        lower, upper: the smallest and the largest slope.

    Shapes: `(*)` to the same.

    Source: Xu et al. (2015); `torch.nn.RReLU`.

    >>> import torch, unified as u
    >>> net = u.transform(lambda x: u.RReLU(0.0, 1.0)(x), backend="torch").init(torch.ones(1), rng=0).eval()
    >>> net(torch.tensor([-1.0, 2.0])).tolist()
    [-0.5, 2.0]
    """

    base_name = "rrelu"
    is_random = True

    @staticmethod
    def variables(lower: float = 1.0 / 8, upper: float = 1.0 / 3, inplace: bool = False) -> Iterable[LayerVariable]:
        if lower > upper:
            raise ValueError(f"lower must not exceed upper, got {lower} and {upper}")
        return ()
