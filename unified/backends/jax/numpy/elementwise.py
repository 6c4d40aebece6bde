"""Functions of each element, on JAX."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp

from unified.backends.jax.numpy.at_zero import (
    absolute,
    arc_tangent,
    hypotenuse,
    power,
    with_sign,
    with_signed_zeros,
)
from unified.backends.jax.numpy.operands import array, as_number, operands

__all__ = [
    "abs",
    "acos",
    "acosh",
    "add",
    "asin",
    "asinh",
    "atan",
    "atan2",
    "atanh",
    "bitwise_and",
    "bitwise_invert",
    "bitwise_left_shift",
    "bitwise_or",
    "bitwise_right_shift",
    "bitwise_xor",
    "ceil",
    "clip",
    "conj",
    "copysign",
    "cos",
    "cosh",
    "divide",
    "equal",
    "exp",
    "expm1",
    "floor",
    "floor_divide",
    "greater",
    "greater_equal",
    "hypot",
    "imag",
    "isclose",
    "isfinite",
    "isinf",
    "isnan",
    "less",
    "less_equal",
    "log",
    "log1p",
    "log2",
    "log10",
    "logaddexp",
    "logical_and",
    "logical_not",
    "logical_or",
    "logical_xor",
    "maximum",
    "minimum",
    "multiply",
    "nan_to_num",
    "negative",
    "nextafter",
    "not_equal",
    "positive",
    "pow",
    "real",
    "reciprocal",
    "remainder",
    "round",
    "sign",
    "signbit",
    "sin",
    "sinh",
    "sqrt",
    "square",
    "subtract",
    "tan",
    "tanh",
    "trunc",
]


def _unary(function: Callable[..., jax.Array]) -> Callable[[Any], jax.Array]:
    def call(x: Any) -> jax.Array:
        return function(x if isinstance(x, jax.Array) else array(x))

    return call


def _binary(function: Callable[..., jax.Array]) -> Callable[[Any, Any], jax.Array]:
    def call(x1: Any, x2: Any) -> jax.Array:
        return function(*operands(x1, x2))

    return call


def _of_floats(function: Callable[..., jax.Array]) -> Callable[[Any, Any], jax.Array]:
    """Return the function, whose derivative is written for floating-point numbers, on integers too."""

    def floating(x: Any) -> Any:
        if isinstance(x, jax.Array):
            return x if jnp.issubdtype(x.dtype, jnp.inexact) else x.astype(jnp.result_type(x, float))
        return x if isinstance(x, complex) else float(x)

    def call(x1: Any, x2: Any) -> jax.Array:
        return function(floating(x1), floating(x2))

    return call


def _floor_divide(x1: Any, x2: Any) -> jax.Array:
    found = jnp.floor_divide(x1, x2)
    if not jnp.issubdtype(found.dtype, jnp.floating):
        return found
    # Of what is infinite or zero JAX makes NaN, -1 or another zero than the standard.
    special = jnp.isinf(x1) | jnp.isinf(x2) | jnp.equal(x1, 0)
    return jnp.where(special, jnp.floor(jnp.divide(x1, x2)), found)


def _remainder(x1: Any, x2: Any) -> jax.Array:
    found = jnp.remainder(x1, x2)
    # A zero has the sign of the divisor as well.
    return _of_floats(with_signed_zeros)(found, x2) if jnp.issubdtype(found.dtype, jnp.floating) else found


def _sign(x: jax.Array) -> jax.Array:
    """Return the sign; that of -0 is 0, where JAX has -0, and NaN for complex zeros."""
    is_floating = jnp.issubdtype(x.dtype, jnp.inexact)
    return jnp.where(x == 0, jnp.zeros_like(x), jnp.sign(x)) if is_floating else jnp.sign(x)


abs = _unary(absolute)
acos = _unary(jnp.acos)
acosh = _unary(jnp.acosh)
asin = _unary(jnp.asin)
asinh = _unary(jnp.asinh)
atan = _unary(jnp.atan)
atanh = _unary(jnp.atanh)
bitwise_invert = _unary(jnp.bitwise_invert)
ceil = _unary(jnp.ceil)
conj = _unary(jnp.conj)
cos = _unary(jnp.cos)
cosh = _unary(jnp.cosh)
exp = _unary(jnp.exp)
expm1 = _unary(jnp.expm1)
floor = _unary(jnp.floor)
imag = _unary(jnp.imag)
isfinite = _unary(jnp.isfinite)
isinf = _unary(jnp.isinf)
isnan = _unary(jnp.isnan)
log = _unary(jnp.log)
log10 = _unary(jnp.log10)
log1p = _unary(jnp.log1p)
log2 = _unary(jnp.log2)
logical_not = _unary(jnp.logical_not)
negative = _unary(jnp.negative)
positive = _unary(jnp.positive)
real = _unary(jnp.real)
reciprocal = _unary(jnp.reciprocal)
round = _unary(jnp.round)
sign = _unary(_sign)
signbit = _unary(jnp.signbit)
sin = _unary(jnp.sin)
sinh = _unary(jnp.sinh)
sqrt = _unary(jnp.sqrt)
square = _unary(jnp.square)
tan = _unary(jnp.tan)
tanh = _unary(jnp.tanh)
trunc = _unary(jnp.trunc)

add = _binary(jnp.add)
atan2 = _binary(_of_floats(arc_tangent))
bitwise_and = _binary(jnp.bitwise_and)
bitwise_left_shift = _binary(jnp.bitwise_left_shift)
bitwise_or = _binary(jnp.bitwise_or)
bitwise_right_shift = _binary(jnp.bitwise_right_shift)
bitwise_xor = _binary(jnp.bitwise_xor)
copysign = _binary(with_sign)
divide = _binary(jnp.divide)
equal = _binary(jnp.equal)
floor_divide = _binary(_floor_divide)
greater = _binary(jnp.greater)
greater_equal = _binary(jnp.greater_equal)
hypot = _binary(_of_floats(hypotenuse))
less = _binary(jnp.less)
less_equal = _binary(jnp.less_equal)
logaddexp = _binary(jnp.logaddexp)
logical_and = _binary(jnp.logical_and)
logical_or = _binary(jnp.logical_or)
logical_xor = _binary(jnp.logical_xor)
maximum = _binary(jnp.maximum)
minimum = _binary(jnp.minimum)
multiply = _binary(jnp.multiply)
nextafter = _binary(jnp.nextafter)
not_equal = _binary(jnp.not_equal)
pow = _binary(power)
remainder = _binary(_remainder)
subtract = _binary(jnp.subtract)


def clip(x: Any, min: Any = None, max: Any = None) -> jax.Array:
    x, min, max = array(x), as_number(min), as_number(max)
    if jnp.issubdtype(x.dtype, jnp.integer):
        limits = jnp.iinfo(x.dtype)  # a bound beyond the dtype is none, where JAX would raise
        min = None if isinstance(min, int) and min <= limits.min else min
        max = None if isinstance(max, int) and max >= limits.max else max
    # By selection, so that the gradient at a bound is 1, as torch has it; NaN stays, as a bound too.
    for bound, beyond in ((min, jnp.less), (max, jnp.greater)):
        if bound is not None:
            x, limit = operands(x, bound)
            x = jnp.where(beyond(x, limit) | jnp.isnan(limit), limit, x)
    return x


def isclose(x1: Any, x2: Any, *, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: bool = False) -> jax.Array:
    return jnp.isclose(*operands(x1, x2), rtol=rtol, atol=atol, equal_nan=equal_nan)


def nan_to_num(x: Any, *, nan: float = 0.0, posinf: float | None = None, neginf: float | None = None) -> jax.Array:
    return jnp.nan_to_num(array(x), nan=nan, posinf=posinf, neginf=neginf)
