"""The bits of JAX before version 0.5, which the option `jax_threefry_partitionable=False` brings back.

A stream of `n` words is the encryption of the numbers below `n`, one half of them as first words and the other half
as second words, and therefore depends on `n`.
"""

import torch

from unified.compat.jax import config
from unified.core import threefry

__all__ = ["bits", "is_partitionable", "words"]


def _read() -> bool:
    return bool(config.read("jax_threefry_partitionable"))


is_partitionable = torch.compiler.assume_constant_result(_read)  # torch.compile cannot trace the lookup in JAX


def words(key: threefry.Key, count: int, device: torch.device) -> torch.Tensor:
    """Return `count` words of a key along the last axis; the words of several keys end in an axis of size 1."""
    half = (count + 1) // 2
    first = torch.arange(half, dtype=torch.int64, device=device)
    second = torch.arange(half, 2 * half, dtype=torch.int64, device=device)
    second = torch.where(second < count, second, 0)  # an odd number is filled up
    return torch.cat(threefry.threefry2x32(key, (first, second)), -1)[..., :count]


def bits(key: threefry.Key, width: int, count: int, device: torch.device) -> torch.Tensor:
    """Return `count` random words of `width` bits as `int64`; for 64 bits, their bit pattern."""
    if width == 64:
        high, low = words(key, 2 * count, device).chunk(2) if count else (torch.zeros(0, dtype=torch.int64),) * 2
        return (high << 32) | low
    each = 32 // width
    wide = words(key, -(-count // each), device)
    shifts = torch.arange(0, 32, width, dtype=torch.int64, device=device)
    return ((wide[:, None] >> shifts) & ((1 << width) - 1)).reshape(-1)[:count]
