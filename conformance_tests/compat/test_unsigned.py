"""Unsigned integers of 16 and 32 bits, for which torch lacks most kernels, against JAX."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import unified.compat.jax as jax
import unified.compat.jax.numpy as jnp
from conformance_tests.compat.differential import check, on

EXPRESSIONS: dict[str, Callable[[Any, Any], Any]] = {
    "arithmetic": lambda a, b: [a + b, a - b, a * b, a // b, a % b, a / b, a**2, -a, abs(a), divmod(a, b)],
    "numbers": lambda a, b: [a + 1, 1 + a, 7 - a, a * 2, a // 2, 100 // b, a % 3, a + 1.5, a / 2, a >> 1, a << 3],
    "comparison": lambda a, b: [a < b, a <= b, a > b, a >= b, a == b, a != b, a < 3, a == 7],
    "bits": lambda a, b: [a & b, a | b, a ^ b, ~a, a << b % 8, a >> b % 8, jnp.bitwise_count(a), jnp.bitwise_xor(a, 3)],
    "reductions": lambda a, b: [
        jnp.sum(a), a.sum(), a.max(), a.min(), a.prod(), a.mean(), jnp.cumsum(a), jnp.cumprod(a), jnp.any(a), jnp.all(a),
        jnp.var(a), jnp.std(a), jnp.median(a), jnp.ptp(a), jnp.argmax(a), jnp.argmin(a),
    ],
    "choices": lambda a, b: [
        jnp.where(a > b, a, b), jnp.minimum(a, b), jnp.maximum(a, b), jnp.clip(a, 2, 5), jnp.sign(a), jnp.select([a > b], [a]),
    ],
    "order": lambda a, b: [jnp.sort(b), jnp.argsort(b), jnp.unique(a), jnp.flip(a), jnp.roll(a, 1), jnp.searchsorted(jnp.sort(a), b)],
    "shapes": lambda a, b: [jnp.stack([a, b]), jnp.concatenate([a, b]), jnp.pad(a, 1), jnp.tile(a, 2), jnp.repeat(a, 2), a[1], a[::-1]],
    "products": lambda a, b: [jnp.dot(a, b), jnp.outer(a, b), a @ b, jnp.einsum("i,i->", a, b)],
    "changes": lambda a, b: [a.at[0].set(5), a.at[0].add(5), a.at[0].multiply(3), a.at[0].min(1), a.at[0].max(9), a.at[0].subtract(9)],
    "casts": lambda a, b: [a.astype(jnp.float32), a.astype(jnp.int32), a.astype(jnp.uint8), jnp.float32(3.7) + a, a.astype(bool)],
    "mixed": lambda a, b: [a + jnp.asarray([1, 2, 3], jnp.int16), a * jnp.asarray([1, 2, 3], jnp.uint8), a + jnp.asarray([True, False, True])],
    "mapped": lambda a, b: [jax.vmap(lambda x, y: x * y + 1)(a, b), jax.lax.scan(lambda c, x: (c + x, c), a[0], b)],
    "lax": lambda a, b: [jax.lax.add(a, b), jax.lax.mul(a, b), jax.lax.max(a, b), jax.lax.rem(a, b), jax.lax.bitwise_not(a)],
}  # fmt: skip


@pytest.mark.parametrize("dtype", [np.uint16, np.uint32])
@pytest.mark.parametrize("name", EXPRESSIONS)
def test_expression(name: str, dtype: Any) -> None:
    large = np.iinfo(dtype).max
    check(EXPRESSIONS[name], np.array([3, 7, 12], dtype), np.array([2, large - 5, 7], dtype))


@pytest.mark.parametrize("dtype", [np.uint16, np.uint32])
def test_scalars_and_empty_arrays(dtype: Any) -> None:
    scalar = lambda: [jnp.zeros((), dtype) + 1, jnp.ones((), dtype) - 2, jnp.zeros((0,), dtype) + 1]
    check(scalar)


def test_numbers_beyond_int32() -> None:
    large = 4_000_000_000
    check(
        lambda: [
            jnp.uint32(large),
            jnp.asarray(large, dtype=jnp.uint32),
            jnp.array([large, 1], jnp.uint32),
            jnp.uint32(large) + jnp.uint32(large),
            jnp.asarray(large, dtype=jnp.float32),
        ]
    )
    for backend in ("jax", "torch"):
        with on(backend):
            for make in (lambda: jnp.asarray(large), lambda: jnp.asarray(2 * large, jnp.uint32)):
                with pytest.raises(OverflowError):
                    make()


@pytest.mark.parametrize("unsigned", ["uint16", "uint32"])
@pytest.mark.parametrize("other", ["bfloat16", "float16", "complex64", "int8", "int32", "bool"])
def test_meeting_another_dtype(unsigned: str, other: str) -> None:
    check(lambda: jnp.arange(1, 4).astype(unsigned) * jnp.arange(3).astype(other))
