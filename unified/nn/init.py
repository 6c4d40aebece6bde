"""`torch.nn.init` for the parameters of objects, on both frameworks with equal bits.

In a constructor, and in `net.apply(fn)`, a function here gives a parameter another initialiser, from which its first
value follows when the outermost constructor, or `apply`, ends. Of a tensor of torch that has its value already it is
torch's own, and draws from torch's generator. Each returns the parameter or tensor that it takes; `generator=` is
refused, because first values follow from the seed that is passed to `unified.build`.

>>> import unified as u, unified.nn as nn
>>> class Net(nn.Module):
...     def __init__(self):
...         super().__init__()
...         self.fc = nn.Linear(3, 2)
...         nn.init.zeros_(self.fc.bias)
>>> u.build(Net, backend="jax", rng=0).fc.bias.tolist()
[0.0, 0.0]
"""

from typing import Any, TypeVar

from unified.core import backends, initializers
from unified.core.initializers import Initializer

__all__ = [
    "calculate_gain",
    "constant_",
    "dirac_",
    "eye_",
    "kaiming_normal_",
    "kaiming_uniform_",
    "normal_",
    "ones_",
    "orthogonal_",
    "sparse_",
    "trunc_normal_",
    "uniform_",
    "xavier_normal_",
    "xavier_uniform_",
    "zeros_",
]

T = TypeVar("T")


def _start(tensor: T, initializer: Initializer, name: str, *args: Any) -> T:
    """Let a variable start from an initialiser; fill a tensor that has its value by torch's function of that name."""
    start_from: Any = getattr(tensor, "start_from", None)
    if start_from is not None:
        initializers.resolve(initializer, tuple(tensor.shape))  # type: ignore[attr-defined]  # raises for a shape
        start_from(initializer)
        return tensor
    backend = backends.of_array(tensor)
    if backend is None:
        raise TypeError(f"nn.init.{name} takes a parameter, got {type(tensor).__name__}")
    backend.objects.fill(tensor, name, *args)
    return tensor


def calculate_gain(nonlinearity: str, param: float | None = None) -> float:
    """Return the factor that keeps the variance of values through a nonlinearity.

    Args:
        nonlinearity: `"linear"`, `"sigmoid"`, `"tanh"`, `"relu"`, `"leaky_relu"`, `"selu"`, or a name that begins with
            `"conv"`.
        param: the negative slope of `"leaky_relu"`, by default 0.01.

    Raises:
        ValueError: there is no gain for that nonlinearity.

    Source: `torch.nn.init.calculate_gain`.

    >>> import unified.nn as nn
    >>> nn.init.calculate_gain("tanh") == 5 / 3
    True
    """
    return initializers._gain(nonlinearity, 0.01 if param is None else param)


def uniform_(tensor: T, a: float = 0.0, b: float = 1.0, generator: Any = None) -> T:
    """Start from uniform values between `a` and `b`.

    Source: `torch.nn.init.uniform_`.

    >>> import torch, unified.nn as nn
    >>> values = nn.init.uniform_(torch.empty(100), 2.0, 3.0)
    >>> bool((values >= 2.0).all() and (values <= 3.0).all())
    True
    """
    _refuse_generator(generator)
    return _start(tensor, initializers.uniform(a, b), "uniform_", a, b)


def normal_(tensor: T, mean: float = 0.0, std: float = 1.0, generator: Any = None) -> T:
    """Start from normal values with the mean `mean` and the standard deviation `std`.

    Source: `torch.nn.init.normal_`.

    >>> import torch, unified.nn as nn
    >>> values = nn.init.normal_(torch.empty(10000), std=0.1)
    >>> round(float(values.std()), 2)
    0.1
    """
    _refuse_generator(generator)
    return _start(tensor, initializers.normal(mean, std), "normal_", mean, std)


