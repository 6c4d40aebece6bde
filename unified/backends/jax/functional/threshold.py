"""Activations in straight pieces. At a border the gradient is torch's: that of the constant piece."""

import jax
import jax.numpy as jnp

from unified.core.distributions import Uniform
from unified.core.scope import current_scope

__all__ = [
    "hardshrink",
    "hardsigmoid",
    "hardswish",
    "hardtanh",
    "relu6",
    "rrelu",
    "softshrink",
    "threshold",
]


def hardtanh(input: jax.Array, min_val: float = -1.0, max_val: float = 1.0, inplace: bool = False) -> jax.Array:
    """`input`, cut to `min_val` and `max_val`."""
    if min_val > max_val:
        raise ValueError(f"min_val must not exceed max_val, got {min_val} and {max_val}")
    return jnp.where(input <= min_val, min_val, jnp.where(input >= max_val, max_val, input)).astype(input.dtype)


def relu6(input: jax.Array, inplace: bool = False) -> jax.Array:
    """`input`, cut to 0 and 6."""
    return hardtanh(input, 0.0, 6.0)


def hardsigmoid(input: jax.Array, inplace: bool = False) -> jax.Array:
    """`input / 6 + 1 / 2`, cut to 0 and 1."""
    return jnp.where(input <= -3, 0, jnp.where(input >= 3, 1, input / 6 + 0.5)).astype(input.dtype)


def hardswish(input: jax.Array, inplace: bool = False) -> jax.Array:
    """`input * hardsigmoid(input)`."""
    middle = jnp.where(jnp.abs(input) < 3, input, 0)
    return jnp.where(input <= -3, 0, jnp.where(input >= 3, input, middle * (middle + 3) / 6)).astype(input.dtype)


def hardshrink(input: jax.Array, lambd: float = 0.5) -> jax.Array:
    """`input`, and zero from `-lambd` to `lambd`."""
    return jnp.where((input >= -lambd) & (input <= lambd), 0, input)


def softshrink(input: jax.Array, lambd: float = 0.5) -> jax.Array:
    """`input`, moved towards zero by `lambd`, but not past it."""
    if lambd < 0:
        raise ValueError(f"lambd must not be negative, got {lambd}")
    return jnp.where(input > lambd, input - lambd, jnp.where(input < -lambd, input + lambd, input * 0))


def threshold(input: jax.Array, threshold: float, value: float, inplace: bool = False) -> jax.Array:
    """`input` where it exceeds `threshold`, else `value`."""
    return jnp.where(input <= threshold, jnp.asarray(value, input.dtype), input)


def slopes(input: jax.Array, lower: float, upper: float, random: jax.Array | None) -> jax.Array:
    """`input`, times a slope where it is not positive: a random one, or the middle of the range."""
    slope = (lower + upper) / 2 if random is None else random
    return jnp.where(input > 0, input, input * slope)


def rrelu(
    input: jax.Array, lower: float = 1 / 8, upper: float = 1 / 3, training: bool = False, inplace: bool = False
) -> jax.Array:
    """`leaky_relu` with slopes drawn from `lower` to `upper` at the current scope, if `training`."""
    if lower > upper:
        raise ValueError(f"lower must not exceed upper, got {lower} and {upper}")
    if not training:
        return slopes(input, lower, upper, None)
    scope = current_scope("functional.rrelu")
    index = scope.frame.draw_index(scope.path)
    return slopes(
        input,
        lower,
        upper,
        scope.frame.sample(Uniform(lower, upper), input.shape, input.dtype, scope.path, index),
    )
