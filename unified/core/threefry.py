"""Threefry-2x32, the counter-based generator of `jax.random`, on any integers that wrap or can be masked.

A key is a pair of 32-bit words. `fold_in` derives a key from a key and a number, `fold_path` from a key and a
variable's path; `random_bits` generates a stream of words from a key. The bits are equal to those of `jax.random`.

Source: Salmon, Moraes, Dror, Shaw: "Parallel random numbers: as easy as 1, 2, 3" (SC 2011).
"""

from collections.abc import Callable
from typing import Any

import numpy as np

__all__ = [
    "CHUNK",
    "PARITY",
    "ROTATIONS",
    "STREAM_CALLS",
    "STREAM_PARAMS",
    "STREAM_STEPS",
    "Key",
    "Scratch",
    "bits_at",
    "bits_chunk",
    "call_key",
    "draw_key",
    "fold_in",
    "fold_path",
    "fold_paths",
    "path_words",
    "random_bits",
    "random_bits_into",
    "seed_key",
    "step_key",
    "stream_path",
    "threefry2x32",
]

Key = tuple[Any, Any]

MASK = 0xFFFFFFFF
PARITY = 0x1BD11BDA
ROTATIONS = ((13, 15, 26, 6), (17, 29, 16, 24))
# Each rotation as a shift to the left and one to the right.
SHIFTS = tuple(tuple((np.uint32(left), np.uint32(32 - left)) for left in group) for group in ROTATIONS)

# Words per chunk: few enough for the cache, enough to outweigh the overhead of each NumPy call.
CHUNK = 1 << 16


def threefry2x32(key: Key, counter: Key) -> Key:
    """Encrypt the two words of `counter` with `key`, and return the two resulting words.

    The words may be Python integers, or arrays of any library with unsigned 32-bit integers, or with integers of more
    than 32 bits.

    >>> [hex(word) for word in threefry2x32((0, 0), (0, 0))]
    ['0x6b200159', '0x99ba4efe']
    """
    k0, k1 = key
    schedule = (k0, k1, k0 ^ k1 ^ PARITY)
    x0 = (counter[0] + k0) & MASK
    x1 = (counter[1] + k1) & MASK
    for group in range(5):
        for rotation in ROTATIONS[group % 2]:
            x0 = (x0 + x1) & MASK
            x1 = ((x1 << rotation) | (x1 >> (32 - rotation))) & MASK
            x1 = x1 ^ x0
        x0 = (x0 + schedule[(group + 1) % 3]) & MASK
        x1 = (x1 + schedule[(group + 2) % 3] + (group + 1)) & MASK
    return x0, x1


def seed_key(seed: int) -> Key:
    """Return the key of an integer seed, as `jax.random.key` does.

    >>> seed_key(42)
    (0, 42)
    """
    return (seed >> 32) & MASK, seed & MASK


def fold_in(key: Key, data: int) -> Key:
    """Return a new key from `key` and a 32-bit number, as `jax.random.fold_in` does."""
    return threefry2x32(key, (0, data & MASK))


def path_words(path: str) -> tuple[int, int]:
    """Return the two words of `path`: the first eight bytes of the SHA-256 of its UTF-8 encoding, big-endian."""
    first, second = _words_of([path]).tolist()[0]
    return first, second


def _words_of(paths: list[str]) -> np.ndarray:
    """Return the words of all paths, one row per path."""
    from hashlib import sha256  # loads OpenSSL, which would slow the first import of unified

    digests = b"".join([sha256(path.encode()).digest()[:8] for path in paths])
    return np.frombuffer(digests, dtype=">u4").reshape(-1, 2)


def fold_path(key: Key, path: str) -> Key:
    """Return a new key from `key` and the path of a variable."""
    return threefry2x32(key, path_words(path))


FEW = 4  # keys that integers of Python fold faster than NumPy, whose operations take a microsecond each


def fold_paths(key: Key, paths: list[str]) -> list[tuple[int, int]]:
    """Return `fold_path(key, path)` for all `paths`, computed in one pass."""
    if len(paths) <= FEW:
        return [threefry2x32(key, path_words(path)) for path in paths]
    x0, x1 = _words_of(paths).T.astype(np.uint32, order="C")
    k0, k1 = (np.full(1, word, dtype=np.uint32) for word in key)
    _encrypt(k0, k1, x0, x1, np.empty_like(x1))
    return list(zip(x0.tolist(), x1.tolist(), strict=True))


def _schedule(k0: Any, k1: Any) -> list[tuple[Any, Any]]:
    """Return what is added to the two words after each four rounds, from a key of integers or of `uint32` arrays."""
    keys = (k0, k1, k0 ^ k1 ^ PARITY)
    pairs = [(keys[(group + 1) % 3], keys[(group + 2) % 3] + (group + 1)) for group in range(5)]
    if isinstance(k0, int):  # NumPy adds a scalar of its own type faster than a Python integer
        return [(np.uint32(first), np.uint32(second & MASK)) for first, second in pairs]
    return pairs