def trunc_normal_(
    tensor: T, mean: float = 0.0, std: float = 1.0, a: float = -2.0, b: float = 2.0, generator: Any = None
) -> T:
    """Start from normal values truncated to `a` to `b`.

    Args:
        tensor: a parameter.
        mean: the mean before values are cut off.
        std: the standard deviation before values are cut off.
        a: the least value, in absolute terms rather than in standard deviations.
        b: the greatest value.
        generator: refused.

    Raises:
        ValueError: `a` exceeds `b`, or `std` is negative.

    Source: `torch.nn.init.trunc_normal_`.

    >>> import torch, unified.nn as nn
    >>> bool(nn.init.trunc_normal_(torch.empty(1000), a=-1.0, b=1.0).abs().max() <= 1.0)
    True
    """
    _refuse_generator(generator)
    return _start(tensor, initializers.truncated_normal(mean, std, a, b), "trunc_normal_", mean, std, a, b)


def constant_(tensor: T, val: float) -> T:
    """Start from the number `val`.

    Source: `torch.nn.init.constant_`.

    >>> import torch, unified.nn as nn
    >>> nn.init.constant_(torch.empty(2), 3.0)
    tensor([3., 3.])
    """
    return _start(tensor, initializers.constant(val), "constant_", val)


def ones_(tensor: T) -> T:
    """Start from ones.

    Source: `torch.nn.init.ones_`.

    >>> import torch, unified.nn as nn
    >>> nn.init.ones_(torch.empty(2))
    tensor([1., 1.])
    """
    return _start(tensor, initializers.ones, "ones_")


def zeros_(tensor: T) -> T:
    """Start from zeros.

    Source: `torch.nn.init.zeros_`.

    >>> import torch, unified.nn as nn
    >>> nn.init.zeros_(torch.empty(2))
    tensor([0., 0.])
    """
    return _start(tensor, initializers.zeros, "zeros_")


def eye_(tensor: T) -> T:
    """Start a matrix from ones on its diagonal and zeros elsewhere.

    Raises:
        ValueError: the parameter has not two axes.

    Source: `torch.nn.init.eye_`.

    >>> import torch, unified.nn as nn
    >>> nn.init.eye_(torch.empty(2, 2))
    tensor([[1., 0.],
            [0., 1.]])
    """
    return _start(tensor, initializers.eye, "eye_")


def dirac_(tensor: T, groups: int = 1) -> T:
    """Start the weight of a convolution from one that copies its input.

    Args:
        tensor: a weight `(out, in / groups, *kernel)`, with one to three axes of positions.
        groups: the number of groups of channels, each of which copies its own.

    Raises:
        ValueError: the weight has other axes, or channels that the groups do not divide.

    Source: `torch.nn.init.dirac_`.

    >>> import torch, unified.nn as nn
    >>> nn.init.dirac_(torch.empty(1, 1, 3))
    tensor([[[0., 1., 0.]]])
    """
    return _start(tensor, initializers.dirac(groups), "dirac_", groups)


def xavier_uniform_(tensor: T, gain: float = 1.0, generator: Any = None) -> T:
    """Start from uniform values with the variance `gain**2 / fan_avg`, the mean of inputs and outputs.

    Raises:
        ValueError: the parameter has fewer than two axes.

    Source: `torch.nn.init.xavier_uniform_`; Glorot and Bengio (2010).

    >>> import torch, unified.nn as nn
    >>> bool(nn.init.xavier_uniform_(torch.empty(3, 3)).abs().max() <= 1.0)
    True
    """
    _refuse_generator(generator)
    return _start(tensor, initializers.xavier_uniform(gain), "xavier_uniform_", gain)


def xavier_normal_(tensor: T, gain: float = 1.0, generator: Any = None) -> T:
    """Start from normal values with the variance `gain**2 / fan_avg`, the mean of inputs and outputs.

    Raises:
        ValueError: the parameter has fewer than two axes.

    Source: `torch.nn.init.xavier_normal_`; Glorot and Bengio (2010).

    >>> import torch, unified.nn as nn
    >>> round(float(nn.init.xavier_normal_(torch.empty(100, 100)).std()), 2)
    0.1
    """
    _refuse_generator(generator)
    return _start(tensor, initializers.xavier_normal(gain), "xavier_normal_", gain)


