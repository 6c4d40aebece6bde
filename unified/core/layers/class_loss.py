"""Classification losses: how improbable a prediction makes the target."""

import math
from collections.abc import Iterable, Iterator
from typing import Any

from unified.core.initializers import constant
from unified.core.layer import Layer, LayerVariable, Spec, buffer
from unified.core.layers.checks import check_probability, check_reduction, check_sizes
from unified.core.layers.linear import Linear

__all__ = [
    "BCELoss",
    "BCEWithLogitsLoss",
    "CrossEntropyLoss",
    "KLDivLoss",
    "LinearCrossEntropyLoss",
    "NLLLoss",
]


def weights(name: str, value: Any) -> Iterator[LayerVariable]:
    """Yield the buffer of a loss's weights; yield nothing if `value` is `None`."""
    if value is not None:
        yield buffer(name, tuple(value.shape), constant(value), value.dtype)


def class_weights(weight: Any) -> Iterator[LayerVariable]:
    """Return `weights` of a loss over classes; raise `ValueError` unless `weight` has one dimension."""
    if weight is not None and len(weight.shape) != 1:
        raise ValueError(f"weight must have one dimension, with a factor per class, got shape {tuple(weight.shape)}")
    return weights("weight", weight)


class CrossEntropyLoss(Layer):
    """The negative log-probability of the target, from the logits of the classes.

    Args:
        weight: one factor per class, a buffer.
        ignore_index: a class whose targets contribute nothing.
        reduction: `'none'` returns every value, `'sum'` their sum, and `'mean'` their mean, weighted by the targets'
            weights.
        label_smoothing: the part of the target that is spread over all classes, from 0 to 1.

    Shapes: logits `(C)`, `(N, C)` or `(N, C, ...)`, and integer targets `()`, `(N)` or `(N, ...)`, or probabilities of
    the logits' shape, to `()`, or to the shape of integer targets without a reduction.

    A target that is not a class raises on torch, and yields NaN on JAX.

    Source: `torch.nn.CrossEntropyLoss`; for label smoothing, Szegedy et al. (2015).

    >>> import torch, unified as u
    >>> x, y = torch.zeros(3, 2), torch.tensor([0, 1, -100])
    >>> loss = u.transform(lambda x, y: u.CrossEntropyLoss(reduction="sum")(x, y), backend="torch").init(x, y, rng=0)
    >>> round(loss(x, y).item(), 4)  # two logarithms of 2
    1.3863
    """

    variable_names = ("weight",)

    @staticmethod
    def variables(
        weight: Any = None,
        size_average: bool | None = None,
        ignore_index: int = -100,
        reduce: bool | None = None,
        reduction: str = "mean",
        label_smoothing: float = 0.0,
    ) -> Iterator[LayerVariable]:
        check_reduction(reduction)
        check_probability(label_smoothing=label_smoothing)
        return class_weights(weight)


class NLLLoss(Layer):
    """The negative input at the target, from the log-probabilities of the classes; `CrossEntropyLoss` takes logits.

    Args:
        weight, ignore_index, reduction: as in `CrossEntropyLoss`.

    Shapes: `(C)`, `(N, C)` or `(N, C, ...)`, and integer targets `()`, `(N)` or `(N, ...)`, to `()`, or to the shape of
    the targets without a reduction.

    Source: `torch.nn.NLLLoss`.

    >>> import torch, unified as u
    >>> x, y = torch.tensor([[-1.0, -3.0]]), torch.tensor([1])
    >>> loss = u.transform(lambda x, y: u.NLLLoss()(x, y), backend="torch").init(x, y, rng=0)
    >>> loss(x, y).item()
    3.0
    """

    variable_names = ("weight",)

    @staticmethod
    def variables(
        weight: Any = None,
        size_average: bool | None = None,
        ignore_index: int = -100,
        reduce: bool | None = None,
        reduction: str = "mean",
    ) -> Iterator[LayerVariable]:
        check_reduction(reduction)
        return class_weights(weight)


class BCELoss(Layer):
    """The negative log-probability of binary targets, from probabilities; logarithms are at least -100.

    Args:
        weight: one factor per value, a buffer.
        reduction: `'none'` returns every value, `'mean'` their mean, `'sum'` their sum.

    Shapes: probabilities `(*)` and targets from 0 to 1 `(*)` to `()`, or to `(*)` without a reduction.

    An input outside 0 to 1 raises on torch, and yields NaN on JAX. `BCEWithLogitsLoss` is more accurate.

    Source: `torch.nn.BCELoss`.

    >>> import torch, unified as u
    >>> x, y = torch.tensor([0.0]), torch.tensor([1.0])
    >>> loss = u.transform(lambda x, y: u.BCELoss()(x, y), backend="torch").init(x, y, rng=0)
    >>> loss(x, y).item()
    100.0
    """

    variable_names = ("weight",)

    @staticmethod
    def variables(
        weight: Any = None,
        size_average: bool | None = None,
        reduce: bool | None = None,
        reduction: str = "mean",
    ) -> Iterator[LayerVariable]:
        check_reduction(reduction)
        return weights("weight", weight)


