"""`torch.nn.init` for the parameters of objects, on both frameworks with equal bits.

In a constructor, and in `net.apply(fn)`, a function here gives a parameter another initialiser, from which its first
value follows when the outermost constructor, or `apply`, ends. Of a tensor of torch that has its value already it is
torch's own, and draws from torch's generator.

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
    """Return the factor that keeps the variance of values through a nonlinearity."""
    return initializers._gain(nonlinearity, 0.01 if param is None else param)


def uniform_(tensor: T, a: float = 0.0, b: float = 1.0, generator: Any = None) -> T:
    """Start from uniform values between `a` and `b`."""
    _refuse_generator(generator)
    return _start(tensor, initializers.uniform(a, b), "uniform_", a, b)


def normal_(tensor: T, mean: float = 0.0, std: float = 1.0, generator: Any = None) -> T:
    """Start from normal values."""
    _refuse_generator(generator)
    return _start(tensor, initializers.normal(mean, std), "normal_", mean, std)


def trunc_normal_(
    tensor: T, mean: float = 0.0, std: float = 1.0, a: float = -2.0, b: float = 2.0, generator: Any = None
) -> T:
    """Start from normal values truncated to `a` to `b`."""
    _refuse_generator(generator)
    return _start(tensor, initializers.truncated_normal(mean, std, a, b), "trunc_normal_", mean, std, a, b)


def constant_(tensor: T, val: float) -> T:
    """Start from one number."""
    return _start(tensor, initializers.constant(val), "constant_", val)


def ones_(tensor: T) -> T:
    """Start from ones."""
    return _start(tensor, initializers.ones, "ones_")


def zeros_(tensor: T) -> T:
    """Start from zeros."""
    return _start(tensor, initializers.zeros, "zeros_")


def eye_(tensor: T) -> T:
    """Start a matrix from ones on its diagonal."""
    return _start(tensor, initializers.eye, "eye_")


def dirac_(tensor: T, groups: int = 1) -> T:
    """Start the weight of a convolution from one that copies its input."""
    return _start(tensor, initializers.dirac(groups), "dirac_", groups)


def xavier_uniform_(tensor: T, gain: float = 1.0, generator: Any = None) -> T:
    """Start from the uniform values of Glorot and Bengio (2010)."""
    _refuse_generator(generator)
    return _start(tensor, initializers.xavier_uniform(gain), "xavier_uniform_", gain)


def xavier_normal_(tensor: T, gain: float = 1.0, generator: Any = None) -> T:
    """Start from the normal values of Glorot and Bengio (2010)."""
    _refuse_generator(generator)
    return _start(tensor, initializers.xavier_normal(gain), "xavier_normal_", gain)


def kaiming_uniform_(
    tensor: T, a: float = 0, mode: str = "fan_in", nonlinearity: str = "leaky_relu", generator: Any = None
) -> T:
    """Start from the uniform values of He et al. (2015)."""
    _refuse_generator(generator)
    return _start(
        tensor, initializers.kaiming_uniform(a, mode, nonlinearity), "kaiming_uniform_", a, mode, nonlinearity
    )


def kaiming_normal_(
    tensor: T, a: float = 0, mode: str = "fan_in", nonlinearity: str = "leaky_relu", generator: Any = None
) -> T:
    """Start from the normal values of He et al. (2015)."""
    _refuse_generator(generator)
    return _start(tensor, initializers.kaiming_normal(a, mode, nonlinearity), "kaiming_normal_", a, mode, nonlinearity)


def orthogonal_(tensor: T, gain: float = 1, generator: Any = None) -> T:
    """Start from orthonormal rows or columns."""
    _refuse_generator(generator)
    return _start(tensor, initializers.orthogonal(gain), "orthogonal_", gain)


def sparse_(tensor: T, sparsity: float, std: float = 0.01, generator: Any = None) -> T:
    """Raise: which values torch leaves out follows from its own generator."""
    raise NotImplementedError(
        "nn.init.sparse_ chooses zeros by torch's generator, which other frameworks lack: pass init_fn= of "
        "unified.initializers, or nn.Parameter(array) with the values"
    )


def _refuse_generator(generator: Any) -> None:
    if generator is not None:
        raise TypeError("nn.init takes no generator: first values follow from the seed that is passed to unified.build")
