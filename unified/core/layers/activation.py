"""Activations: a function of each value, or of each slice along a dimension."""

from collections.abc import Iterable
from typing import Any

from unified.core.initializers import constant
from unified.core.layer import Layer, LayerVariable, parameter
from unified.core.layers.checks import check_sizes
from unified.core.layouts import check_data_format

__all__ = [
    "CELU",
    "ELU",
    "GELU",
    "GLU",
    "SELU",
    "LeakyReLU",
    "LogSigmoid",
    "LogSoftmax",
    "Mish",
    "PReLU",
    "ReLU",
    "SiLU",
    "Sigmoid",
    "Softmax",
    "Softmax2d",
    "Softmin",
    "Softplus",
    "Softsign",
    "Tanh",
    "Tanhshrink",
]


class ReLU(Layer):
    """`max(x, 0)`.

    Shapes: `(*)` to the same.

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

    Args:
        approximate: `"none"`, or `"tanh"` for a formula with a tanh.

    Shapes: `(*)` to the same.

    Source: Hendrycks and Gimpel (2016); `torch.nn.GELU`.

    >>> import torch, unified as u
    >>> net = u.transform(lambda x: u.GELU()(x), backend="torch").init(torch.ones(1), rng=0)
    >>> net(torch.zeros(1)).tolist()
    [0.0]
    """

    @staticmethod
    def variables(approximate: str = "none") -> Iterable[LayerVariable]:
        if approximate not in ("none", "tanh"):
            raise ValueError(f"approximate must be 'none' or 'tanh', got {approximate!r}")
        return ()


class Tanh(Layer):
    """The hyperbolic tangent.

    Shapes: `(*)` to the same.

    Source: `torch.nn.Tanh`.

    >>> import torch, unified as u
    >>> net = u.transform(lambda x: u.Tanh()(x), backend="torch").init(torch.ones(1), rng=0)
    >>> net(torch.zeros(1)).tolist()
    [0.0]
    """

    @staticmethod
    def variables() -> Iterable[LayerVariable]:
        return ()


class Sigmoid(Layer):
    """`1 / (1 + exp(-x))`.

    Shapes: `(*)` to the same.

    Source: `torch.nn.Sigmoid`.

    >>> import torch, unified as u
    >>> net = u.transform(lambda x: u.Sigmoid()(x), backend="torch").init(torch.ones(1), rng=0)
    >>> net(torch.zeros(1)).tolist()
    [0.5]
    """

    @staticmethod
    def variables() -> Iterable[LayerVariable]:
        return ()


class Softmax(Layer):
    """`exp(x)`, scaled to sum to 1 along a dimension.

    Args:
        dim: the dimension; `None` selects the one that torch selects, with its warning: 0 for inputs of rank 0, 1
            and 3, else 1.

    Shapes: `(*)` to the same.

    Source: `torch.nn.Softmax`.

    >>> import torch, unified as u
    >>> net = u.transform(lambda x: u.Softmax(dim=-1)(x), backend="torch").init(torch.ones(2), rng=0)
    >>> net(torch.zeros(2)).tolist()
    [0.5, 0.5]
    """

    @staticmethod
    def variables(dim: int | None = None) -> Iterable[LayerVariable]:
        return ()


class LeakyReLU(Layer):
    """`x` where it is positive, else `negative_slope * x`.

    Args:
        negative_slope: the slope below zero.

    Shapes: `(*)` to the same.

    Source: Maas et al. (2013); `torch.nn.LeakyReLU`.

    >>> import torch, unified as u
    >>> net = u.transform(lambda x: u.LeakyReLU(0.5)(x), backend="torch").init(torch.ones(1), rng=0)
    >>> net(torch.tensor([-1.0, 2.0])).tolist()
    [-0.5, 2.0]
    """

    base_name = "leaky_relu"

    @staticmethod
    def variables(negative_slope: float = 1e-2, inplace: bool = False) -> Iterable[LayerVariable]:
        return ()


class ELU(Layer):
    """`x` above zero, else `alpha * (exp(x) - 1)`.

    Args:
        alpha: minus the limit of the output far below zero.

    Shapes: `(*)` to the same.

    Source: Clevert et al. (2016); `torch.nn.ELU`.

    >>> import torch, unified as u
    >>> net = u.transform(lambda x: u.ELU()(x), backend="torch").init(torch.ones(1), rng=0)
    >>> net(torch.tensor([0.0, 2.0])).tolist()
    [0.0, 2.0]
    """

    base_name = "elu"

    @staticmethod
    def variables(alpha: float = 1.0, inplace: bool = False) -> Iterable[LayerVariable]:
        return ()