class BCEWithLogitsLoss(Layer):
    """The negative log-probability of binary targets, from logits.

    Args:
        weight: one factor per value, a buffer.
        reduction: as in `BCELoss`.
        pos_weight: a factor for the targets that are 1, a buffer that broadcasts to the last dimensions of the input.

    Shapes: logits `(*)` and targets from 0 to 1 `(*)` to `()`, or to `(*)` without a reduction.

    Source: `torch.nn.BCEWithLogitsLoss`.

    >>> import torch, unified as u
    >>> x, y = torch.tensor([-1000.0]), torch.tensor([1.0])
    >>> loss = u.transform(lambda x, y: u.BCEWithLogitsLoss()(x, y), backend="torch").init(x, y, rng=0)
    >>> loss(x, y).item()
    1000.0
    """

    variable_names = ("weight", "pos_weight")

    @staticmethod
    def variables(
        weight: Any = None,
        size_average: bool | None = None,
        reduce: bool | None = None,
        reduction: str = "mean",
        pos_weight: Any = None,
    ) -> Iterator[LayerVariable]:
        check_reduction(reduction)
        yield from weights("weight", weight)
        yield from weights("pos_weight", pos_weight)


class KLDivLoss(Layer):
    """The Kullback-Leibler divergence of the target from the input, which holds log-probabilities.

    Args:
        reduction: `'batchmean'` divides the sum by the first size, as the definition does; `'mean'`, the default,
            divides by the number of values, and warns; `'none'` returns every value, `'sum'` their sum.
        log_target: whether the target holds log-probabilities too.

    Shapes: `(*)` and `(*)` to `()`, or to `(*)` without a reduction.

    Source: `torch.nn.KLDivLoss`.

    >>> import torch, unified as u
    >>> x, y = torch.log(torch.tensor([[0.5, 0.5]])), torch.tensor([[0.0, 1.0]])
    >>> loss = u.transform(lambda x, y: u.KLDivLoss(reduction="batchmean")(x, y), backend="torch").init(x, y, rng=0)
    >>> round(loss(x, y).item(), 4)
    0.6931
    """

    @staticmethod
    def variables(
        size_average: bool | None = None,
        reduce: bool | None = None,
        reduction: str = "mean",
        log_target: bool = False,
    ) -> Iterable[LayerVariable]:
        check_reduction(reduction, "batchmean")
        return ()


class LinearCrossEntropyLoss(Layer):
    """A `Linear` layer that computes the logits of the classes, and their cross-entropy.

    Args:
        in_features: size of the last dimension of the input.
        num_classes: number of classes.
        out_features: sizes of further dimensions of the logits, after the classes.
        bias: whether the linear layer has a bias.
        reduction, weight, label_smoothing: as in `CrossEntropyLoss`.
        ignore_index: a class whose targets contribute nothing; only for integer targets.
        options: how torch splits the batch into chunks to save memory; no effect on JAX.

    Shapes: `(in_features)` or `(N, in_features)` and targets `()`, `(N)` or `(N, *out_features)`, or probabilities of
    the logits' shape `(N, num_classes, *out_features)`, to `()`, or to the shape of integer targets without a
    reduction.
    `linear/weight` is `(num_classes * product of out_features, in_features)`, and starts as that of `Linear`.

    Source: `torch.nn.LinearCrossEntropyLoss`.

    >>> import torch, unified as u
    >>> x, y = torch.ones(2, 4), torch.tensor([0, 1])
    >>> loss = u.transform(lambda x, y: u.LinearCrossEntropyLoss(4, 3)(x, y), backend="torch").init(x, y, rng=0)
    >>> list(loss(x, y).shape)
    []
    """

    variable_names = ("weight",)
    compound = True

    @staticmethod
    def variables(
        in_features: int,
        num_classes: int,
        *,
        out_features: tuple[int, ...] = (),
        bias: bool = False,
        device: Any = None,
        dtype: Any = None,
        reduction: str = "mean",
        weight: Any = None,
        ignore_index: int | None = None,
        label_smoothing: float = 0.0,
        options: Any = None,
    ) -> Iterator[LayerVariable]:
        check_sizes(in_features=in_features, num_classes=num_classes)
        check_reduction(reduction)
        check_probability(label_smoothing=label_smoothing)
        if weight is not None and tuple(weight.shape) != (num_classes,):
            raise ValueError(f"weight must have shape {(num_classes,)}, got {tuple(weight.shape)}")
        return class_weights(weight)

    @classmethod
    def inner(cls, **arguments: Any) -> dict[str, Spec]:
        size = math.prod(arguments["out_features"], start=arguments["num_classes"])
        options = {name: arguments[name] for name in ("bias", "device", "dtype")}
        return {"linear": Linear.spec((arguments["in_features"], size), options)}