def _mix(schedule: list[tuple[Any, Any]], x0: np.ndarray, x1: np.ndarray, buffer: np.ndarray) -> None:
    """Overwrite `x0 + x1` and `x1`, with the key added to both, by the encrypted words."""
    for group, (first, second) in enumerate(schedule):
        for position, (left, right) in enumerate(SHIFTS[group % 2]):
            if group or position:
                np.add(x0, x1, x0)
            np.left_shift(x1, left, buffer)
            np.right_shift(x1, right, x1)
            np.bitwise_or(x1, buffer, x1)
            np.bitwise_xor(x1, x0, x1)
        np.add(x0, first, x0)
        np.add(x1, second, x1)


def _encrypt(k0: np.ndarray, k1: np.ndarray, x0: np.ndarray, x1: np.ndarray, buffer: np.ndarray) -> None:
    """Overwrite `x0` and `x1` with `threefry2x32` of them, without a new array for each operation."""
    x0 += k0
    x1 += k1
    x0 += x1
    _mix(_schedule(k0, k1), x0, x1, buffer)


class Scratch:
    """The arrays in which up to `size` words of a stream are computed; one thread uses them at a time."""

    __slots__ = ("buffer", "positions", "x0", "x1")

    def __init__(self, size: int) -> None:
        self.positions = np.arange(size, dtype=np.uint32)
        self.x0, self.x1, self.buffer = (np.empty(size, dtype=np.uint32) for _ in range(3))


def bits_chunk(key: Key, start: int, count: int, scratch: Scratch | None = None) -> np.ndarray:
    """Return the words `start` to `start + count` of the stream of `key`.

    They are in `scratch`, which the next call with it overwrites.
    """
    scratch = scratch or Scratch(count)
    positions, x0, x1, buffer = (getattr(scratch, name)[:count] for name in ("positions", "x0", "x1", "buffer"))
    high, low = start >> 32, start & MASK
    k0, k1 = int(key[0]), int(key[1])
    np.add(positions, np.uint32((low + k1) & MASK), x1)
    np.add(x1, np.uint32((high + k0) & MASK), x0)
    if low + count > 1 << 32:  # the high word of the counter goes up by one
        x0[(1 << 32) - low :] += np.uint32(1)
    _mix(_schedule(k0, k1), x0, x1, buffer)
    return np.bitwise_xor(x0, x1, x0)


def bits_at(key: Key, positions: np.ndarray) -> np.ndarray:
    """Return the words of the stream of `key` at these positions, an array of `uint64` of one dimension."""
    k0, k1 = int(key[0]), int(key[1])
    x0, x1 = (positions >> np.uint64(32)).astype(np.uint32), positions.astype(np.uint32)
    x0 += np.uint32(k0)
    x1 += np.uint32(k1)
    x0 += x1
    _mix(_schedule(k0, k1), x0, x1, np.empty_like(x0))
    return np.bitwise_xor(x0, x1, x0)


def random_bits(keys: list[Key], counts: list[int]) -> np.ndarray:
    """Return the first `counts[i]` words of the stream of `keys[i]` for each `i`, concatenated.

    This is fast for many short streams, which are encrypted together.
    """
    ends = np.cumsum(counts, dtype=np.int64)
    x1 = (np.arange(ends[-1]) - np.repeat(ends - counts, counts)).astype(np.uint32)
    x0 = np.zeros_like(x1)
    k0, k1 = (np.repeat(np.array(words, dtype=np.uint32), counts) for words in zip(*keys, strict=True))
    for start in range(0, x1.size, CHUNK):
        part = slice(start, start + CHUNK)
        _encrypt(k0[part], k1[part], x0[part], x1[part], np.empty_like(x1[part]))
    return np.bitwise_xor(x0, x1, x0)


def random_bits_into(key: Key, count: int, consume: Callable[[slice, np.ndarray], None]) -> None:
    """Pass the first `count` words of the stream of `key` to `consume(where, words)`, in chunks.

    The next chunk overwrites `words`. This is fast for one long stream.
    """
    scratch = Scratch(min(count, CHUNK))
    for start in range(0, count, CHUNK):
        size = min(CHUNK, count - start)
        consume(slice(start, start + size), bits_chunk(key, start, size, scratch))


# The first number that is folded into the root key, so that streams are independent.
STREAM_PARAMS = 0
STREAM_CALLS = 1
# The number that is folded into the key of a call or step, before the number of an inner step.
STREAM_STEPS = 2


def stream_path(stream: str) -> str:
    """Return the path that is folded into the key of a named stream, so that it is none of another with this key."""
    return f"rng/{stream}"


def call_key(root: Key, counter: Any, stream: str = "") -> Key:
    """Return the key of all draws of a stream in the call with number `counter`."""
    root = fold_path(root, stream_path(stream)) if stream else root
    return threefry2x32(fold_in(root, STREAM_CALLS), (0, counter))


def step_key(call: Key, step: Any) -> Key:
    """Return the key of all draws in the step with number `step` of a call, or of another step."""
    return threefry2x32(fold_in(call, STREAM_STEPS), (0, step))


def draw_key(call: Key, path: str, index: int) -> Key:
    """Return the key of the `index`-th draw at `path` in a call."""
    return fold_in(fold_path(call, path), index)
