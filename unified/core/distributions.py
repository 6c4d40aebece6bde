"""Distributions: values from random words, without any rounding that could differ between libraries.

All steps but the last are integer arithmetic in 32 bits; then follow one conversion to a float, exact or correctly
rounded, and one multiplication. There is no `a * b + c` that a compiler could fuse, and no `log`, `sqrt` or `erfinv`,
which differ between libraries. The same code runs on NumPy, torch and JAX arrays through `Words`.
"""

import functools
import math
import operator
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

import numpy as np

from unified.core.quantiles import (
    FRACTION_BITS,
    MASK,
    SEGMENTS,
    UNIT_BITS,
    NumpyQuantile,
    normal_quantile,
    standard_normal,
)
from unified.core.tabulated import SCALE, quantile

__all__ = [
    "Bernoulli",
    "Distribution",
    "Exponential",
    "Gumbel",
    "Laplace",
    "Normal",
    "NumpyWords",
    "Randint",
    "TruncatedNormal",
    "Uniform",
    "Words",
    "computed_in",
    "largest",
    "largest_below",
]

LARGEST = 2**31 - 1


class Words(Protocol):
    """The operations of a library that convert words (unsigned 32-bit integers) to values.

    An array of words may have more than 32 bits; `wrap` reduces results that could exceed 32 bits.
    """

    def word(self, number: int) -> Any:
        """Return a constant below 2**32 as a word."""

    def wrap(self, words: Any) -> Any:
        """Return the low 32 bits of each word."""

    def signed(self, words: Any) -> Any:
        """Return the same numbers, all below 2**31, as signed integers."""

    def floating(self, integers: Any, scale: float, dtype: str) -> Any:
        """Return `integers * scale` in `dtype`, multiplied in float32, or in float64 if `dtype` is float64."""

    def octave(self, words: Any) -> tuple[Any, Any]:
        """Return 256 times the index of the leading bit plus the next 8 bits of each non-zero word, and the next 13."""

    def take(self, table: np.ndarray, index: Any) -> Any:
        """Return `table[index]`, as words."""

    def take_floats(self, table: np.ndarray, index: Any, dtype: str) -> Any:
        """Return `table[index]`, as floats of `dtype`, `float32` or `float64`."""

    def take_numbers(self, table: np.ndarray, index: Any) -> Any:
        """Return `table[index]`, as signed integers."""

    def numbers(self, array: np.ndarray, like: Any) -> Any:
        """Return an array of signed integers beside the words `like`."""

    def largest(self, integers: Any) -> Any:
        """Return the largest integer along the last axis, which keeps it."""

    def count_below(self, sorted_words: np.ndarray, words: Any) -> Any:
        """Return how many of the sorted words are not above each of `words`, as words."""

    def where(self, condition: Any, x: Any, y: Any) -> Any:
        """Return `x` where the condition is true, `y` elsewhere."""

    def clip(self, integers: Any, low: int, high: int) -> Any:
        """Return the integers, limited to `low` to `high`."""

    def normal_quantile(self, position: Any) -> Any:
        """Return `quantiles.normal_quantile`."""
        return normal_quantile(self, position)


class Distribution(Protocol):
    """A distribution, with numbers for parameters; a frozen dataclass."""

    __dataclass_fields__: ClassVar[dict[str, Any]]

    def __hash__(self) -> int:
        """Return a hash of the parameters."""

    def __call__(self, words: Words, bits: Any, dtype: str) -> Any:
        """Return a value in `dtype`, or one that can be converted to it, for each of the words `bits`."""


