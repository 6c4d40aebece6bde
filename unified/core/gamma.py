"""Gamma, beta, Dirichlet and Poisson values from random words, with parameters that are numbers.

Each value follows from one word, by the tables of `unified.core.integrated`: no proposal is rejected, so that no
comparison of floats can turn out differently in two libraries. Products are with powers of two, and exact. Only values
of the Dirichlet distribution are rounded more than once: they are added in one order, and multiplied by the reciprocal.
"""

import functools
import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from unified.core.distributions import Words, computed_in, largest
from unified.core.integrated import MANTISSA_BITS, Table, beta_table, gamma_table, joined, lookup, powers

__all__ = ["Beta", "Dirichlet", "Gamma", "Poisson"]

LEAST, LARGEST = 2.0**-10, 2.0**30  # shapes for which the tables are accurate
MOST = 2.0**24  # the largest rate of a Poisson distribution, whose table has 14 numbers for each of its square root
UNIT = 2.0**-MANTISSA_BITS
# The powers of two by which values are smaller than the largest beside them; those beyond the last are lost.
RELATIVE = {
    name: np.append(np.exp2(-np.arange(least)), 0.0) for name, least in (("float32", 120.0), ("float64", 1000.0))
}


def _check_shape(what: str, *shapes: float) -> None:
    for shape in shapes:
        if not LEAST <= shape <= LARGEST:
            raise ValueError(f"{what} must be between 2**-10 and 2**30, got {shape}")


def _value(words: Words, table: Table, scale: np.ndarray, bits: Any, dtype: str) -> Any:
    """Return the quantiles of a table at these words."""
    mantissa, index = lookup(table, words, bits)
    return words.floating(mantissa, UNIT, computed_in(dtype)) * words.take_floats(scale, index, computed_in(dtype))


@functools.lru_cache(maxsize=64)
def _powers(table_of: Any, parameters: tuple[float, ...], dtype: str) -> np.ndarray:
    return powers(table_of(*parameters), dtype)


@dataclass(frozen=True)
class Gamma:
    """The gamma distribution with the shape `alpha` and scale one."""

    alpha: float

    def __post_init__(self) -> None:
        _check_shape("the shape alpha of a gamma distribution", self.alpha)

    def __call__(self, words: Words, bits: Any, dtype: str) -> Any:
        scale = _powers(gamma_table, (self.alpha,), computed_in(dtype))
        return _value(words, gamma_table(self.alpha), scale, bits, dtype)


@dataclass(frozen=True)
class Beta:
    """The beta distribution."""

    a: float
    b: float

    def __post_init__(self) -> None:
        _check_shape("a and b of a beta distribution", self.a, self.b)

    def __call__(self, words: Words, bits: Any, dtype: str) -> Any:
        scale = _powers(beta_table, (self.a, self.b), computed_in(dtype))
        return _value(words, beta_table(self.a, self.b), scale, bits, dtype)


@dataclass(frozen=True)
class Dirichlet:
    """The Dirichlet distribution: gamma values along the last axis, over their sum.

    They are multiples of the largest among them, so that not all can be too small for a float.
    """

    alpha: tuple[float, ...]

    def __post_init__(self) -> None:
        if not self.alpha:
            raise ValueError("a Dirichlet distribution has at least one concentration alpha, got none")
        _check_shape("the concentrations alpha of a Dirichlet distribution", *self.alpha)

    def __call__(self, words: Words, bits: Any, dtype: str) -> Any:
        table, offsets = _tables(self.alpha)
        count, wide = len(self.alpha), computed_in(dtype)
        rows = bits.reshape((*bits.shape[:-1], bits.shape[-1] // count, count))
        mantissa, index = lookup(table, words, rows, words.numbers(offsets, bits))
        exponent = words.take_numbers(table.exponent, index)
        below = words.clip(words.largest(exponent) - exponent, 0, len(RELATIVE[wide]) - 1)
        values = words.floating(mantissa, UNIT, wide) * words.take_floats(RELATIVE[wide], below, wide)
        # XLA makes this of a quotient by a row's number: one that is written so is the same everywhere.
        return (values * (1 / _total(values))).reshape(bits.shape)


@functools.lru_cache(maxsize=16)
def _tables(alpha: tuple[float, ...]) -> tuple[Table, np.ndarray]:
    """Return the tables of all shapes as one, and where that of each begins."""
    shapes = sorted(set(alpha))
    table = joined([gamma_table(shape) for shape in shapes])
    size = len(table.start) // len(shapes)
    return table, np.array([shapes.index(shape) * size for shape in alpha], np.int32)


def _total(values: Any) -> Any:
    """Return the sum along the last axis, which keeps it, in an order that no library changes."""
    rest = []
    while (count := values.shape[-1]) > 1:
        half = count // 2
        if count % 2:
            rest.append(values[..., count - 1 :])
        values = values[..., :half] + values[..., half : 2 * half]
    for value in reversed(rest):
        values = values + value
    return values


@dataclass(frozen=True)
class Poisson:
    """The Poisson distribution with the mean `rate`, up to the quantile of 2**-33."""

    rate: float

    def __post_init__(self) -> None:
        if not 0 <= self.rate <= MOST:
            raise ValueError(f"the rate of a Poisson distribution must be between 0 and 2**24, got {self.rate}")

    def __call__(self, words: Words, bits: Any, dtype: str) -> Any:
        first, thresholds = _thresholds(self.rate)
        if first + len(thresholds) > largest(dtype):
            raise ValueError(
                f"values of a Poisson distribution with the rate {self.rate} reach {first + len(thresholds)}, and "
                f"those of {dtype} end at {largest(dtype)}"
            )
        return words.signed(words.count_below(thresholds, bits)) + first


@functools.lru_cache(maxsize=64)
def _thresholds(rate: float) -> tuple[int, np.ndarray]:
    """Return the least number, and the words from which on values are larger than it, than the next one, and so on."""
    if rate == 0:
        return 0, np.zeros(0, np.uint32)
    mode, reach = math.floor(rate), 20 + math.ceil(7.5 * math.sqrt(rate))
    # Ratios to the probability of the mode, whose own logarithm would be a small difference of large numbers.
    up = np.cumsum(np.log(rate / np.arange(mode + 1, mode + reach + 1)))
    down = np.cumsum(np.log(np.arange(mode, max(mode - reach, 0), -1) / rate))
    mass = np.exp(np.concatenate([down[::-1], [0.0], up]))
    words = np.rint(np.cumsum(mass) / mass.sum() * 2.0**32)
    words = words[words < 2.0**32]
    first = int(np.count_nonzero(words == 0))
    return mode - len(down) + first, words[first:].astype(np.uint32)
