"""Initialisers, as data: one definition that gives the same values on every backend.

An initialiser is a small frozen object. `initializer.draw(shape)` says, for a variable of that shape, which
distribution its values follow, or is itself able to compute them from words (`Orthogonal`). Names and defaults are
those of `torch.nn.init`; fans are counted for `torch.nn`'s layout, `(out, in, *kernel)`.

>>> kaiming_uniform(a=5 ** 0.5).draw((64, 16))
Uniform(low=-0.25, high=0.25)
"""

import functools
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from unified.core.distributions import Distribution, Normal, TruncatedNormal, Uniform, Words
from unified.core.missing import unknown_name

__all__ = [
    "Constant",
    "Dirac",
    "Eye",
    "Initializer",
    "Orthogonal",
    "VarianceScaling",
    "constant",
    "dirac",
    "eye",
    "kaiming_normal",
    "kaiming_uniform",
    "lecun_normal",
    "lecun_uniform",
    "normal",
    "ones",
    "orthogonal",
    "truncated_normal",
    "uniform",
    "variance_scaling",
    "xavier_normal",
    "xavier_uniform",
    "zeros",
]

# The standard deviation of a standard normal distribution truncated at -2 and 2.
CUT_NORMAL_STD = 0.87962566103423978


class Initializer:
    """Base class of initialisers: the distribution of a variable's first values, given its shape.

    A subclass is a frozen dataclass with a method `draw`.

    Source: `jax.nn.initializers.Initializer`, which draws by itself.

    >>> import torch, unified as u
    >>> net = u.transform(lambda x: u.Linear(2, 1, init_fn=u.initializers.ones)(x), backend="torch")
    >>> net.init(torch.ones(1, 2), rng=0).params["linear/weight"].tolist()
    [[1.0, 1.0]]
    """

    def draw(self, shape: tuple[int, ...]) -> "Draw":
        """Return the draw of the values for a shape; raise `ValueError` for a shape that does not fit."""
        raise NotImplementedError

    def __call__(self) -> Self:
        """Return the initializer itself, so that `zeros()` and `zeros` are the same."""
        return self


@dataclass(frozen=True)
class Fixed:
    """Values without random bits: one number, or a function of the shape that returns a NumPy array."""

    value: Any


@dataclass(frozen=True)
class Constant(Initializer):
    """A constant: a number, or an array that broadcasts to the shape.

    Source: `torch.nn.init.constant_`.

    >>> Constant(3.0).draw((2,))
    Fixed(value=3.0)
    """

    value: Any = 0.0

    def draw(self, shape: tuple[int, ...]) -> Fixed:
        return Fixed(self.value)


@dataclass(frozen=True)
class Drawn(Initializer):
    """Values of one distribution, whatever the shape."""

    distribution: Uniform | Normal | TruncatedNormal

    def draw(self, shape: tuple[int, ...]) -> Distribution:
        return self.distribution


def fans(shape: tuple[int, ...]) -> tuple[int, int]:
    """Return the numbers of inputs and outputs that a weight `(out, in, *kernel)` connects."""
    if len(shape) < 2:
        raise ValueError(
            f"an initialiser that scales by the number of inputs needs a weight of at least 2 dimensions, "
            f"(out, in, *kernel), got shape {shape}"
        )
    receptive = math.prod(shape[2:])
    return shape[1] * receptive, shape[0] * receptive


@dataclass(frozen=True)
class VarianceScaling(Initializer):
    """Values with variance `scale / fan`.

    Attributes:
        scale: the factor of the variance.
        mode: the fan: `"fan_in"` (the inputs of an output), `"fan_out"` or `"fan_avg"`, the mean of both.
        distribution: `"uniform"`, `"normal"` or `"truncated_normal"` (cut at two standard deviations, with the variance
            asked for after the cut).

    Raises:
        ValueError: there is no such mode or distribution; or, when values are drawn, the shape has no two dimensions.

    Source: `jax.nn.initializers.variance_scaling`, for weights `(out, in, *kernel)`.

    >>> VarianceScaling(3.0, "fan_in", "uniform").draw((64, 9))
    Uniform(low=-1.0, high=1.0)
    """

    scale: float = 1.0
    mode: str = "fan_in"
    distribution: str = "truncated_normal"

    def __post_init__(self) -> None:
        if self.mode not in ("fan_in", "fan_out", "fan_avg"):
            raise ValueError(f"mode must be 'fan_in', 'fan_out' or 'fan_avg', got {self.mode!r}")
        if self.distribution not in ("uniform", "normal", "truncated_normal"):
            raise ValueError(
                f"distribution must be 'uniform', 'normal' or 'truncated_normal', got {self.distribution!r}"
            )

    def draw(self, shape: tuple[int, ...]) -> Distribution:
        fan_in, fan_out = fans(shape)
        fan = {"fan_in": fan_in, "fan_out": fan_out, "fan_avg": (fan_in + fan_out) / 2}[self.mode]
        variance = self.scale / max(fan, 1)
        if self.distribution == "uniform":
            bound = math.sqrt(3 * variance)
            return Uniform(-bound, bound)
        std = math.sqrt(variance)
        if self.distribution == "normal":
            return Normal(0.0, std)
        std /= CUT_NORMAL_STD
        return TruncatedNormal(0.0, std, -2 * std, 2 * std)