class NumpyWords(Words):
    """`Words` on NumPy's `uint32` arrays.

    With `size`, up to so many values are computed in arrays that are kept, for one thread: the next call overwrites its
    result.
    """

    def __init__(self, size: int = 0) -> None:
        self.size = size

    def word(self, number: int) -> Any:
        return np.uint32(number)

    def wrap(self, words: np.ndarray) -> np.ndarray:
        return words

    def signed(self, words: np.ndarray) -> np.ndarray:
        return words.view(np.int32)

    def floating(self, integers: np.ndarray, scale: float, dtype: str) -> np.ndarray:
        wide = np.float64 if dtype == "float64" else np.float32
        if wide is np.float32 and integers.size <= self.size:
            values = self._values[: integers.size].reshape(integers.shape)
            np.copyto(values, integers, casting="unsafe")
        else:
            values = integers.astype(wide)
        return np.multiply(values, wide(scale), out=values)

    def octave(self, words: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        # A double represents a word exactly, and its exponent and mantissa are the results.
        pattern = words.astype(np.float64).view(np.int64)
        index = (pattern >> 44) - 1023 * SEGMENTS
        return index, ((pattern >> 31) & ((1 << FRACTION_BITS) - 1)).astype(np.uint32)

    def take(self, table: np.ndarray, index: np.ndarray) -> np.ndarray:
        return table[index]

    def take_floats(self, table: np.ndarray, index: np.ndarray, dtype: str) -> np.ndarray:
        return table.astype(dtype)[index]

    def take_numbers(self, table: np.ndarray, index: np.ndarray) -> np.ndarray:
        return table[index]

    def numbers(self, array: np.ndarray, like: Any) -> np.ndarray:
        return array

    def largest(self, integers: np.ndarray) -> Any:
        return integers.max(-1, keepdims=True)

    def count_below(self, sorted_words: np.ndarray, words: np.ndarray) -> np.ndarray:
        return np.searchsorted(sorted_words, words, side="right").astype(np.uint32)

    def where(self, condition: Any, x: Any, y: Any) -> Any:
        return np.where(condition, x, y)

    def clip(self, integers: Any, low: int, high: int) -> Any:
        return np.clip(integers, low, high)

    @functools.cached_property
    def _values(self) -> np.ndarray:
        return np.empty(self.size, np.float32)

    @functools.cached_property
    def _quantile(self) -> NumpyQuantile:
        return NumpyQuantile(self.size)

    def normal_quantile(self, position: np.ndarray) -> np.ndarray:
        quantile = self._quantile if position.size <= self.size else NumpyQuantile(position.size)
        return quantile(self, position.reshape(-1)).reshape(position.shape)


def _multiply_high(bits: Any, factor: int) -> Any:
    """Return `bits * factor >> 32`, computed from products that fit into 32 bits."""
    low, high = factor & 0xFFFF, factor >> 16
    bits_low, bits_high = bits & 0xFFFF, bits >> 16
    middle = bits_high * low + ((bits_low * low) >> 16)
    cross = bits_low * high + (middle & 0xFFFF)
    return bits_high * high + (middle >> 16) + (cross >> 16)


def _drop_to_fit(largest: float, unit_bits: int) -> int:
    """Return how many low bits to drop so that integers up to `largest`, in units of `2**-unit_bits`, have 30 bits."""
    return max(0, math.frexp(largest)[1] + unit_bits - 30)


def _drop_bits(integers: Any, drop: int) -> Any:
    """Return `integers` without their low `drop` bits, rounded to nearest: truncation would shift the mean."""
    if drop == 0:
        return integers
    return (integers + (1 << (drop - 1))) >> drop if drop <= 30 else integers * 0


@functools.lru_cache(maxsize=4096)
def _integer_range(scale: float, low: float, high: float) -> tuple[int, int]:
    """Return the range of integers whose rounded product with `scale` is in `low` to `high` in float32 and float64."""
    limits = []
    for bound, inwards, outside in ((low, 1, operator.lt), (high, -1, operator.gt)):
        integer = round(min(max(bound / scale, -LARGEST), LARGEST))
        while abs(integer) < LARGEST and any(
            outside(wide(integer) * wide(scale), wide(bound)) for wide in (np.float32, np.float64)
        ):
            integer += inwards
        limits.append(integer)
    return limits[0], max(limits)


def computed_in(dtype: str) -> str:
    """Return the dtype in which values of a dtype are computed, and in which first values of it are drawn."""
    return "float64" if dtype == "float64" else "float32"


# The bits of the mantissa of floating-point dtypes, the least exponent of a normal number, and the largest number.
FLOATS = {
    "float8_e4m3fn": (4, -6, 448.0),
    "float8_e5m2": (3, -14, 57344.0),
    "bfloat16": (8, -126, (2 - 2.0**-7) * 2.0**127),
    "float16": (11, -14, 65504.0),
    "float32": (24, -126, (2 - 2.0**-23) * 2.0**127),
    "float64": (53, -1022, math.inf),
}


def largest(dtype: str) -> float:
    """Return the largest number of a dtype of integers or floating-point numbers, by name.

    >>> largest("int8"), largest("uint8"), largest("float16")
    (127, 255, 65504.0)
    """
    if not dtype.startswith(("int", "uint")):
        return FLOATS.get(dtype, FLOATS["float32"])[2]
    return int(2 ** (int(dtype.lstrip("uint")) - (not dtype.startswith("u"))) - 1)


def rounded(value: float, dtype: str) -> float:
    """Return the number of a floating-point dtype, by name, that is nearest to a finite value.

    >>> rounded(0.1, "bfloat16"), rounded(2.0**-30, "float16")
    (0.10009765625, 0.0)
    """
    digits, least, _ = FLOATS.get(dtype, FLOATS["float32"])
    unit = math.ldexp(1.0, max(math.frexp(value)[1], least + 1) - digits)
    return round(value / unit) * unit if unit else value


@functools.lru_cache(maxsize=4096)
def largest_below(low: float, high: float, dtype: str) -> float:
    """Return the largest number of a dtype below `high`, as the dtype rounds it, or `low` if that is larger.

    Raises `ValueError` for bounds beyond the dtype.

    >>> largest_below(0.0, 1.0, "bfloat16"), largest_below(100.0, 100.01, "float16")
    (0.99609375, 100.0)
    """
    digits, least, last = FLOATS.get(dtype, FLOATS["float32"])
    if max(abs(low), abs(high)) > last:
        raise ValueError(f"uniform values are numbers of {dtype}, which end at {last}, got low={low}, high={high}")
    first, bound = rounded(low, dtype), rounded(high, dtype)
    fraction, exponent = math.frexp(bound) if bound else (0.0, least)
    exponent -= fraction == 0.5  # numbers below a power of two lie closer
    return max(first, bound - math.ldexp(1.0, max(exponent, least + 1) - digits))


@functools.lru_cache(maxsize=4096)
def _last_integer(scale: float, low: float, high: float, dtype: str) -> int:
    """Return the largest integer whose product with `scale` is at most `largest_below(low, high, dtype)`."""
    limit, wide = largest_below(low, high, dtype), np.dtype(computed_in(dtype)).type
    start, end = -LARGEST, LARGEST
    while start < end:  # the products grow with the integers
        middle = (start + end + 1) // 2
        is_within = rounded(float(wide(middle) * wide(scale)), dtype) <= limit
        start, end = (middle, end) if is_within else (start, middle - 1)
    return start


@dataclass(frozen=True)
class Uniform:
    """The uniform distribution from `low` to `high`, in 2**24 steps, rounded to a dtype below `high`."""

    low: float = 0.0
    high: float = 1.0

    def __post_init__(self) -> None:
        if not -math.inf < self.low <= self.high < math.inf:
            raise ValueError(f"uniform values need finite bounds low <= high, got low={self.low}, high={self.high}")
        if not -math.inf < self.high - self.low < math.inf:  # dynamo knows no isfinite here
            raise ValueError(f"uniform values need bounds with a finite difference, got {self.low} and {self.high}")

    def __call__(self, words: Words, bits: Any, dtype: str) -> Any:
        steps = words.signed(bits >> 8)
        width = self.high - self.low
        largest_below(self.low, self.high, dtype)  # raises for bounds beyond the dtype
        if width == 0:
            return words.floating(steps * 0 + 1, self.low, dtype)
        if self.low == -self.high or self.low == 0:
            scale = self.high * 2.0**-24
            integers = steps if self.low == 0 else steps * 2 + (1 - 2**24)
            if FLOATS.get(dtype, FLOATS["float32"])[0] < 24:  # which rounds the last steps to `high`
                integers = words.clip(integers, -LARGEST, _last_integer(scale, self.low, self.high, dtype))
            return words.floating(integers, scale, dtype)
        drop = _drop_to_fit(abs(self.low / width) + 8, 24)
        scale = width * 2.0 ** (drop - 24)
        integers = _drop_bits(steps, drop) + round(self.low / scale)
        first, last = _integer_range(scale, self.low, self.high)
        last = max(first, _last_integer(scale, self.low, self.high, dtype))
        return words.floating(words.clip(integers, first, last), scale, dtype)


@dataclass(frozen=True)
class Normal:
    """The normal distribution, from 32 bits per value; values reach 6.3 standard deviations."""

    mean: float = 0.0
    std: float = 1.0

    def __post_init__(self) -> None:
        if not (-math.inf < self.mean < math.inf and 0 <= self.std < math.inf):  # dynamo knows no isfinite here
            raise ValueError(
                f"mean must be finite, and std finite and not negative, got mean={self.mean}, std={self.std}"
            )

    def __call__(self, words: Words, bits: Any, dtype: str) -> Any:
        if self.std == 0:
            return words.floating(words.signed(bits >> 8) * 0 + 1, self.mean, dtype)
        drop = _drop_to_fit(abs(self.mean / self.std) + 8, UNIT_BITS)
        scale = self.std * 2.0 ** (drop - UNIT_BITS)
        integers = _drop_bits(words.normal_quantile(bits), drop)
        offset = round(self.mean / scale)
        return words.floating(integers + offset if offset else integers, scale, dtype)


@dataclass(frozen=True)
class TruncatedNormal(Normal):
    """The normal distribution truncated to `low` to `high`, which must differ by more than 2**-26 times `std`."""

    low: float = -2.0
    high: float = 2.0

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.low <= self.high:
            raise ValueError(f"normal values are truncated to low <= x <= high, got low={self.low}, high={self.high}")

    def __call__(self, words: Words, bits: Any, dtype: str) -> Any:
        nearest = min(max(self.mean, self.low), self.high)
        if self.std == 0:
            return words.floating(words.signed(bits >> 8) * 0 + 1, nearest, dtype)
        standard = standard_normal()
        first = min(int(standard.cdf((self.low - self.mean) / self.std) * 2**32), MASK)
        count = min(int(standard.cdf((self.high - self.mean) / self.std) * 2**32), 1 << 32) - first
        position = bits
        if count < 1 << 32:
            position = words.wrap(_multiply_high(bits, max(count, 1)) + words.word(first))
        drop = _drop_to_fit(max(abs(self.mean / self.std) + 8, abs(nearest / self.std)), UNIT_BITS)
        scale = self.std * 2.0 ** (drop - UNIT_BITS)
        integers = _drop_bits(words.normal_quantile(position), drop) + round(self.mean / scale)
        return words.floating(words.clip(integers, *_integer_range(scale, self.low, self.high)), scale, dtype)


@dataclass(frozen=True)
class Bernoulli:
    """The Bernoulli distribution: true with probability `p`, to within 2**-32."""

    p: float = 0.5

    def __post_init__(self) -> None:
        if not 0 <= self.p <= 1:
            raise ValueError(f"a probability must be between 0 and 1, got {self.p}")

    def __call__(self, words: Words, bits: Any, dtype: str) -> Any:
        draw = words.signed(bits >> 1)
        return draw < min(round(self.p * 2**31), 2**31 - 1) if self.p < 1 else draw >= 0


@dataclass(frozen=True)
class Randint:
    """The uniform distribution of integers from `low` to `high`, without `high`."""

    low: int
    high: int

    def __post_init__(self) -> None:
        if not 0 < self.high - self.low <= 2**31 - 1 or not -(2**31) <= self.low <= self.high <= 2**31 - 1:
            raise ValueError(
                f"integers are drawn from low <= x < high, both signed 32-bit numbers less than 2**31 apart, "
                f"got low={self.low}, high={self.high}"
            )

    def __call__(self, words: Words, bits: Any, dtype: str) -> Any:
        return words.signed(_multiply_high(bits, self.high - self.low)) + self.low


@dataclass(frozen=True)
class Exponential:
    """The exponential distribution with mean 1, in steps of 2**-24."""

    def __call__(self, words: Words, bits: Any, dtype: str) -> Any:
        return words.floating(quantile("exponential", words, bits), SCALE, dtype)


@dataclass(frozen=True)
class Gumbel:
    """The standard Gumbel distribution, `-log(-log(uniform))`, in steps of 2**-24."""

    def __call__(self, words: Words, bits: Any, dtype: str) -> Any:
        return words.floating(quantile("gumbel", words, bits), SCALE, dtype)


@dataclass(frozen=True)
class Laplace:
    """The standard Laplace distribution, in steps of 2**-24."""

    def __call__(self, words: Words, bits: Any, dtype: str) -> Any:
        return words.floating(quantile("laplace", words, bits), SCALE, dtype)
