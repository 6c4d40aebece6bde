"""Margin losses: a prediction costs nothing once it is right by at least a margin."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from unified.core.layer import Layer, LayerVariable
from unified.core.layers.checks import check_reduction
from unified.core.layers.class_loss import BCELoss, class_weights
from unified.core.layers.regression_loss import L1Loss

__all__ = [
    "CosineEmbeddingLoss",
    "HingeEmbeddingLoss",
    "MarginRankingLoss",
    "MultiLabelMarginLoss",
    "MultiLabelSoftMarginLoss",
    "MultiMarginLoss",
    "SoftMarginLoss",
    "TripletMarginLoss",
    "TripletMarginWithDistanceLoss",
]


class CosineEmbeddingLoss(Layer):
    """`1 - cosine` of two similar vectors, and `max(0, cosine - margin)` of two dissimilar ones.

    Args:
        margin: the cosine up to which dissimilar vectors cost nothing, from -1 to 1.
        reduction: `'none'` returns every value, `'mean'` their mean, `'sum'` their sum.

    Shapes: `(N, D)`, `(N, D)` and targets `(N)`, 1 for similar and -1 for dissimilar, or `(D)`, `(D)` and `()`, to
    `()`, or to the targets' shape without a reduction.

    Source: `torch.nn.CosineEmbeddingLoss`.

    >>> import torch, unified as u
    >>> x, y, target = torch.tensor([[1.0, 0.0]]), torch.tensor([[0.0, 2.0]]), torch.tensor([1])
    >>> loss = u.transform(lambda x, y, t: u.CosineEmbeddingLoss()(x, y, t), backend="torch").init(x, y, target, rng=0)
    >>> loss(x, y, target).item()
    1.0
    """

    @staticmethod
    def variables(
        margin: float = 0.0,
        size_average: bool | None = None,
        reduce: bool | None = None,
        reduction: str = "mean",
    ) -> Iterable[LayerVariable]:
        check_reduction(reduction)
        return ()


class HingeEmbeddingLoss(Layer):
    """The input where the target is 1, and `max(0, margin - input)` where it is -1.

    Args:
        margin: the distance from which a pair with target -1 costs nothing.
        reduction: as in `CosineEmbeddingLoss`.

    Shapes: `(*)` and `(*)` to `()`, or to `(*)` without a reduction.

    Source: `torch.nn.HingeEmbeddingLoss`.

    >>> import torch, unified as u
    >>> x, t = torch.tensor([0.5, 0.25]), torch.tensor([1, -1])
    >>> loss = u.transform(lambda x, t: u.HingeEmbeddingLoss(reduction="none")(x, t), backend="torch").init(x, t, rng=0)
    >>> loss(x, t).tolist()
    [0.5, 0.75]
    """

    @staticmethod
    def variables(
        margin: float = 1.0,
        size_average: bool | None = None,
        reduce: bool | None = None,
        reduction: str = "mean",
    ) -> Iterable[LayerVariable]:
        check_reduction(reduction)
        return ()


class MarginRankingLoss(Layer):
    """`max(0, margin - target * (input1 - input2))`: the first input should be the greater where the target is 1.

    Args:
        margin: the lead from which a pair costs nothing.
        reduction: as in `CosineEmbeddingLoss`.

    Shapes: `(*)`, `(*)` and `(*)` to `()`, or to `(*)` without a reduction.

    Source: `torch.nn.MarginRankingLoss`.

    >>> import torch, unified as u
    >>> x, y, target = torch.tensor([0.5]), torch.tensor([0.25]), torch.tensor([1])
    >>> loss = u.transform(lambda x, y, t: u.MarginRankingLoss(1.0)(x, y, t), backend="torch").init(x, y, target, rng=0)
    >>> loss(x, y, target).item()
    0.75
    """

    variables = staticmethod(CosineEmbeddingLoss.variables)


class MultiLabelMarginLoss(Layer):
    """The sum of `max(0, 1 - (x[i] - x[j]))` over classes `i` of a sample and all others `j`, divided by `C`.

    Args:
        reduction: as in `CosineEmbeddingLoss`.

    Shapes: `(C)` or `(N, C)` and integers of the same shape, the classes of the sample up to the first -1, to `()`, or
    to `()` or `(N)` without a reduction.

    Source: `torch.nn.MultiLabelMarginLoss`.

    >>> import torch, unified as u
    >>> x, target = torch.tensor([0.5, 1.0]), torch.tensor([1, -1])
    >>> loss = u.transform(lambda x, t: u.MultiLabelMarginLoss()(x, t), backend="torch").init(x, target, rng=0)
    >>> loss(x, target).item()
    0.25
    """

    variables = staticmethod(L1Loss.variables)


class MultiLabelSoftMarginLoss(Layer):
    """The mean of `BCEWithLogitsLoss` over the classes.

    Args:
        weight: one factor per class, a buffer.
        reduction: as in `CosineEmbeddingLoss`.

    Shapes: `(*, C)` and targets from 0 to 1 `(*, C)` to `()`, or to `(*)` without a reduction.

    Source: `torch.nn.MultiLabelSoftMarginLoss`.

    >>> import torch, unified as u
    >>> x, target = torch.tensor([[10.0, -10.0]]), torch.tensor([[0.0, 0.0]])
    >>> loss = u.transform(lambda x, t: u.MultiLabelSoftMarginLoss()(x, t), backend="torch").init(x, target, rng=0)
    >>> round(loss(x, target).item(), 3)
    5.0
    """

    variable_names = ("weight",)
    variables = staticmethod(BCELoss.variables)


class MultiMarginLoss(Layer):
    """The sum of `max(0, margin - (x[target] - x[i])) ** p` over all other classes `i`, divided by `C`.

    Args:
        p: 1 or 2.
        margin: the lead of the target from which a class costs nothing.
        weight: one factor per class, a buffer.
        reduction: as in `CosineEmbeddingLoss`.

    Shapes: `(C)` or `(N, C)` and integers `()` or `(N)` to `()`, or to the targets' shape without a reduction.

    Source: `torch.nn.MultiMarginLoss`.

    >>> import torch, unified as u
    >>> x, target = torch.tensor([[0.5, 1.0]]), torch.tensor([1])
    >>> loss = u.transform(lambda x, t: u.MultiMarginLoss()(x, t), backend="torch").init(x, target, rng=0)
    >>> loss(x, target).item()
    0.25
    """

    variable_names = ("weight",)

    @staticmethod
    def variables(
        p: int = 1,
        margin: float = 1.0,
        weight: Any = None,
        size_average: bool | None = None,
        reduce: bool | None = None,
        reduction: str = "mean",
    ) -> Iterator[LayerVariable]:
        check_reduction(reduction)
        if p not in (1, 2):
            raise ValueError(f"p must be 1 or 2, got {p!r}")
        return class_weights(weight)


class SoftMarginLoss(Layer):
    """`log(1 + exp(-target * input))`, for targets 1 and -1.

    Where `-target * input` exceeds 88 it is infinite, and its gradient NaN, as in torch. `BCEWithLogitsLoss` computes
    the same for targets 1 and 0, and does not overflow.

    Args:
        reduction: as in `CosineEmbeddingLoss`.

    Shapes: `(*)` and `(*)` to `()`, or to `(*)` without a reduction.

    Source: `torch.nn.SoftMarginLoss`.

    >>> import torch, unified as u
    >>> x, target = torch.zeros(2), torch.tensor([1.0, -1.0])
    >>> loss = u.transform(lambda x, t: u.SoftMarginLoss()(x, t), backend="torch").init(x, target, rng=0)
    >>> round(loss(x, target).item(), 4)
    0.6931
    """

    variables = staticmethod(L1Loss.variables)


class TripletMarginLoss(Layer):
    """`max(0, d(anchor, positive) - d(anchor, negative) + margin)`, where `d` is a distance.

    Args:
        margin: how much farther away the negative must be to cost nothing.
        p: exponent of the norm that is the distance.
        eps: a number added to the differences.
        swap: whether `d(positive, negative)` replaces `d(anchor, negative)` where it is smaller.
        reduction: as in `CosineEmbeddingLoss`.

    Shapes: three of `(N, D)` or `(D)` to `()`, or to `(N)` or `()` without a reduction.

    Raises `ValueError` unless `margin` is positive.

    Source: Balntas et al. (2016); `torch.nn.TripletMarginLoss`.

    >>> import torch, unified as u
    >>> points = torch.tensor([[0.0]]), torch.tensor([[2.0]]), torch.tensor([[1.5]])
    >>> loss = u.transform(lambda *x: u.TripletMarginLoss()(*x), backend="torch").init(*points, rng=0)
    >>> round(loss(*points).item(), 4)
    1.5
    """

    @staticmethod
    def variables(
        margin: float = 1.0,
        p: float = 2.0,
        eps: float = 1e-06,
        swap: bool = False,
        size_average: bool | None = None,
        reduce: bool | None = None,
        reduction: str = "mean",
    ) -> Iterable[LayerVariable]:
        check_reduction(reduction)
        if margin <= 0:
            raise ValueError(f"margin must be positive, got {margin}")
        return ()


class TripletMarginWithDistanceLoss(Layer):
    """`TripletMarginLoss` for any distance.

    Args:
        distance_function: a function of two arrays that returns their distances; `None` is `PairwiseDistance()`.
        margin, swap, reduction: as in `TripletMarginLoss`.

    Shapes: three that the distance takes, `(N, D)`, to `()`, or to its result's without a reduction.

    Source: Balntas et al. (2016); `torch.nn.TripletMarginWithDistanceLoss`.

    >>> import torch, unified as u
    >>> def distance(x, y):
    ...     return (x - y).abs().sum(-1)
    >>> points = torch.tensor([[0.0]]), torch.tensor([[2.0]]), torch.tensor([[1.5]])
    >>> loss = u.transform(
    ...     lambda *x: u.TripletMarginWithDistanceLoss(distance_function=distance)(*x), backend="torch"
    ... ).init(*points, rng=0)
    >>> loss(*points).item()
    1.5
    """

    @staticmethod
    def variables(
        *,
        distance_function: Callable[[Any, Any], Any] | None = None,
        margin: float = 1.0,
        swap: bool = False,
        reduction: str = "mean",
    ) -> Iterable[LayerVariable]:
        check_reduction(reduction)
        if margin <= 0:
            raise ValueError(f"margin must be positive, got {margin}")
        return ()
