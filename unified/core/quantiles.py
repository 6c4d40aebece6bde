"""The quantile of the normal distribution in integers: for each octave of the tail probability, linear segments.

`normal_quantile` is the definition, on the arrays of any library (`words` is a `distributions.Words`). `NumpyQuantile`
returns the same integers from NumPy arrays with half the operations: 63 of 64 values follow from their leading bits
without a search for the leading one.
"""

import functools
from typing import Any

import numpy as np

__all__ = ["FRACTION_BITS", "MASK", "SEGMENTS", "UNIT_BITS", "NumpyQuantile", "normal_quantile", "standard_normal"]

MASK = 0xFFFFFFFF
SEGMENTS = 256  # linear segments for each halving of the tail probability
FRACTION_BITS = 13  # bits of the position within a segment
UNIT_BITS = 26  # results are in units of 2**-26

BIN_BITS = 14  # leading bits of the tail that choose a bin of `NumpyQuantile`
# Bins below this one are wider than a segment.
FIRST_BIN = SEGMENTS
SHIFT_BITS = 5  # of a bin's entry, beside the drop


def standard_normal() -> Any:
    """Return the standard normal distribution of the standard library."""
    from statistics import NormalDist  # its import takes a tenth of the time of that of NumPy

    return NormalDist()


@functools.cache
def quantile_table() -> tuple[np.ndarray, np.ndarray]:
    """Return the normal quantile at the start of each segment of tail probability, and its drop to the end."""
    inverse = standard_normal().inv_cdf
    probabilities = [
        (1 + segment / SEGMENTS) * 2.0 ** (exponent - 33) for exponent in range(32) for segment in range(SEGMENTS)
    ]
    values = [round(-inverse(p) * 2**UNIT_BITS) for p in probabilities]
    start = np.array(values, dtype=np.uint32)
    end = np.array([*values[1:], 0], dtype=np.uint32)
    return start, start - end


def normal_quantile(words: Any, position: Any) -> Any:
    """Return the standard normal quantile at `(position + 1/2) / 2**32`, in units of 2**-26."""
    start, drop = quantile_table()
    upper = position > (MASK >> 1)
    tail = words.where(upper, words.wrap(~position), position)
    index, fraction = words.octave((tail << 1) | 1)
    fall = (words.take(drop, index) * fraction + (1 << (FRACTION_BITS - 1))) >> FRACTION_BITS
    magnitude = words.signed(words.wrap(words.take(start, index) - fall))
    return words.where(upper, magnitude, -magnitude)


@functools.cache
def _bins() -> tuple[np.ndarray, np.ndarray]:
    """Return for each bin of the tail the start of its segment; and the drop with the shift to the fraction's bits."""
    start, drop = quantile_table()
    words = (np.arange(1 << BIN_BITS, dtype=np.int64) << (32 - BIN_BITS)) | 1
    octave = np.frexp(words)[1] - 1
    segment = octave * SEGMENTS + ((words >> np.maximum(octave - 8, 0)) & (SEGMENTS - 1))
    shift = np.maximum(octave - 8 - FRACTION_BITS - 1, 0).astype(np.uint32)  # of the tail, without the added bit
    return start[segment], drop[segment] << np.uint32(SHIFT_BITS) | shift


class NumpyQuantile:
    """`normal_quantile` of up to `size` words at a time, in arrays that are kept; one thread uses them at a time."""

    def __init__(self, size: int) -> None:
        self.index = np.empty(size, np.intp)
        self.sign = np.empty(size, np.int32)
        self.tail, self.values, self.entries, self.operand = (np.empty(size, np.uint32) for _ in range(4))

    def __call__(self, words: Any, position: np.ndarray) -> np.ndarray:
        """Return the quantiles as `int32`, in an array that the next call overwrites."""
        size = position.size
        index, tail, values = self.index[:size], self.tail[:size], self.values[:size]
        entries, operand, sign = self.entries[:size], self.operand[:size], self.sign[:size]
        starts, drops = _bins()
        np.right_shift(position.view(np.int32), 31, out=sign)  # -1 in the upper half
        np.bitwise_xor(position, sign.view(np.uint32), out=tail)
        np.right_shift(tail, 31 - BIN_BITS, out=values)
        np.copyto(index, values, casting="unsafe")
        # No index is out of bounds: this mode writes to `out` without a copy.
        np.take(drops, index, out=entries, mode="clip")
        np.bitwise_and(entries, (1 << SHIFT_BITS) - 1, out=operand)
        np.right_shift(tail, operand, out=values)
        np.bitwise_and(values, (1 << FRACTION_BITS) - 1, out=values)
        np.right_shift(entries, SHIFT_BITS, out=entries)
        np.multiply(values, entries, out=values)
        np.add(values, 1 << (FRACTION_BITS - 1), out=values)
        np.right_shift(values, FRACTION_BITS, out=values)
        np.take(starts, index, out=operand, mode="clip")
        quantile = values.view(np.int32)
        np.subtract(quantile, operand.view(np.int32), out=quantile)
        np.bitwise_xor(quantile, sign, out=quantile)  # these two negate the upper half
        np.subtract(quantile, sign, out=quantile)
        rare = np.flatnonzero(index < FIRST_BIN)
        if rare.size:
            quantile[rare] = normal_quantile(words, position[rare])
        return quantile
