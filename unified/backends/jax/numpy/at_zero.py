"""Functions whose derivatives at zero are those that torch has, and not NaN or those of one side."""

from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

__all__ = ["absolute", "arc_tangent", "hypotenuse", "power", "root", "with_sign", "with_signed_zeros"]


def absolute(x: jax.Array) -> jax.Array:
    """Return the absolute value, whose gradient at zero is zero; that of `jnp.abs` is 1."""
    if x.dtype == bool or jnp.issubdtype(x.dtype, jnp.unsignedinteger):
        return x
    if not jnp.issubdtype(x.dtype, jnp.floating):
        return lax.abs(x)
    return jnp.where(x == 0, lax.stop_gradient(lax.abs(x)), lax.abs(x))


def root(x: jax.Array) -> jax.Array:
    """Return the square root, whose gradient at zero is zero."""
    is_zero = x == 0
    return jnp.where(is_zero, x, jnp.sqrt(jnp.where(is_zero, 1, x)))


def with_sign(x1: Any, x2: Any) -> jax.Array:
    """Return `x1` with the sign of `x2`; the gradient at zero is zero."""
    signed = jnp.copysign(x1, x2)
    return jnp.where(signed == 0, lax.stop_gradient(signed), signed)


def power(x1: Any, x2: Any) -> jax.Array:
    """Return `x1 ** x2`; the gradient of `0 ** 0` is zero, which is NaN in JAX."""
    is_other_number = isinstance(x2, (int, float)) and x2 != 0
    if is_other_number or not jnp.issubdtype(jnp.result_type(x1, x2), jnp.floating):
        return jnp.pow(x1, x2)
    return jnp.pow(jnp.where((x1 == 0) & (x2 == 0), 1, x1), x2)


@jax.custom_jvp
def arc_tangent(x1: jax.Array, x2: jax.Array) -> jax.Array:
    """Return the angle of `(x2, x1)`, whose gradient at the origin is zero."""
    return jnp.atan2(x1, x2)


@arc_tangent.defjvp
def _(primals: tuple[jax.Array, jax.Array], tangents: tuple[jax.Array, jax.Array]) -> tuple[jax.Array, jax.Array]:
    (x1, x2), (t1, t2) = primals, tangents
    square = x1 * x1 + x2 * x2
    return arc_tangent(x1, x2), (t1 * x2 - t2 * x1) / jnp.where(square == 0, 1, square)


@jax.custom_jvp
def hypotenuse(x1: jax.Array, x2: jax.Array) -> jax.Array:
    """Return `sqrt(x1**2 + x2**2)`, whose gradient at the origin is zero."""
    return jnp.hypot(x1, x2)


@hypotenuse.defjvp
def _(primals: tuple[jax.Array, jax.Array], tangents: tuple[jax.Array, jax.Array]) -> tuple[jax.Array, jax.Array]:
    (x1, x2), (t1, t2) = primals, tangents
    length = hypotenuse(x1, x2)
    return length, (t1 * x1 + t2 * x2) / jnp.where(length == 0, 1, length)


@jax.custom_jvp
def with_signed_zeros(x1: jax.Array, x2: jax.Array) -> jax.Array:
    """Return `x1`, of which zeros have the sign of `x2`; its derivative is that of `x1`."""
    return jnp.where(x1 == 0, jnp.copysign(x1, x2), x1)


@with_signed_zeros.defjvp
def _(primals: tuple[jax.Array, jax.Array], tangents: tuple[jax.Array, jax.Array]) -> tuple[jax.Array, jax.Array]:
    return with_signed_zeros(*primals), tangents[0]
