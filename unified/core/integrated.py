"""Quantiles of distributions with parameters, as tables in integers: segments of the tail probability, as `tabulated`.

The density is one of a variable `t` (the logarithm of a gamma variate over its mean, the logit of a beta variate), in
which it is log-concave and has exponential tails, so that one rule integrates it for any parameters: Gauss-Legendre in
cells where it counts, and the exponential beyond them. Values span many orders of magnitude, and a table has a mantissa
and an exponent for each segment: the only rounding is that of an integer to a float.
"""

import functools
import itertools
import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from unified.core.quantiles import FRACTION_BITS, MASK, SEGMENTS

__all__ = ["MANTISSA_BITS", "Table", "beta_table", "gamma_table", "joined", "lookup", "powers"]

HALF = 32 * SEGMENTS
MANTISSA_BITS = 29
CELLS = 4096
REACH = 36.0  # beyond it exp(-t) is lost beside 1, and a tail is an exponential
DEPTH = 50.0  # how far below its peak the logarithm of a density counts: 2**-34 is -24


class Table(NamedTuple):
    """Segments of quantiles: those of the lower half by probability, and those of the upper half by tail probability.

    Attributes:
        start: the mantissa at the start of each segment, in units of `2**(exponent - MANTISSA_BITS)`.
        length: how far the segment goes, up in the lower half and down in the upper one.
        exponent: the exponent of the segment.
        least: the base-2 logarithm of the least value in the segment.
    """

    start: np.ndarray
    length: np.ndarray
    exponent: np.ndarray
    least: np.ndarray


class _Density(NamedTuple):
    """A density of `t`, up to a factor: its logarithm, the slope of that, its peak, and where tails begin at most."""

    log: Callable[[Any], Any]
    slope: Callable[[float], float]
    peak: float
    low: float
    high: float

    def limit(self, direction: int) -> float:
        """Return where the logarithm has fallen by `DEPTH` below its peak, or where the tail begins."""
        level, bound = self.log(self.peak) - DEPTH, self.high if direction > 0 else self.low
        if math.isfinite(bound) and self.log(bound) >= level:
            return bound
        near, far = self.peak, self.peak + direction * 1.0
        while self.log(far) > level:
            near, far = far, self.peak + 2 * (far - self.peak)
        for _ in range(60):
            middle = (near + far) / 2
            near, far = (middle, far) if self.log(middle) > level else (near, middle)
        return far


