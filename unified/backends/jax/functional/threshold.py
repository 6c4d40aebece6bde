"""Piecewise activations. Where two pieces meet, the gradient is that of the constant one, as in torch."""

import jax
import jax.numpy as jnp

from unified.backends.jax.functional.checks import check_floating
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
    """Clamp `input` to `min_val` and `max_val`."""
    if min_val > max_val:
        raise ValueError(f"min_val must not exceed max_val, got {min_val} and {max_val}")
    return jnp.where(input <= min_val, min_val, jnp.where(input >= max_val, max_val, input)).astype(input.dtype)


def relu6(input: jax.Array, inplace: bool = False) -> jax.Array:
    """Clamp `input` to 0 and 6."""
    return hardtanh(input, 0.0, 6.0)


def hardsigmoid(input: jax.Array, inplace: bool = False) -> jax.Array:
    """Return `input / 6 + 1 / 2`, clamped to 0 and 1."""
    check_floating("hardsigmoid", input)
    return jnp.where(input <= -3, 0, jnp.where(input >= 3, 1, input / 6 + 0.5)).astype(input.dtype)


def hardswish(input: jax.Array, inplace: bool = False) -> jax.Array:
    """Return `input * hardsigmoid(input)`: NaN for minus infinity, as in torch."""
    check_floating("hardswish", input)
    is_middle = jnp.abs(input) < 3
    middle = jnp.where(is_middle, input, 0)
    upper = jnp.where(is_middle, middle * (middle + 3) / 6, input)
    return jnp.where(input <= -3, input * 0, upper).astype(input.dtype)


def hardshrink(input: jax.Array, lambd: float = 0.5) -> jax.Array:
    """Return `input`, and zero where it is between `-lambd` and `lambd`."""
    check_floating("hardshrink", input)
    return jnp.where((input >= -lambd) & (input <= lambd), 0, input)


def softshrink(input: jax.Array, lambd: float = 0.5) -> jax.Array:
    """Move `input` towards zero by `lambd`, and not past it."""
    check_floating("softshrink", input)
    if lambd < 0:
        raise ValueError(f"lambd must not be negative, got {lambd}")
    return jnp.where(input > lambd, input - lambd, jnp.where(input < -lambd, input + lambd, input * 0))


def threshold(input: jax.Array, threshold: float, value: float, inplace: bool = False) -> jax.Array:
    """Return `input` where it exceeds `threshold`, else `value`."""
    return jnp.where(input <= threshold, jnp.asarray(value, input.dtype), input)


def scale_negatives(input: jax.Array, lower: float, upper: float, slopes: jax.Array | None) -> jax.Array:
    """Multiply `input` where it is not positive by `slopes`, or by the middle of the range if they are `None`."""
    slope = (lower + upper) / 2 if slopes is None else slopes
    return jnp.where(input > 0, input, input * slope)


def rrelu(
    input: jax.Array, lower: float = 1 / 8, upper: float = 1 / 3, training: bool = False, inplace: bool = False
) -> jax.Array:
    """Apply `leaky_relu`, with slopes drawn from `lower` to `upper` at the current scope if `training`."""
    check_floating("rrelu", input)
    if lower > upper:
        raise ValueError(f"lower must not exceed upper, got {lower} and {upper}")
    if not training:
        return scale_negatives(input, lower, upper, None)
    scope = current_scope("functional.rrelu")
    slopes = scope.frame.sample(Uniform(lower, upper), input.shape, input.dtype, scope.frame.next_draw(scope.path))
    return scale_negatives(input, lower, upper, slopes)
