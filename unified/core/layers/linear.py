"""Linear layers."""

import math
from collections.abc import Iterator
from typing import Any

from unified.core.initializers import kaiming_uniform, uniform
from unified.core.layer import Layer, LayerVariable, Shape, parameter
from unified.core.layers.checks import check_sizes

__all__ = ["Bilinear", "Linear"]


class Linear(Layer):
    """`y = x @ weight.T + bias` on the last dimension.

    Args:
        in_features: size of the last dimension of the input; `None` takes it from the first input.
        out_features: size of the last dimension of the output.
        bias: whether there is a `bias`.

    Shapes: `(*, in_features)` to `(*, out_features)`. `weight` is `(out_features, in_features)` and `bias`
    `(out_features,)`; both start uniform within `1 / sqrt(in_features)`.

    Source: `torch.nn.Linear`.

    >>> import torch, unified as u
    >>> net = u.transform(lambda x: u.Linear(None, 4)(x), backend="torch").init(torch.ones(2, 3), rng=0)
    >>> list(net.linear.weight.shape)
    [4, 3]
    """

    variable_names = ("weight", "bias")
    optional_sizes = ("in_features",)

    @staticmethod
    def variables(
        in_features: int | None, out_features: int, bias: bool = True, device: Any = None, dtype: Any = None
    ) -> Iterator[LayerVariable]:
        assert in_features is not None
        check_sizes(in_features=in_features, out_features=out_features)
        yield parameter("weight", (out_features, in_features), kaiming_uniform(a=math.sqrt(5)), dtype)
        if bias:
            bound = 1 / math.sqrt(in_features) if in_features > 0 else 0.0
            yield parameter("bias", (out_features,), uniform(-bound, bound), dtype)

    @staticmethod
    def sizes(x: Any) -> dict[str, Any]:
        return {"in_features": x.shape[-1]}

    @classmethod
    def flops(cls, arguments: dict[str, Any], inputs: list[Shape], outputs: list[Shape]) -> int:
        return 2 * math.prod(outputs[0]) * inputs[0][-1]


class Bilinear(Layer):
    """`y[o] = x1 @ weight[o] @ x2 + bias[o]` on the last dimensions of two inputs.

    Args:
        in1_features, in2_features: sizes of the last dimensions; `None` takes them from the first inputs.
        out_features: size of the last dimension of the output.
        bias: whether there is a `bias`.

    Shapes: `(*, in1_features)` and `(*, in2_features)` to `(*, out_features)`. `weight` is
    `(out_features, in1_features, in2_features)` and `bias` `(out_features,)`; both start uniform within
    `1 / sqrt(in1_features)`.

    Source: `torch.nn.Bilinear`.

    >>> import torch, unified as u
    >>> a, b = torch.ones(5, 2), torch.ones(5, 3)
    >>> net = u.transform(lambda a, b: u.Bilinear(2, 3, 4)(a, b), backend="torch").init(a, b, rng=0)
    >>> list(net(a, b).shape)
    [5, 4]
    """

    variable_names = ("weight", "bias")
    optional_sizes = ("in1_features", "in2_features")

    @staticmethod
    def variables(
        in1_features: int | None,
        in2_features: int | None,
        out_features: int,
        bias: bool = True,
        device: Any = None,
        dtype: Any = None,
    ) -> Iterator[LayerVariable]:
        assert in1_features is not None and in2_features is not None
        check_sizes(1, in1_features=in1_features)
        check_sizes(in2_features=in2_features, out_features=out_features)
        bound = 1 / math.sqrt(in1_features)
        yield parameter("weight", (out_features, in1_features, in2_features), uniform(-bound, bound), dtype)
        if bias:
            yield parameter("bias", (out_features,), uniform(-bound, bound), dtype)

    @staticmethod
    def sizes(x1: Any, x2: Any) -> dict[str, Any]:
        return {"in1_features": x1.shape[-1], "in2_features": x2.shape[-1]}

    @classmethod
    def flops(cls, arguments: dict[str, Any], inputs: list[Shape], outputs: list[Shape]) -> int:
        return 2 * math.prod(outputs[0]) * (inputs[0][-1] + 1) * inputs[1][-1]