def _points(density: _Density, probabilities: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return `t` at each of these probabilities, and at the same probabilities of the upper tail; all are up to 1/2."""
    top = float(density.log(density.peak))
    low, high = density.limit(-1), density.limit(1)
    nodes, weights = np.polynomial.legendre.leggauss(8)
    grid = np.linspace(low, high, CELLS + 1)

    def integral(start: np.ndarray, end: np.ndarray) -> np.ndarray:
        half = (end - start) / 2
        at = (start + end)[:, None] / 2 + half[:, None] * nodes
        return (np.exp(density.log(at) - top) * weights).sum(-1) * half

    cells = integral(grid[:-1], grid[1:])
    below = math.exp(density.log(low) - top) / density.slope(low)
    above = math.exp(density.log(high) - top) / -density.slope(high)
    from_below = np.cumsum([below, *cells])
    from_above = np.cumsum([above, *cells[::-1]])[::-1]
    total = from_below[-1] + above
    found = []
    for mass, sign, edge, slope in (
        (from_below, 1, low, density.slope(low)),
        (from_above, -1, high, -density.slope(high)),
    ):
        goal = probabilities * total
        order = slice(None, None, sign)
        t = np.interp(np.log(goal), np.log(mass)[order], grid[order])
        for _ in range(3):  # Newton's method, from a start whose error is the square of a cell
            cell = np.clip(np.searchsorted(grid, t, side="right") - 1, 0, CELLS - 1)
            has = mass[cell] + sign * integral(grid[cell], t)
            t = np.clip(t - sign * (has - goal) * np.exp(top - density.log(t)), low, high)
        is_tail = goal < mass[0 if sign > 0 else -1]
        in_tail = edge + sign * (np.log(goal) - math.log(mass[0 if sign > 0 else -1])) / slope
        found.append(np.where(is_tail, in_tail, t))
    return found[0], found[1]


def _table(density: _Density, log_value: Callable[[np.ndarray], np.ndarray]) -> Table:
    """Return the table of a distribution, whose values are `exp(log_value(t))`."""
    octaves = itertools.product(range(32), range(SEGMENTS))
    starts = [(1 + segment / SEGMENTS) * 2.0 ** (exponent - 33) for exponent, segment in octaves]
    parts = []
    for points in _points(density, np.array([*starts, 0.5])):
        logs = log_value(points) / math.log(2)
        first, last = logs[:-1], logs[1:]
        exponent = np.floor(np.maximum(first, last)).astype(np.int64)
        ends = [np.rint(np.exp2(log - exponent + MANTISSA_BITS)).astype(np.int64) for log in (first, last)]
        start = np.maximum(ends[0], 1)  # none is zero, so that a sum of values is not
        parts.append((start, np.abs(np.maximum(ends[1], 1) - start), exponent, np.minimum(first, last)))
    start, length, exponent, least = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    return Table(start.astype(np.uint32), length.astype(np.uint32), exponent, least)


def joined(tables: list[Table]) -> Table:
    """Return one table of many, each after the one before it."""
    return Table(*(np.concatenate(columns) for columns in zip(*tables, strict=True)))


def lookup(table: Table, words: Any, position: Any, offset: Any = 0) -> tuple[Any, Any]:
    """Return the mantissa of the quantile at `(position + 1/2) / 2**32`, and the index of its segment.

    `offset` is the index at which a table within `joined` ones begins.
    """
    upper = position > (MASK >> 1)
    tail = words.where(upper, words.wrap(~position), position)
    index, fraction = words.octave((tail << 1) | 1)
    index = words.where(upper, index + HALF, index) + offset
    length, start = words.take(table.length, index), words.take(table.start, index)
    # length * fraction >> 13, from products of 32 bits
    shift = 16 - FRACTION_BITS
    way = (((length >> 16) * fraction) << shift) + (
        ((length & 0xFFFF) * fraction + (1 << (FRACTION_BITS - 1))) >> FRACTION_BITS
    )
    return words.signed(words.where(upper, start - way, start + way)), index


@functools.lru_cache(maxsize=64)
def gamma_table(alpha: float) -> Table:
    """Return the table of the gamma distribution with shape `alpha` and scale one."""
    # Relative to the mean: the logarithm of a large shape's density would be a small difference of large numbers.
    density = _Density(lambda t: alpha * (t - np.expm1(t)), lambda t: -alpha * math.expm1(t), 0.0, -REACH, math.inf)
    return _table(density, lambda t: t + math.log(alpha))


@functools.lru_cache(maxsize=64)
def beta_table(a: float, b: float) -> Table:
    """Return the table of the beta distribution."""

    def log_sigmoid(t: Any) -> Any:
        return -np.logaddexp(0.0, -t)

    density = _Density(
        lambda t: a * log_sigmoid(t) + b * log_sigmoid(-t),
        lambda t: a / (1 + math.exp(t)) - b / (1 + math.exp(-t)),
        math.log(a / b),
        -REACH,
        REACH,
    )
    return _table(density, log_sigmoid)


def powers(table: Table, dtype: str) -> np.ndarray:
    """Return `2**exponent` for each segment, or zero where a value of it would not be a normal number of `dtype`.

    What libraries make of numbers below these differs.
    """
    least = -1022 if dtype == "float64" else -126
    return np.where(table.least >= least, np.exp2(np.maximum(table.exponent, least).astype(np.float64)), 0.0)
