"""Arithmetic of two arrays, or of an array and a number."""

from typing import Any

import jax
import jax.numpy as jnp

from unified.aten.table import operator

_FUNCTIONS: dict[str, Any] = {
    "atan2": jnp.arctan2, "bitwise_and": jnp.bitwise_and, "bitwise_left_shift": jnp.left_shift,
    "bitwise_or": jnp.bitwise_or, "bitwise_right_shift": jnp.right_shift, "bitwise_xor": jnp.bitwise_xor,
    "copysign": jnp.copysign, "floor_divide": jnp.floor_divide, "fmax": jnp.fmax, "fmin": jnp.fmin, "fmod": jnp.fmod,
    "hypot": jnp.hypot, "logaddexp": jnp.logaddexp, "logaddexp2": jnp.logaddexp2, "logical_and": jnp.logical_and,
    "logical_or": jnp.logical_or, "logical_xor": jnp.logical_xor, "maximum": jnp.maximum, "minimum": jnp.minimum,
    "mul": jnp.multiply, "remainder": jnp.remainder, "__lshift__": jnp.left_shift, "__rshift__": jnp.right_shift,
    "max.other": jnp.maximum, "min.other": jnp.minimum, "xlogy": jax.scipy.special.xlogy,
}  # fmt: skip
for _name, _function in _FUNCTIONS.items():
    operator(_name)(_function)


def _scaled(x: Any, alpha: Any) -> Any:
    return x if alpha == 1 else x * alpha


@operator("add")
def add(x: Any, y: Any, alpha: Any = 1) -> jax.Array:
    """Return `x + alpha * y`."""
    return jnp.add(x, _scaled(y, alpha))


@operator("sub")
def subtract(x: Any, y: Any, alpha: Any = 1) -> jax.Array:
    """Return `x - alpha * y`."""
    return jnp.subtract(x, _scaled(y, alpha))


@operator("rsub")
def subtract_from(x: Any, y: Any, alpha: Any = 1) -> jax.Array:
    """Return `y - alpha * x`."""
    return jnp.subtract(y, _scaled(x, alpha))


@operator("div", "true_divide")
def divide(x: Any, y: Any, rounding_mode: str | None = None) -> jax.Array:
    """Return `x / y`, rounded towards zero (`trunc`) or down (`floor`)."""
    if rounding_mode == "floor":
        return jnp.floor_divide(x, y)
    quotient = jnp.true_divide(x, y)
    if rounding_mode is None:
        return quotient
    if jnp.issubdtype(jnp.result_type(x, y), jnp.integer):  # exact where a float is not
        x, y = jnp.asarray(x), jnp.asarray(y)
        return jnp.sign(x) * jnp.sign(y) * (jnp.abs(x) // jnp.abs(y))
    return jnp.trunc(quotient)


@operator("pow", typed=True)
def power(x: Any, y: Any, dtype: Any) -> jax.Array:
    """Return `x ** y`; a whole exponent multiplies."""
    if isinstance(y, float) and y.is_integer() and abs(y) < 64:
        y = int(y)
    if isinstance(x, jax.Array):
        x = x.astype(dtype)
    elif isinstance(y, jax.Array):
        x = jnp.asarray(x, dtype)
    return jnp.power(x, y)


@operator("lerp")
def interpolate(start: Any, end: Any, weight: Any) -> jax.Array:
    """Return the point at the fraction `weight` of the way."""
    return start + weight * (end - start)


@operator("addcmul.default")
def add_product(x: Any, y: Any, z: Any, value: Any = 1) -> jax.Array:
    """Return `x + value * y * z`."""
    return x + _scaled(y * z, value)


@operator("addcdiv.default")
def add_quotient(x: Any, y: Any, z: Any, value: Any = 1) -> jax.Array:
    """Return `x + value * y / z`."""
    return x + _scaled(y / z, value)


@operator("clamp", "clip")
def clamp(x: jax.Array, min: Any = None, max: Any = None) -> jax.Array:
    """Limit values to an interval; the gradient is one within it, its ends included, as in torch."""
    if min is not None:
        x = jnp.where(x < min, min, x)
    return x if max is None else jnp.where(x > max, max, x)


@operator("clamp_min")
def clamp_min(x: jax.Array, min: Any) -> jax.Array:
    """Raise values to `min`."""
    return clamp(x, min)


@operator("clamp_max")
def clamp_max(x: jax.Array, max: Any) -> jax.Array:
    """Lower values to `max`."""
    return clamp(x, None, max)
