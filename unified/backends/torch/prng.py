"""Random words on torch: the `Words` of `unified.core.distributions` on `int64` tensors.

Words are `int64` because torch's `uint32` has no arithmetic; every operation of the core masks what exceeds 32 bits.
"""

import math
from typing import Any

import numpy as np
import torch

from unified.core import threefry
from unified.core.distributions import FRACTION_BITS, SEGMENTS, Distribution
from unified.core.dtypes import dtype_name

__all__ = ["TorchWords", "sample", "to_torch_dtype"]


def to_torch_dtype(dtype: Any) -> torch.dtype:
    """Return the torch dtype of a name, such as `"float32"`, or of any framework's dtype."""
    if isinstance(dtype, torch.dtype):
        return dtype
    found = getattr(torch, dtype_name(dtype), None)
    if not isinstance(found, torch.dtype):
        raise TypeError(f"{dtype!r} is no dtype that torch has: pass a name such as 'float32', or a dtype")
    return found


class TorchWords:
    """`Words` on `int64` tensors."""

    def word(self, number: int) -> int:
        return number

    def wrap(self, words: torch.Tensor) -> torch.Tensor:
        return words & threefry.MASK

    def signed(self, words: torch.Tensor) -> torch.Tensor:
        return words

    def floating(self, integers: torch.Tensor, scale: float, dtype: str) -> torch.Tensor:
        wide = torch.float64 if dtype == "float64" else torch.float32
        return (integers.to(wide) * torch.tensor(scale, dtype=wide, device=integers.device)).to(to_torch_dtype(dtype))

    def octave(self, words: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        # A double represents a word exactly: both results are bits of its exponent and mantissa.
        pattern = words.to(torch.float64).view(torch.int64)
        return (pattern >> 44) - 1023 * SEGMENTS, (pattern >> 31) & ((1 << FRACTION_BITS) - 1)

    def take(self, table: np.ndarray, index: torch.Tensor) -> torch.Tensor:
        return torch.as_tensor(table.astype(np.int64), device=index.device)[index]

    def where(self, condition: Any, x: Any, y: Any) -> torch.Tensor:
        return torch.where(condition, x, y)

    def clip(self, integers: Any, low: int, high: int) -> torch.Tensor:
        return torch.clamp(integers, low, high)


WORDS = TorchWords()


def random_bits(key: threefry.Key, count: int, device: torch.device) -> torch.Tensor:
    """Return the first `count` words of the stream of `key`."""
    positions = torch.arange(count, dtype=torch.int64, device=device)
    x0, x1 = threefry.threefry2x32(key, (positions >> 32, positions & threefry.MASK))
    return x0 ^ x1


def sample(
    key: threefry.Key, distribution: Distribution, shape: tuple[int, ...], dtype: str, device: torch.device
) -> torch.Tensor:
    """Return values of `distribution`, the same as on every backend."""
    bits = random_bits(key, math.prod(shape), device)
    values = distribution(WORDS, bits, dtype).reshape(shape)
    return values.to(to_torch_dtype(dtype))