class SELU(Layer):
    """`ELU` with the two constants, `alpha` and a scale, that preserve mean 0 and variance 1.

    Shapes: `(*)` to the same.

    Source: Klambauer et al. (2017); `torch.nn.SELU`.

    >>> import torch, unified as u
    >>> net = u.transform(lambda x: u.SELU()(x), backend="torch").init(torch.ones(1), rng=0)
    >>> net(torch.tensor([0.0])).tolist()
    [0.0]
    """

    base_name = "selu"

    @staticmethod
    def variables(inplace: bool = False) -> Iterable[LayerVariable]:
        return ()


class CELU(Layer):
    """`x` above zero, else `alpha * (exp(x / alpha) - 1)`, whose slope is continuous.

    Args:
        alpha: minus the limit of the output far below zero, not zero.

    Shapes: `(*)` to the same.

    Source: Barron (2017); `torch.nn.CELU`.

    >>> import torch, unified as u
    >>> net = u.transform(lambda x: u.CELU()(x), backend="torch").init(torch.ones(1), rng=0)
    >>> net(torch.tensor([0.0, 2.0])).tolist()
    [0.0, 2.0]
    """

    base_name = "celu"

    @staticmethod
    def variables(alpha: float = 1.0, inplace: bool = False) -> Iterable[LayerVariable]:
        if alpha == 0:
            raise ValueError("alpha must not be zero")
        return ()


class Mish(Layer):
    """`x * tanh(softplus(x))`.

    Shapes: `(*)` to the same.

    Source: Misra (2019); `torch.nn.Mish`.

    >>> import torch, unified as u
    >>> net = u.transform(lambda x: u.Mish()(x), backend="torch").init(torch.ones(1), rng=0)
    >>> net(torch.tensor([0.0])).tolist()
    [0.0]
    """

    @staticmethod
    def variables(inplace: bool = False) -> Iterable[LayerVariable]:
        return ()


class SiLU(Layer):
    """`x * sigmoid(x)`, also called swish.

    Shapes: `(*)` to the same.

    Source: Elfwing et al. (2017); `torch.nn.SiLU`.

    >>> import torch, unified as u
    >>> net = u.transform(lambda x: u.SiLU()(x), backend="torch").init(torch.ones(1), rng=0)
    >>> net(torch.tensor([0.0])).tolist()
    [0.0]
    """

    base_name = "silu"

    @staticmethod
    def variables(inplace: bool = False) -> Iterable[LayerVariable]:
        return ()


class Softplus(Layer):
    """`log(1 + exp(beta * x)) / beta`, and `x` itself where `beta * x` exceeds `threshold`.

    Args:
        beta: how sharply the curve bends at zero.
        threshold: the value of `beta * x` above which the output is `x`.

    Shapes: `(*)` to the same.

    Source: `torch.nn.Softplus`.

    >>> import torch, unified as u
    >>> net = u.transform(lambda x: u.Softplus()(x), backend="torch").init(torch.ones(1), rng=0)
    >>> net(torch.tensor([100.0])).tolist()
    [100.0]
    """

    @staticmethod
    def variables(beta: float = 1.0, threshold: float = 20.0) -> Iterable[LayerVariable]:
        return ()


class Softsign(Layer):
    """`x / (1 + |x|)`.

    Shapes: `(*)` to the same.

    Source: `torch.nn.Softsign`.

    >>> import torch, unified as u
    >>> net = u.transform(lambda x: u.Softsign()(x), backend="torch").init(torch.ones(1), rng=0)
    >>> net(torch.tensor([1.0])).tolist()
    [0.5]
    """

    @staticmethod
    def variables() -> Iterable[LayerVariable]:
        return ()


class Tanhshrink(Layer):
    """`x - tanh(x)`.

    Shapes: `(*)` to the same.

    Source: `torch.nn.Tanhshrink`.

    >>> import torch, unified as u
    >>> net = u.transform(lambda x: u.Tanhshrink()(x), backend="torch").init(torch.ones(1), rng=0)
    >>> net(torch.tensor([0.0])).tolist()
    [0.0]
    """

    @staticmethod
    def variables() -> Iterable[LayerVariable]:
        return ()


