"""Threefry-2x32, the counter-based generator of `jax.random`, on any integers that wrap or can be masked.

A key is a pair of 32-bit words. `fold_in` makes a key from a key and a number, `fold_path` from a key and a
variable's path, `random_bits` a stream of words from a key. The bits equal `jax.random`'s.

Source: Salmon, Moraes, Dror, Shaw: "Parallel random numbers: as easy as 1, 2, 3" (SC 2011).
"""

from collections.abc import Callable
from typing import Any

import numpy as np

__all__ = [
    "CHUNK",
    "STREAM_CALLS",
    "STREAM_PARAMS",
    "STREAM_STEPS",
    "Key",
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
    "threefry2x32",
]

Key = tuple[Any, Any]

MASK = 0xFFFFFFFF
PARITY = 0x1BD11BDA
ROTATIONS = ((13, 15, 26, 6), (17, 29, 16, 24))

# Words that are worked on at a time: few enough for the cache, enough to outweigh the cost of each NumPy call.
CHUNK = 1 << 16


def threefry2x32(key: Key, counter: Key) -> Key:
    """Encrypts the two words of `counter` under `key`.

    The words may be Python integers, or arrays of any library whose integers have more than 32 bits or wrap
    at 32 without a sign.

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
    """The key of an integer seed, as `jax.random.key` makes it.

    >>> seed_key(42)
    (0, 42)
    """
    return (seed >> 32) & MASK, seed & MASK


def fold_in(key: Key, data: int) -> Key:
    """A new key from `key` and a 32-bit number, as `jax.random.fold_in` makes it."""
    return threefry2x32(key, (0, data & MASK))


def path_words(path: str) -> tuple[int, int]:
    """The two words that stand for `path`: the first eight bytes of the SHA-256 of its UTF-8 text, big end first."""
    first, second = _words_of([path]).tolist()[0]
    return first, second


def _words_of(paths: list[str]) -> np.ndarray:
    """The words of every path, a row each."""
    from hashlib import sha256  # loads OpenSSL, which a first import need not wait for

    digests = b"".join([sha256(path.encode()).digest()[:8] for path in paths])
    return np.frombuffer(digests, dtype=">u4").reshape(-1, 2)


def fold_path(key: Key, path: str) -> Key:
    """A new key from `key` and the path of a variable."""
    return threefry2x32(key, path_words(path))


def fold_paths(key: Key, paths: list[str]) -> list[tuple[int, int]]:
    """`fold_path` of every one of `paths`, worked out together."""
    if not paths:
        return []
    x0, x1 = _words_of(paths).T.astype(np.uint32, order="C")
    k0, k1 = (np.full(1, word, dtype=np.uint32) for word in key)
    _encrypt_in_place(k0, k1, x0, x1, np.empty_like(x1))
    return list(zip(x0.tolist(), x1.tolist(), strict=True))


def _encrypt_in_place(k0: np.ndarray, k1: np.ndarray, x0: np.ndarray, x1: np.ndarray, spare: np.ndarray) -> None:
    """`threefry2x32` that overwrites `x0` and `x1`: the same rounds without a new array for each operation."""
    schedule = (k0, k1, k0 ^ k1 ^ np.uint32(PARITY))
    x0 += k0
    x1 += k1
    for group in range(5):
        for rotation in ROTATIONS[group % 2]:
            np.add(x0, x1, x0)
            np.left_shift(x1, rotation, spare)
            np.right_shift(x1, 32 - rotation, x1)
            np.bitwise_or(x1, spare, x1)
            np.bitwise_xor(x1, x0, x1)
        np.add(x0, schedule[(group + 1) % 3], x0)
        np.add(x1, schedule[(group + 2) % 3], x1)
        np.add(x1, np.uint32(group + 1), x1)


def _bits_chunk(key: Key, start: int, count: int) -> np.ndarray:
    """The words `start` to `start + count` of the stream of `key`."""
    if start + count <= 1 << 32:
        x1 = np.arange(start, start + count, dtype=np.uint32)
        x0 = np.zeros_like(x1)
    else:
        positions = np.arange(start, start + count, dtype=np.uint64)
        x0, x1 = (positions >> np.uint64(32)).astype(np.uint32), positions.astype(np.uint32)
    k0, k1 = (np.atleast_1d(np.asarray(word, dtype=np.uint32)) for word in key)
    _encrypt_in_place(k0, k1, x0, x1, np.empty_like(x1))
    return np.bitwise_xor(x0, x1, x0)


def random_bits(keys: list[Key], counts: list[int]) -> np.ndarray:
    """The first `counts[i]` words of the stream of `keys[i]`, for every `i`, one after the other.

    Made for many short streams: all are encrypted together.
    """
    ends = np.cumsum(counts, dtype=np.int64)
    x1 = (np.arange(ends[-1]) - np.repeat(ends - counts, counts)).astype(np.uint32)
    x0 = np.zeros_like(x1)
    k0, k1 = (np.repeat(np.array(words, dtype=np.uint32), counts) for words in zip(*keys, strict=True))
    for start in range(0, x1.size, CHUNK):
        part = slice(start, start + CHUNK)
        _encrypt_in_place(k0[part], k1[part], x0[part], x1[part], np.empty_like(x1[part]))
    return np.bitwise_xor(x0, x1, x0)


def random_bits_into(key: Key, count: int, consume: Callable[[slice, np.ndarray], None]) -> None:
    """Hands the `count` words of the stream of `key` to `consume(where, words)`, a chunk at a time.

    Made for one long stream. Threads would gain nothing: see docs/notes.md.
    """
    for start in range(0, count, CHUNK):
        size = min(CHUNK, count - start)
        consume(slice(start, start + size), _bits_chunk(key, start, size))


# What the root key is folded with first: streams that must not meet.
STREAM_PARAMS = 0
STREAM_CALLS = 1
# And what the key of a call, or of a step, is folded with before the number of a step.
STREAM_STEPS = 2


def call_key(root: Key, counter: Any) -> Key:
    """The key of all draws of the call with number `counter`."""
    return threefry2x32(fold_in(root, STREAM_CALLS), (0, counter))


def step_key(call: Key, step: Any) -> Key:
    """The key of all draws of the step with number `step` in a call, or in another step."""
    return threefry2x32(fold_in(call, STREAM_STEPS), (0, step))


def draw_key(call: Key, path: str, index: int) -> Key:
    """The key of the `index`-th draw at `path` in a call."""
    return fold_in(fold_path(call, path), index)