@dataclass(frozen=True)
class Orthogonal(Initializer):
    """Rows (or columns, whichever are fewer) that are orthonormal, times `gain`.

    Dimensions after the first are flattened together. The QR decomposition is LAPACK's, on the host.

    Source: `torch.nn.init.orthogonal_`; Saxe et al. (2013).

    >>> Orthogonal(2.0).draw((3, 3))
    Orthogonal(gain=2.0)
    """

    gain: float = 1.0

    def draw(self, shape: tuple[int, ...]) -> "Orthogonal":
        if len(shape) < 2:
            raise ValueError(f"an orthogonal initialiser needs at least 2 dimensions, got shape {shape}")
        return self

    @property
    def source(self) -> Normal:
        """The distribution of the values that it makes orthonormal."""
        return Normal()

    def shaped(self, values: Any, shape: tuple[int, ...], xp: Any) -> Any:
        """Return the initial values from as many of the source."""
        rows, columns = shape[0], math.prod(shape[1:])
        matrix = values.reshape(rows, columns)
        q, r = xp.linalg.qr(matrix.T if rows < columns else matrix)
        q = q * xp.sign(xp.diagonal(r))
        return (self.gain * (q.T if rows < columns else q)).reshape(shape)


@dataclass(frozen=True)
class ZeroRow(Initializer):
    """The values of another initialiser, but for one row (first index) of zeros."""

    initializer: Drawn
    row: int

    def draw(self, shape: tuple[int, ...]) -> "ZeroRow":
        return self

    @property
    def source(self) -> Uniform | Normal | TruncatedNormal:
        """The distribution of the other rows."""
        return self.initializer.distribution

    def shaped(self, values: Any, shape: tuple[int, ...], xp: Any) -> Any:
        """Return the initial values from as many of the source."""
        values = values.reshape(shape)
        rows = xp.arange(shape[0]).reshape(-1, *(1,) * (len(shape) - 1))
        return xp.where(rows == self.row % shape[0], xp.zeros_like(values), values)


@dataclass(frozen=True)
class Eye(Initializer):
    """Ones on the diagonal of a matrix, zeros elsewhere.

    Source: `torch.nn.init.eye_`.

    >>> Eye().draw((2, 2)).value.tolist()
    [[1.0, 0.0], [0.0, 1.0]]
    """

    def draw(self, shape: tuple[int, ...]) -> Fixed:
        if len(shape) != 2:
            raise ValueError(f"an identity matrix has 2 dimensions, got shape {shape}")
        return Fixed(np.eye(*shape, dtype=np.float32))


