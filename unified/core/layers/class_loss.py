"""Classification losses: how unlikely a prediction makes the target."""

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
    """Weights that a loss is given, as a buffer; none if they are `None`."""
    if value is not None:
        yield buffer(name, tuple(value.shape), constant(value), value.dtype)


def class_weights(weight: Any) -> Iterator[LayerVariable]:
    if weight is not None and len(weight.shape) != 1:
        raise ValueError(f"weight must hold one number for each class, got shape {tuple(weight.shape)}")
    return weights("weight", weight)


class CrossEntropyLoss(Layer):
    """Minus the log-probability of the target, for logits of classes.

    Args:
        weight: one factor for each class, a buffer.
        ignore_index: targets of this class count for nothing.
        reduction: `'none'` returns every value, `'sum'` one number, and `'mean'` their mean weighted by the targets'
            weights. `size_average` and `reduce` are its old names.
        label_smoothing: how much of the target is spread over all classes, from 0 to 1.

    Shapes: logits `(C)`, `(N, C)` or `(N, C, ...)`, and integer targets `()`, `(N)` or `(N, ...)`, or probabilities of
    the logits' shape, to `()`, or to the classes' shape without a reduction.

    A target that is no class raises on torch, and gives NaN on JAX.

    Source: `torch.nn.CrossEntropyLoss`; for smoothing Szegedy et al. (2015).

    >>> import torch, unified as u
    >>> loss = u.transform(lambda x, y: u.CrossEntropyLoss(reduction="sum")(x, y), backend="torch")
    >>> x, y = torch.zeros(3, 2), torch.tensor([0, 1, -100])
    >>> round(loss.init(x, y, rng=0)(x, y).item(), 4)  # two logarithms of 2
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
    """Minus the input at the target, for log-probabilities of classes: what `CrossEntropyLoss` does with logits.

    Arguments and shapes are those of `CrossEntropyLoss`, with integer targets.

    Source: `torch.nn.NLLLoss`.

    >>> import torch, unified as u
    >>> loss = u.transform(lambda x, y: u.NLLLoss()(x, y), backend="torch")
    >>> x, y = torch.tensor([[-1.0, -3.0]]), torch.tensor([1])
    >>> loss.init(x, y, rng=0)(x, y).item()
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
    """Minus the log-probability of yes-or-no targets, for probabilities; the logarithm is never below -100.

    Args:
        weight: a factor for each value, a buffer.
        reduction: `'none'` returns every value, `'mean'` and `'sum'` one number. `size_average` and `reduce` are its
            old names.

    Shapes: probabilities `(*)` and targets from 0 to 1 `(*)` to `()`, or to `(*)` without a reduction.

    An input outside 0 to 1 raises on torch, and gives NaN on JAX. `BCEWithLogitsLoss` is more exact.

    Source: `torch.nn.BCELoss`.

    >>> import torch, unified as u
    >>> loss = u.transform(lambda x, y: u.BCELoss()(x, y), backend="torch")
    >>> x, y = torch.tensor([0.0]), torch.tensor([1.0])
    >>> loss.init(x, y, rng=0)(x, y).item()
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
    """Minus the log-probability of yes-or-no targets, for logits.

    Args:
        weight: a factor for each value, a buffer.
        reduction: as in `BCELoss`.
        pos_weight: a factor for the targets that are 1, a buffer that fits the last dimensions of the input.

    Shapes: logits `(*)` and targets from 0 to 1 `(*)` to `()`, or to `(*)` without a reduction.

    Source: `torch.nn.BCEWithLogitsLoss`.

    >>> import torch, unified as u
    >>> loss = u.transform(lambda x, y: u.BCEWithLogitsLoss()(x, y), backend="torch")
    >>> x, y = torch.tensor([-1000.0]), torch.tensor([1.0])
    >>> loss.init(x, y, rng=0)(x, y).item()
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
    """The Kullback-Leibler divergence of the target from the input, which is log-probabilities.

    Args:
        reduction: `'batchmean'` divides the sum by the first size, as the definition does; `'mean'`, the default,
            divides by the number of values, and warns. Otherwise as in `BCELoss`.
        log_target: whether the target is log-probabilities too.

    Shapes: `(*)` and `(*)` to `()`, or to `(*)` without a reduction.

    Source: `torch.nn.KLDivLoss`.

    >>> import torch, unified as u
    >>> loss = u.transform(lambda x, y: u.KLDivLoss(reduction="batchmean")(x, y), backend="torch")
    >>> x, y = torch.log(torch.tensor([[0.5, 0.5]])), torch.tensor([[0.0, 1.0]])
    >>> round(loss.init(x, y, rng=0)(x, y).item(), 4)
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
    """A `Linear` layer that gives the logits of classes, and their cross-entropy.

    Args:
        in_features: size of the input's last dimension.
        num_classes: classes.
        out_features: sizes of further dimensions of the logits, after the classes.
        bias: whether the linear layer has one.
        reduction, weight, label_smoothing: as in `CrossEntropyLoss`.
        ignore_index: targets of this class count for nothing; only for integer targets.
        options: how torch works in pieces of the batch to save memory; no effect on JAX.

    Shapes: `(in_features)` or `(N, in_features)` and targets `()`, `(N)` or `(N, *out_features)`, or probabilities of
    the logits' shape `(N, num_classes, *out_features)`, to `()`, or to the classes' shape without a reduction.
    `linear/weight` is `(num_classes * product of out_features, in_features)`.

    Source: `torch.nn.LinearCrossEntropyLoss`.

    >>> import torch, unified as u
    >>> loss = u.transform(lambda x, y: u.LinearCrossEntropyLoss(4, 3)(x, y), backend="torch")
    >>> list(loss.init(torch.ones(2, 4), torch.tensor([0, 1]), rng=0).state_dict())
    ['linear_cross_entropy_loss.linear.weight']
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