class LogSigmoid(Layer):
    """`log(sigmoid(x))`, computed without underflow.

    Shapes: `(*)` to the same.

    Source: `torch.nn.LogSigmoid`.

    >>> import torch, unified as u
    >>> net = u.transform(lambda x: u.LogSigmoid()(x), backend="torch").init(torch.ones(1), rng=0)
    >>> net(torch.tensor([-100.0])).tolist()
    [-100.0]
    """

    @staticmethod
    def variables() -> Iterable[LayerVariable]:
        return ()


class GLU(Layer):
    """The first half along `dim`, multiplied by the sigmoid of the second half.

    Args:
        dim: the dimension that is split, whose size is even.

    Shapes: `(..., 2 * n, ...)` to `(..., n, ...)`.

    Source: Dauphin et al. (2016); `torch.nn.GLU`.

    >>> import torch, unified as u
    >>> net = u.transform(lambda x: u.GLU()(x), backend="torch").init(torch.ones(2), rng=0)
    >>> net(torch.tensor([2.0, 0.0])).tolist()
    [1.0]
    """

    base_name = "glu"

    @staticmethod
    def variables(dim: int = -1) -> Iterable[LayerVariable]:
        return ()


class LogSoftmax(Layer):
    """The logarithm of `Softmax`, computed without overflow.

    Args:
        dim: as in `Softmax`.

    Shapes: `(*)` to the same.

    Source: `torch.nn.LogSoftmax`.

    >>> import torch, unified as u
    >>> net = u.transform(lambda x: u.LogSoftmax(dim=0)(x), backend="torch").init(torch.ones(1), rng=0)
    >>> net(torch.tensor([0.0])).tolist()
    [0.0]
    """

    @staticmethod
    def variables(dim: int | None = None) -> Iterable[LayerVariable]:
        return ()


class Softmin(Layer):
    """`Softmax` of the negated input.

    Args:
        dim: as in `Softmax`.

    Shapes: `(*)` to the same.

    Source: `torch.nn.Softmin`.

    >>> import torch, unified as u
    >>> net = u.transform(lambda x: u.Softmin(dim=0)(x), backend="torch").init(torch.ones(1), rng=0)
    >>> net(torch.tensor([0.0, 0.0])).tolist()
    [0.5, 0.5]
    """

    @staticmethod
    def variables(dim: int | None = None) -> Iterable[LayerVariable]:
        return ()


class Softmax2d(Layer):
    """`Softmax` over the channels of images.

    Shapes: `(N, C, H, W)` or `(C, H, W)` to the same.

    Source: `torch.nn.Softmax2d`.

    >>> import torch, unified as u
    >>> net = u.transform(lambda x: u.Softmax2d()(x), backend="torch").init(torch.ones(1, 1, 1), rng=0)
    >>> net(torch.tensor([[[0.0]]])).tolist()
    [[[1.0]]]
    """

    @staticmethod
    def variables() -> Iterable[LayerVariable]:
        return ()


class PReLU(Layer):
    """`x` where it is positive, else `x` multiplied by a trained slope.

    Args:
        num_parameters: 1 for a single slope, or the number of channels (dimension 1) for one slope per channel.
        init: initial value of the slopes.
        data_format: `"channels_last"` if the channels are the last dimension.

    Shapes: `(N, C, ...)` to the same, or `(*)` with a single slope. `weight` is `(num_parameters,)` and starts at
    `init`.

    Source: He et al. (2015); `torch.nn.PReLU`.

    >>> import torch, unified as u
    >>> net = u.transform(lambda x: u.PReLU()(x), backend="torch").init(torch.ones(1), rng=0)
    >>> net(torch.tensor([-4.0])).tolist()
    [-1.0]
    """

    base_name = "prelu"
    variable_names = ("weight",)
    own_options = ("data_format",)

    @staticmethod
    def variables(
        num_parameters: int = 1,
        init: float = 0.25,
        device: Any = None,
        dtype: Any = None,
        *,
        data_format: str | None = None,
    ) -> Iterable[LayerVariable]:
        check_data_format(data_format)
        check_sizes(num_parameters=num_parameters)
        yield parameter("weight", (num_parameters,), constant(init), dtype)