@dataclass(frozen=True)
class Dirac(Initializer):
    """A convolution weight that copies as many input channels as it can, in each of `groups` groups.

    Source: `torch.nn.init.dirac_`.

    >>> Dirac().draw((1, 1, 3)).value.tolist()
    [[[0.0, 1.0, 0.0]]]
    """

    groups: int = 1

    def draw(self, shape: tuple[int, ...]) -> Fixed:
        if not 3 <= len(shape) <= 5:
            raise ValueError(f"a Dirac initialiser needs a weight of 3, 4 or 5 dimensions, got shape {shape}")
        if shape[0] % self.groups:
            raise ValueError(f"{shape[0]} output channels cannot be split into {self.groups} groups")
        value = np.zeros(shape, dtype=np.float32)
        centre = tuple(size // 2 for size in shape[2:])
        per_group = shape[0] // self.groups
        for group in range(self.groups):
            for channel in range(min(per_group, shape[1])):
                value[(group * per_group + channel, channel, *centre)] = 1
        return Fixed(value)


# Draws whose values depend on the shape, not on one random word each.
Shaped = Orthogonal | ZeroRow

Draw = Distribution | Fixed | Orthogonal | ZeroRow


def resolve(initializer: Initializer, shape: tuple[int, ...]) -> Draw:
    """Return `initializer.draw(shape)`, cached because models repeat layers."""
    try:
        return _remembered(initializer, shape)
    except TypeError:  # a constant array is not hashable
        return initializer.draw(shape)


@functools.lru_cache(maxsize=4096)
def _remembered(initializer: Initializer, shape: tuple[int, ...]) -> Draw:
    return _interned(initializer.draw(shape))


@functools.lru_cache(maxsize=4096)
def _interned(draw: Draw) -> Draw:
    """Return the first of all equal draws, so that variables can be grouped by its identity."""
    return draw


def constant(value: Any) -> Constant:
    """Return an initialiser whose values are all `value`.

    Args:
        value: a number, or an array that broadcasts to the shape of the variable.

    Source: `torch.nn.init.constant_`.

    >>> import unified as u
    >>> u.initializers.constant(3.0)
    Constant(value=3.0)
    """
    return Constant(value)


# Zeros.
zeros = Constant(0.0)

# Ones.
ones = Constant(1.0)


def uniform(low: float = 0.0, high: float = 1.0) -> Drawn:
    """Return an initialiser of uniform values from `low` to `high`.

    Raises:
        ValueError: `low` exceeds `high`, or one of them is not finite.

    Source: `torch.nn.init.uniform_`.

    >>> import unified as u
    >>> u.initializers.uniform(-1.0, 1.0).draw((2, 3))
    Uniform(low=-1.0, high=1.0)
    """
    return Drawn(Uniform(low, high))


def normal(mean: float = 0.0, std: float = 1.0) -> Drawn:
    """Return an initialiser of normal values with the mean `mean` and the standard deviation `std`.

    Raises:
        ValueError: `std` is negative, or one of both is not finite.

    Source: `torch.nn.init.normal_`.

    >>> import unified as u
    >>> u.initializers.normal(std=0.02).draw((2, 3))
    Normal(mean=0.0, std=0.02)
    """
    return Drawn(Normal(mean, std))


def truncated_normal(mean: float = 0.0, std: float = 1.0, low: float = -2.0, high: float = 2.0) -> Drawn:
    """Return an initialiser of normal values truncated to `low` to `high`.

    Args:
        mean: the mean before values are cut off.
        std: the standard deviation before values are cut off.
        low: the least value, in absolute terms rather than in standard deviations.
        high: the greatest value.

    Raises:
        ValueError: `low` exceeds `high`, or `std` is negative, or `mean` or `std` is not finite.

    Source: `torch.nn.init.trunc_normal_`.

    >>> import unified as u
    >>> u.initializers.truncated_normal(std=0.02, low=-0.04, high=0.04).draw((2, 3))
    TruncatedNormal(mean=0.0, std=0.02, low=-0.04, high=0.04)
    """
    return Drawn(TruncatedNormal(mean, std, low, high))


def _gain(nonlinearity: str, a: float) -> float:
    """Return the factor that keeps the variance through `nonlinearity` (`torch.nn.init.calculate_gain`)."""
    gains = {"tanh": 5 / 3, "relu": math.sqrt(2), "leaky_relu": math.sqrt(2 / (1 + a**2)), "selu": 0.75}
    if nonlinearity in gains:
        return gains[nonlinearity]
    if nonlinearity in ("linear", "sigmoid") or nonlinearity.startswith("conv"):
        return 1.0
    raise ValueError(f"there is no gain for {nonlinearity!r}: choose linear, sigmoid, conv..., {', '.join(gains)}")


def variance_scaling(
    scale: float = 1.0, mode: str = "fan_in", distribution: str = "truncated_normal"
) -> VarianceScaling:
    """Return an initialiser of values with variance `scale / fan`.

    Args:
        scale: the factor of the variance.
        mode: the fan: `"fan_in"` (the inputs of an output), `"fan_out"` or `"fan_avg"`, the mean of both.
        distribution: `"uniform"`, `"normal"` or `"truncated_normal"`; see `VarianceScaling`.

    Raises:
        ValueError: there is no such mode or distribution.

    Source: `jax.nn.initializers.variance_scaling`.

    >>> import unified as u
    >>> u.initializers.variance_scaling(2.0, "fan_out", "normal").draw((8, 2))
    Normal(mean=0.0, std=0.5)
    """
    return VarianceScaling(scale, mode, distribution)


def kaiming_uniform(a: float = 0.0, mode: str = "fan_in", nonlinearity: str = "leaky_relu") -> VarianceScaling:
    """Return an initialiser of uniform values that keep the variance through a nonlinearity.

    Args:
        a: the negative slope, for `"leaky_relu"`.
        mode: the fan: `"fan_in"`, `"fan_out"` or `"fan_avg"`.
        nonlinearity: `"linear"`, `"sigmoid"`, `"tanh"`, `"relu"`, `"leaky_relu"`, `"selu"`, or a name that begins with
            `"conv"`.

    Raises:
        ValueError: there is no such mode, or no gain for that nonlinearity.

    Source: `torch.nn.init.kaiming_uniform_`; He et al. (2015).

    >>> import unified as u
    >>> u.initializers.kaiming_uniform(nonlinearity="relu").draw((2, 6))
    Uniform(low=-1.0, high=1.0)
    """
    return VarianceScaling(_gain(nonlinearity, a) ** 2, mode, "uniform")


def kaiming_normal(a: float = 0.0, mode: str = "fan_in", nonlinearity: str = "leaky_relu") -> VarianceScaling:
    """Return an initialiser of normal values that keep the variance through a nonlinearity.

    Args:
        a: the negative slope, for `"leaky_relu"`.
        mode: the fan: `"fan_in"`, `"fan_out"` or `"fan_avg"`.
        nonlinearity: `"linear"`, `"sigmoid"`, `"tanh"`, `"relu"`, `"leaky_relu"`, `"selu"`, or a name that begins with
            `"conv"`.

    Raises:
        ValueError: there is no such mode, or no gain for that nonlinearity.

    Source: `torch.nn.init.kaiming_normal_`; He et al. (2015).

    >>> import unified as u
    >>> u.initializers.kaiming_normal(nonlinearity="relu").draw((2, 8))
    Normal(mean=0.0, std=0.5)
    """
    return VarianceScaling(_gain(nonlinearity, a) ** 2, mode, "normal")


def xavier_uniform(gain: float = 1.0) -> VarianceScaling:
    """Return an initialiser of uniform values with the variance `gain**2 / fan_avg`.

    Source: `torch.nn.init.xavier_uniform_`; Glorot and Bengio (2010).

    >>> import unified as u
    >>> u.initializers.xavier_uniform().draw((2, 4))
    Uniform(low=-1.0, high=1.0)
    """
    return VarianceScaling(gain**2, "fan_avg", "uniform")


def xavier_normal(gain: float = 1.0) -> VarianceScaling:
    """Return an initialiser of normal values with the variance `gain**2 / fan_avg`.

    Source: `torch.nn.init.xavier_normal_`; Glorot and Bengio (2010).

    >>> import unified as u
    >>> u.initializers.xavier_normal().draw((4, 4))
    Normal(mean=0.0, std=0.5)
    """
    return VarianceScaling(gain**2, "fan_avg", "normal")


def lecun_uniform() -> VarianceScaling:
    """Return an initialiser of uniform values with the variance `1 / fan_in`.

    Source: `jax.nn.initializers.lecun_uniform`; LeCun et al. (1998).

    >>> import unified as u
    >>> u.initializers.lecun_uniform().draw((8, 3))
    Uniform(low=-1.0, high=1.0)
    """
    return VarianceScaling(1.0, "fan_in", "uniform")


def lecun_normal() -> VarianceScaling:
    """Return an initialiser of normal values with the variance `1 / fan_in`, truncated at two standard deviations.

    Source: `jax.nn.initializers.lecun_normal`; LeCun et al. (1998).

    >>> import unified as u
    >>> u.initializers.lecun_normal().draw((8, 4)).high
    1.1368472343385565
    """
    return VarianceScaling(1.0, "fan_in", "truncated_normal")


def orthogonal(gain: float = 1.0) -> Orthogonal:
    """Return an initialiser of orthonormal rows or columns, times `gain`.

    Source: `torch.nn.init.orthogonal_`; Saxe et al. (2013).

    >>> import torch, unified as u
    >>> net = u.transform(lambda x: u.Linear(2, 2, init_fn=u.initializers.orthogonal())(x), backend="torch")
    >>> weight = net.init(torch.ones(1, 2), rng=0).params["linear/weight"]
    >>> torch.allclose(weight @ weight.T, torch.eye(2), atol=1e-6)
    True
    """
    return Orthogonal(gain)


# The identity matrix, of a linear weight.
eye = Eye()


def dirac(groups: int = 1) -> Dirac:
    """Return an initialiser of convolution weights that copy the input.

    Args:
        groups: the number of groups of channels, each of which copies its own.

    Raises:
        ValueError: when values are drawn: the weight has no 3 to 5 dimensions, or its channels are no multiple of the
            groups.

    Source: `torch.nn.init.dirac_`.

    >>> import unified as u
    >>> u.initializers.dirac().draw((1, 1, 3)).value.tolist()
    [[[0.0, 1.0, 0.0]]]
    """
    return Dirac(groups)


def values_from_bits(words: Words, bits: Any, draw: Draw, shape: tuple[int, ...], dtype: str, xp: Any) -> Any:
    """Return the values of one variable from as many random words, by the array functions of `xp`."""
    assert not isinstance(draw, Fixed)
    if isinstance(draw, Shaped):
        return draw.shaped(draw.source(words, bits, dtype), shape, xp)
    return draw(words, bits, dtype).reshape(shape)


if not TYPE_CHECKING:  # checkers would take any name for an attribute

    def __getattr__(name: str) -> Any:
        raise unknown_name("unified.initializers", name, __all__)
