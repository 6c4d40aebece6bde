"""Random words on JAX: `unified.core.distributions.Words` for `uint32` arrays, and keys."""

import math
from contextlib import nullcontext
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.extend.random import threefry2x32_p

from unified.core import initializers, threefry
from unified.core.distributions import Distribution, Words
from unified.core.initializer_functions import Called
from unified.core.quantiles import FRACTION_BITS, SEGMENTS

__all__ = [
    "WORDS",
    "draw",
    "draw_key",
    "is_tracing",
    "key_words",
    "random_bits",
    "sample",
    "step_key",
    "typed_key",
]


class JaxWords(Words):
    """`Words` for JAX's `uint32` arrays."""

    def word(self, number: int) -> np.uint32:
        return np.uint32(number)

    def wrap(self, words: jax.Array) -> jax.Array:
        return words

    def signed(self, words: jax.Array) -> jax.Array:
        return lax.bitcast_convert_type(words, jnp.int32)

    def floating(self, integers: jax.Array, scale: float, dtype: str) -> jax.Array:
        wide = jax.dtypes.canonicalize_dtype(np.float64 if dtype == "float64" else np.float32).type
        return (integers.astype(wide) * wide(scale)).astype(dtype)

    def octave(self, words: jax.Array) -> tuple[jax.Array, jax.Array]:
        zeros = lax.clz(words)
        leading = words << zeros
        exponent = (31 - zeros).astype(jnp.int32)
        index = exponent * SEGMENTS + ((leading >> 23) & (SEGMENTS - 1)).astype(jnp.int32)
        return index, (leading >> (23 - FRACTION_BITS)) & ((1 << FRACTION_BITS) - 1)

    def take(self, table: np.ndarray, index: jax.Array) -> jax.Array:
        return jnp.asarray(table).at[index].get(mode="promise_in_bounds")

    def take_floats(self, table: np.ndarray, index: jax.Array, dtype: str) -> jax.Array:
        return jnp.asarray(table.astype(jax.dtypes.canonicalize_dtype(dtype))).at[index].get(mode="promise_in_bounds")

    def take_numbers(self, table: np.ndarray, index: jax.Array) -> jax.Array:
        return jnp.asarray(table.astype(np.int32)).at[index].get(mode="promise_in_bounds")

    def numbers(self, array: np.ndarray, like: Any) -> np.ndarray:
        return array

    def largest(self, integers: jax.Array) -> jax.Array:
        return integers.max(-1, keepdims=True)

    def count_below(self, sorted_words: np.ndarray, words: jax.Array) -> jax.Array:
        return jnp.searchsorted(jnp.asarray(sorted_words), words, side="right").astype(jnp.uint32)

    def where(self, condition: Any, x: Any, y: Any) -> jax.Array:
        return jnp.where(condition, x, y)

    def clip(self, integers: Any, low: int, high: int) -> jax.Array:
        return jnp.clip(integers, low, high)


WORDS = JaxWords()


def _word(value: Any) -> jax.Array:
    return jnp.asarray(value, dtype=jnp.uint32)


def fold_in(key: threefry.Key, words: tuple[Any, Any]) -> threefry.Key:
    """Encrypt two words under `key`, as `threefry.threefry2x32` does, by JAX's own compiled primitive."""
    return tuple(threefry2x32_p.bind(_word(key[0]), _word(key[1]), _word(words[0]), _word(words[1])))


def key_words(key: jax.Array) -> jax.Array:
    """Return a typed or raw key, or an array of them, as words; the four of an `rbg` key are folded into two."""
    if jnp.issubdtype(key.dtype, jax.dtypes.prng_key):
        with nullcontext() if isinstance(key, jax.core.Tracer) else jax.ensure_compile_time_eval():
            key = jax.random.key_data(key)
    if key.shape[-1:] != (4,):
        return key
    with nullcontext() if isinstance(key, jax.core.Tracer) else jax.ensure_compile_time_eval():
        return jnp.stack(fold_in((key[..., 0], key[..., 1]), (key[..., 2], key[..., 3])), -1)


def typed_key(key: threefry.Key, axis: int = 0) -> jax.Array:
    """Return two words, or two arrays stacked at the last axis (-1), as keys for `jax.random`, whatever its default."""
    words = jnp.stack([_word(word) for word in key], axis)
    return jax.random.wrap_key_data(words, impl="threefry2x32")