def kaiming_uniform_(
    tensor: T, a: float = 0, mode: str = "fan_in", nonlinearity: str = "leaky_relu", generator: Any = None
) -> T:
    """Start from uniform values that keep the variance through a nonlinearity.

    Args:
        tensor: a weight with two axes or more.
        a: the negative slope, for `"leaky_relu"`.
        mode: the numbers that are kept in proportion: `"fan_in"` those of the call, `"fan_out"` those of the gradient.
        nonlinearity: a name that `calculate_gain` takes.
        generator: refused.

    Raises:
        ValueError: there is no such mode or nonlinearity, or the parameter has fewer than two axes.

    Source: `torch.nn.init.kaiming_uniform_`; He et al. (2015).

    >>> import torch, unified.nn as nn
    >>> bool(nn.init.kaiming_uniform_(torch.empty(2, 6), nonlinearity="relu").abs().max() <= 1.0)
    True
    """
    _refuse_generator(generator)
    return _start(
        tensor, initializers.kaiming_uniform(a, mode, nonlinearity), "kaiming_uniform_", a, mode, nonlinearity
    )


def kaiming_normal_(
    tensor: T, a: float = 0, mode: str = "fan_in", nonlinearity: str = "leaky_relu", generator: Any = None
) -> T:
    """Start from normal values that keep the variance through a nonlinearity.

    Args:
        tensor: a weight with two axes or more.
        a: the negative slope, for `"leaky_relu"`.
        mode: the numbers that are kept in proportion: `"fan_in"` those of the call, `"fan_out"` those of the gradient.
        nonlinearity: a name that `calculate_gain` takes.
        generator: refused.

    Raises:
        ValueError: there is no such mode or nonlinearity, or the parameter has fewer than two axes.

    Source: `torch.nn.init.kaiming_normal_`; He et al. (2015).

    >>> import torch, unified.nn as nn
    >>> round(float(nn.init.kaiming_normal_(torch.empty(100, 200), nonlinearity="relu").std()), 2)
    0.1
    """
    _refuse_generator(generator)
    return _start(tensor, initializers.kaiming_normal(a, mode, nonlinearity), "kaiming_normal_", a, mode, nonlinearity)


def orthogonal_(tensor: T, gain: float = 1, generator: Any = None) -> T:
    """Start from orthonormal rows or columns, whichever are fewer, times `gain`.

    Raises:
        ValueError: the parameter has fewer than two axes.

    Source: `torch.nn.init.orthogonal_`; Saxe et al. (2013).

    >>> import torch, unified.nn as nn
    >>> weight = nn.init.orthogonal_(torch.empty(2, 5))
    >>> bool(torch.allclose(weight @ weight.T, torch.eye(2), atol=1e-5))
    True
    """
    _refuse_generator(generator)
    return _start(tensor, initializers.orthogonal(gain), "orthogonal_", gain)


def sparse_(tensor: T, sparsity: float, std: float = 0.01, generator: Any = None) -> T:
    """Raise an error, because the values that torch leaves out follow from its own generator.

    Args:
        tensor: a matrix.
        sparsity: the fraction of each column that torch sets to zero.
        std: the standard deviation of the other values.
        generator: refused.

    Raises:
        NotImplementedError: always; `init_fn=` takes an initialiser of `unified.initializers`.

    Source: `torch.nn.init.sparse_`.

    >>> import torch, unified.nn as nn
    >>> try:
    ...     nn.init.sparse_(torch.empty(2, 2), 0.5)
    ... except NotImplementedError as error:
    ...     print(str(error)[:36])
    nn.init.sparse_ chooses zeros by tor
    """
    raise NotImplementedError(
        "nn.init.sparse_ chooses zeros by torch's generator, which other frameworks lack: pass init_fn= of "
        "unified.initializers, or nn.Parameter(array) with the values"
    )


def _refuse_generator(generator: Any) -> None:
    if generator is not None:
        raise TypeError("nn.init takes no generator: first values follow from the seed that is passed to unified.build")
