"""Distributions with logarithmic tails, by their quantiles in integers: octaves of the tail, and linear segments.

`unified.core.quantiles` does so for the normal distribution. Here each half has a table of its own, with 256 segments
for each halving of the tail probability; results are in units of 2**-24, which is a power of two, so that a sum of a
logit and a value is rounded once, also where a compiler fuses the multiplication into the sum.
"""

import functools
import itertools
import math
from collections.abc import Callable
from typing import Any

import numpy as np

from unified.core.quantiles import FRACTION_BITS, MASK, SEGMENTS

__all__ = ["SCALE", "quantile"]

UNIT_BITS = 24
SCALE = 2.0**-UNIT_BITS
OFFSET = 24 << UNIT_BITS  # makes all values positive: none is below -23
HALF = 32 * SEGMENTS

# The quantile at p and at 1 - p, for p up to 1/2.
QUANTILES: dict[str, tuple[Callable[[float], float], Callable[[float], float]]] = {
    "exponential": (lambda p: -math.log1p(-p), lambda p: -math.log(p)),
    "gumbel": (lambda p: -math.log(-math.log(p)), lambda p: -math.log(-math.log1p(-p))),
    "laplace": (lambda p: math.log(2 * p), lambda p: -math.log(2 * p)),
}


@functools.cache
def _table(name: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the quantile at the start of each segment, those of the upper half last, and the length of each."""
    probabilities = [
        (1 + segment / SEGMENTS) * 2.0 ** (exponent - 33) for exponent in range(32) for segment in range(SEGMENTS)
    ]
    starts, lengths = [], []
    for of_tail in QUANTILES[name]:
        values = [round(of_tail(p) * 2**UNIT_BITS) + OFFSET for p in (*probabilities, 0.5)]
        starts += values[:-1]
        lengths += [abs(end - start) for start, end in itertools.pairwise(values)]
    return np.array(starts, np.uint32), np.array(lengths, np.uint32)


def quantile(name: str, words: Any, position: Any) -> Any:
    """Return the quantile at `(position + 1/2) / 2**32`, in units of 2**-24."""
    start, length = _table(name)
    upper = position > (MASK >> 1)
    tail = words.where(upper, words.wrap(~position), position)
    index, fraction = words.octave((tail << 1) | 1)
    index = words.where(upper, index + HALF, index)
    way = (words.take(length, index) * fraction + (1 << (FRACTION_BITS - 1))) >> FRACTION_BITS
    base = words.take(start, index)
    return words.signed(words.where(upper, base - way, base + way)) - OFFSET