def call_key(root: threefry.Key, counter: Any, stream: str = "") -> threefry.Key:
    """Return `threefry.call_key`, computed on JAX arrays."""
    root = fold_in(root, threefry.path_words(threefry.stream_path(stream))) if stream else root
    return fold_in(fold_in(root, (0, threefry.STREAM_CALLS)), (0, counter))


def step_key(call: threefry.Key, step: Any) -> threefry.Key:
    """Return `threefry.step_key`, computed on JAX arrays."""
    step = _word(step)
    zero = step ^ step  # under vmap JAX's primitive maps both words or neither
    return fold_in(fold_in(call, (0, threefry.STREAM_STEPS)), (zero, step))


def draw_key(call: threefry.Key, path: str, index: int) -> threefry.Key:
    """Return `threefry.draw_key`, computed on JAX arrays."""
    return fold_in(fold_in(call, threefry.path_words(path)), (0, index))


def random_bits(key: threefry.Key, shape: tuple[int, ...]) -> jax.Array:
    """Return the first words of the stream of `key`, as an array of `shape`."""
    count = math.prod(shape)
    if not isinstance(count, int) or count < 1 << 32:  # the product of symbolic sizes is computed in 32 bits by XLA
        low = lax.iota(jnp.uint32, count)
        high = jnp.zeros_like(low)
    else:
        raise _refuse(shape)
    x0, x1 = threefry2x32_p.bind(_word(key[0]), _word(key[1]), high, low)
    return (x0 ^ x1).reshape(shape)


def _refuse(shape: tuple[int, ...]) -> ValueError:
    return ValueError(f"at most 2**32 - 1 random words are drawn at a time, got shape {shape}")


def divisible_bits(key: threefry.Key, shape: tuple[int, ...]) -> jax.Array:
    """Return `random_bits` as operations on each element, which XLA fuses and splits along any axis of a mesh.

    JAX's primitive is a loop over whole arrays on CPUs, and a flat array that is reshaped is split along its first axis
    alone: each device would make all of it.
    """
    if math.prod(shape) >= 1 << 32:
        raise _refuse(shape)
    positions, stride = jnp.zeros(shape, jnp.uint32), 1
    for axis in reversed(range(len(shape))):
        positions = positions + lax.broadcasted_iota(jnp.uint32, shape, axis) * np.uint32(stride)
        stride *= shape[axis]
    keys = (_word(key[0]), _word(key[1]), _word(key[0]) ^ _word(key[1]) ^ np.uint32(threefry.PARITY))
    x0, x1 = jnp.broadcast_to(keys[0], shape), positions + keys[1]
    for group in range(5):
        for rotation in threefry.ROTATIONS[group % 2]:
            x0 = x0 + x1
            x1 = ((x1 << np.uint32(rotation)) | (x1 >> np.uint32(32 - rotation))) ^ x0
        x0 = x0 + keys[(group + 1) % 3]
        x1 = x1 + keys[(group + 2) % 3] + np.uint32(group + 1)
    return x0 ^ x1


def is_tracing() -> bool:
    """Return whether operations are written down for a program, as under `jax.jit`."""
    return isinstance(jnp.zeros(()), jax.core.Tracer)


def sample(key: threefry.Key, distribution: Distribution, shape: tuple[int, ...], dtype: str) -> jax.Array:
    """Return values of `distribution`, equal to those of every other backend."""
    if dtype == "float64":
        dtype = jax.dtypes.canonicalize_dtype(dtype).name  # float32 without 64-bit arrays
    return distribution(WORDS, random_bits(key, shape), dtype).astype(dtype)


def draw(
    key: threefry.Key, path: tuple[Any, Any], value: initializers.Draw, shape: tuple[int, ...], dtype: str
) -> jax.Array:
    """Return the initial values of a variable from a key, which may be traced, and the two words of its path."""
    if isinstance(value, initializers.Fixed):
        return jnp.broadcast_to(jnp.asarray(value.value, dtype=dtype), shape)
    key = fold_in(fold_in(key, (0, threefry.STREAM_PARAMS)), path)
    if isinstance(value, Called):
        if value.framework != "jax":
            raise value.refuse_traced_key()
        return jnp.asarray(value.fn(typed_key(key), shape, dtype), dtype)
    wide = dtype if dtype in ("float32", "float64") else "float32"
    bits = divisible_bits(key, shape) if is_tracing() else random_bits(key, shape)
    return initializers.values_from_bits(WORDS, bits, value, shape, wide, jnp).astype(dtype)
