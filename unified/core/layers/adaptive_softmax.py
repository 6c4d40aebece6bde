"""Adaptive softmax: a softmax over very many classes."""

import itertools
from collections.abc import Iterable, Sequence
from typing import Any

from unified.core.layer import Layer, LayerVariable, Spec
from unified.core.layers.checks import check_sizes
from unified.core.layers.linear import Linear

__all__ = ["AdaptiveLogSoftmaxWithLoss"]


class AdaptiveLogSoftmaxWithLoss(Layer):
    """The log-probability of the target under a softmax whose rare classes are grouped into clusters.

    The head computes the logits of the frequent classes and of the clusters. Each cluster computes the logits of its
    classes, through a hidden space that is smaller for each further cluster.

    Args:
        in_features: size of the last dimension of the input.
        n_classes: number of classes, which are sorted from the most frequent to the rarest.
        cutoffs: increasing class numbers at which a new cluster begins.
        div_value: cluster `i` has `in_features // div_value ** (i + 1)` hidden features.
        head_bias: whether the head has a bias.

    Shapes: `(N, in_features)` and integers `(N)` to an `output` `(N)` and a `loss` `()`, its negative mean; or
    `(in_features)` and `()`. `log_prob(input)` returns `(N, n_classes)`, `predict(input)` the likeliest classes `(N)`.
    Weights are `head/weight`, `tail/0/0/weight`, `tail/0/1/weight`, ..., those of `Linear` layers.

    A target that is not a class raises on torch, and yields NaN on JAX.

    Source: Grave et al. (2016); `torch.nn.AdaptiveLogSoftmaxWithLoss`.

    >>> import torch, unified as u
    >>> x, y = torch.ones(2, 8), torch.tensor([1, 9])
    >>> net = u.transform(
    ...     lambda x, y: u.AdaptiveLogSoftmaxWithLoss(8, 10, [4])(x, y), backend="torch"
    ... ).init(x, y, rng=0)
    >>> output, loss = net(x, y)
    >>> bool(loss == -output.mean())
    True
    """

    compound = True

    @staticmethod
    def variables(
        in_features: int,
        n_classes: int,
        cutoffs: Sequence[int],
        div_value: float = 4.0,
        head_bias: bool = False,
        device: Any = None,
        dtype: Any = None,
    ) -> Iterable[LayerVariable]:
        check_sizes(in_features=in_features, n_classes=n_classes)
        bounds = [0, *cutoffs, n_classes]
        increasing = all(low < high for low, high in itertools.pairwise(bounds))
        if len(bounds) < 3 or not increasing or any(int(bound) != bound for bound in bounds):
            raise ValueError(f"cutoffs must be increasing integers between 1 and {n_classes - 1}, got {cutoffs!r}")
        return ()

    @classmethod
    def inner(cls, **arguments: Any) -> dict[str, Spec]:
        features, bounds = arguments["in_features"], [*arguments["cutoffs"], arguments["n_classes"]]
        options = {name: arguments[name] for name in ("device", "dtype")}
        clusters = list(itertools.pairwise(bounds))
        head = {**options, "bias": arguments["head_bias"]}
        layers = {"head": Linear.spec((features, bounds[0] + len(clusters)), head)}
        for position, (low, high) in enumerate(clusters):
            hidden = int(features // arguments["div_value"] ** (position + 1))
            layers[f"tail/{position}/0"] = Linear.spec((features, hidden), {**options, "bias": False})
            layers[f"tail/{position}/1"] = Linear.spec((hidden, high - low), {**options, "bias": False})
        return layers
