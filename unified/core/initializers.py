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
from typing import Any, Self

import numpy as np

from unified.core.distributions import Distribution, Normal, TruncatedNormal, Uniform, Words

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
    """Base class of initialisers: the distribution of a variable's first values, given its shape."""

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
    """A constant: a number, or an array that broadcasts to the shape."""

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

    `mode` is `"fan_in"`, `"fan_out"` or `"fan_avg"`; `distribution` is `"uniform"`, `"normal"` or
    `"truncated_normal"` (cut at two standard deviations, with the variance asked for after the cut).
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
    """Rows (or columns, whichever are fewer) that are orthonormal, times `gain` (Saxe et al., 2013).

    Dimensions after the first are flattened together. The QR decomposition is LAPACK's, on the host.
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
    """Ones on the diagonal of a matrix, zeros elsewhere."""

    def draw(self, shape: tuple[int, ...]) -> Fixed:
        if len(shape) != 2:
            raise ValueError(f"an identity matrix has 2 dimensions, got shape {shape}")
        return Fixed(np.eye(*shape, dtype=np.float32))


@dataclass(frozen=True)
class Dirac(Initializer):
    """A convolution weight that copies as many input channels as it can, in each of `groups` groups."""

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
    """Return an initialiser whose values are all `value`."""
    return Constant(value)


# Zeros.
zeros = Constant(0.0)

# Ones.
ones = Constant(1.0)


def uniform(low: float = 0.0, high: float = 1.0) -> Drawn:
    """Return an initialiser of uniform values from `low` to `high`."""
    return Drawn(Uniform(low, high))


def normal(mean: float = 0.0, std: float = 1.0) -> Drawn:
    """Return an initialiser of normal values."""
    return Drawn(Normal(mean, std))


def truncated_normal(mean: float = 0.0, std: float = 1.0, low: float = -2.0, high: float = 2.0) -> Drawn:
    """Return an initialiser of normal values truncated to `low` to `high`, as in `torch.nn.init.trunc_normal_`."""
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
    """Return an initialiser of values with variance `scale / fan`; see `VarianceScaling`."""
    return VarianceScaling(scale, mode, distribution)


def kaiming_uniform(a: float = 0.0, mode: str = "fan_in", nonlinearity: str = "leaky_relu") -> VarianceScaling:
    """Return the uniform initialiser of He et al. (2015)."""
    return VarianceScaling(_gain(nonlinearity, a) ** 2, mode, "uniform")


def kaiming_normal(a: float = 0.0, mode: str = "fan_in", nonlinearity: str = "leaky_relu") -> VarianceScaling:
    """Return the normal initialiser of He et al. (2015)."""
    return VarianceScaling(_gain(nonlinearity, a) ** 2, mode, "normal")


def xavier_uniform(gain: float = 1.0) -> VarianceScaling:
    """Return the uniform initialiser of Glorot and Bengio (2010)."""
    return VarianceScaling(gain**2, "fan_avg", "uniform")


def xavier_normal(gain: float = 1.0) -> VarianceScaling:
    """Return the normal initialiser of Glorot and Bengio (2010)."""
    return VarianceScaling(gain**2, "fan_avg", "normal")


def lecun_uniform() -> VarianceScaling:
    """Return the uniform initialiser of LeCun et al. (1998)."""
    return VarianceScaling(1.0, "fan_in", "uniform")


def lecun_normal() -> VarianceScaling:
    """Return the normal initialiser of LeCun et al. (1998), truncated at two standard deviations, as in JAX."""
    return VarianceScaling(1.0, "fan_in", "truncated_normal")


def orthogonal(gain: float = 1.0) -> Orthogonal:
    """Return an initialiser of orthonormal rows or columns, times `gain`."""
    return Orthogonal(gain)


# The identity matrix, of a linear weight.
eye = Eye()


def dirac(groups: int = 1) -> Dirac:
    """Return an initialiser of convolution weights that copy the input."""
    return Dirac(groups)


def values_from_bits(words: Words, bits: Any, draw: Draw, shape: tuple[int, ...], dtype: str, xp: Any) -> Any:
    """Return the values of one variable from as many random words, by the array functions of `xp`."""
    assert not isinstance(draw, Fixed)
    if isinstance(draw, Shaped):
        return draw.shaped(draw.source(words, bits, dtype), shape, xp)
    return draw(words, bits, dtype).reshape(shape)
