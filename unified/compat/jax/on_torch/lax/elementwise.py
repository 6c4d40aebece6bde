"""Functions of each element in `jax.lax`: like `jax.numpy`'s, without its promotion of dtypes."""

from typing import Any

import torch

from unified.compat.jax.on_torch import numpy as jnp
from unified.compat.jax.on_torch.array import tensor
from unified.compat.jax.on_torch.dtypes import torch_dtype

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
    "bitcast_convert_type",
    "bitwise_and",
    "bitwise_not",
    "bitwise_or",
    "bitwise_xor",
    "cbrt",
    "ceil",
    "clamp",
    "clz",
    "complex",
    "conj",
    "convert_element_type",
    "cos",
    "cosh",
    "digamma",
    "div",
    "eq",
    "erf",
    "erf_inv",
    "erfc",
    "exp",
    "exp2",
    "expm1",
    "floor",
    "full",
    "full_like",
    "ge",
    "gt",
    "imag",
    "integer_pow",
    "is_finite",
    "le",
    "lgamma",
    "log",
    "log1p",
    "logistic",
    "lt",
    "max",
    "min",
    "mul",
    "ne",
    "neg",
    "nextafter",
    "optimization_barrier",
    "population_count",
    "pow",
    "real",
    "reciprocal",
    "reduce_precision",
    "rem",
    "round",
    "rsqrt",
    "select",
    "select_n",
    "shift_left",
    "shift_right_arithmetic",
    "shift_right_logical",
    "sign",
    "sin",
    "sinh",
    "sqrt",
    "square",
    "sub",
    "tan",
    "tanh",
]

abs, add, mul, sub = jnp.abs, jnp.add, jnp.multiply, jnp.subtract
acos, asin, atan, atan2 = jnp.arccos, jnp.arcsin, jnp.arctan, jnp.arctan2
acosh, asinh, atanh, cbrt, ceil, floor = jnp.arccosh, jnp.arcsinh, jnp.arctanh, jnp.cbrt, jnp.ceil, jnp.floor
bitwise_and, bitwise_or, bitwise_xor, bitwise_not = jnp.bitwise_and, jnp.bitwise_or, jnp.bitwise_xor, jnp.bitwise_not
cos, sin, tan, cosh, sinh, tanh = jnp.cos, jnp.sin, jnp.tan, jnp.cosh, jnp.sinh, jnp.tanh
exp, exp2, expm1, log, log1p = jnp.exp, jnp.exp2, jnp.expm1, jnp.log, jnp.log1p
eq, ne, lt, le, gt, ge = jnp.equal, jnp.not_equal, jnp.less, jnp.less_equal, jnp.greater, jnp.greater_equal
max, min = jnp.maximum, jnp.minimum
neg, sign, sqrt, square, is_finite, nextafter = (
    jnp.negative,
    jnp.sign,
    jnp.sqrt,
    jnp.square,
    jnp.isfinite,
    jnp.nextafter,
)
real, imag, conj, reciprocal, pow = jnp.real, jnp.imag, jnp.conj, jnp.reciprocal, jnp.power
shift_left, shift_right_arithmetic = jnp.left_shift, jnp.right_shift
full, full_like, rem = jnp.full, jnp.full_like, jnp.fmod


def div(x: Any, y: Any) -> torch.Tensor:
    """Of integers, the quotient rounded towards zero."""
    x, y = tensor(x), tensor(y)
    return torch.div(x, y) if x.is_floating_point() else torch.div(x, y, rounding_mode="trunc")


def integer_pow(x: Any, y: int) -> torch.Tensor:
    return torch.pow(tensor(x), y)


def rsqrt(x: Any) -> torch.Tensor:
    return torch.rsqrt(tensor(x))


def logistic(x: Any) -> torch.Tensor:
    return torch.sigmoid(tensor(x))


def erf(x: Any) -> torch.Tensor:
    return torch.erf(tensor(x))


def erfc(x: Any) -> torch.Tensor:
    return torch.erfc(tensor(x))


def erf_inv(x: Any) -> torch.Tensor:
    return torch.erfinv(tensor(x))


def lgamma(x: Any) -> torch.Tensor:
    return torch.lgamma(tensor(x))


def digamma(x: Any) -> torch.Tensor:
    return torch.digamma(tensor(x))


def complex(x: Any, y: Any) -> torch.Tensor:
    return torch.complex(tensor(x), tensor(y))


def round(x: Any, rounding_method: Any = 0) -> torch.Tensor:
    """Half away from zero (0), or to even (1)."""
    x = tensor(x)
    if int(rounding_method):
        return torch.round(x)
    return torch.trunc(x + torch.copysign(torch.full_like(x, 0.5), x))


def clamp(min: Any, x: Any, max: Any) -> torch.Tensor:
    return jnp.clip(x, min, max)


def convert_element_type(operand: Any, new_dtype: Any) -> torch.Tensor:
    return jnp.astype(operand, new_dtype)


def bitcast_convert_type(operand: Any, new_dtype: Any) -> torch.Tensor:
    return tensor(operand).contiguous().view(torch_dtype(new_dtype))


def reduce_precision(operand: Any, exponent_bits: int, mantissa_bits: int) -> torch.Tensor:
    x = tensor(operand)
    narrow = {(5, 10): torch.float16, (8, 7): torch.bfloat16, (8, 23): torch.float32}.get(
        (exponent_bits, mantissa_bits)
    )
    if narrow is None:
        raise NotImplementedError("reduce_precision on torch knows the precisions of float16, bfloat16 and float32")
    return x.to(narrow).to(x.dtype)


def select(pred: Any, on_true: Any, on_false: Any) -> torch.Tensor:
    return jnp.where(pred, on_true, on_false)


def select_n(which: Any, *cases: Any) -> torch.Tensor:
    which = tensor(which)
    found = tensor(cases[0])
    for place, case in enumerate(cases[1:], 1):
        found = torch.where(which == place, tensor(case), found)
    return found


def shift_right_logical(x: Any, y: Any) -> torch.Tensor:
    x = tensor(x)
    bits = x.element_size() * 8
    wide = x.to(torch.int64) & ((1 << bits) - 1)
    return (wide >> tensor(y).to(torch.int64)).to(x.dtype)


def population_count(x: Any) -> torch.Tensor:
    return jnp.bitwise_count(x).to(tensor(x).dtype)


def clz(x: Any) -> torch.Tensor:
    x = tensor(x)
    bits = x.element_size() * 8
    wide = x.to(torch.int64) & ((1 << bits) - 1)
    found = torch.full_like(wide, bits)
    for place in range(bits):
        found = torch.where(wide >> place > 0, bits - 1 - place, found)
    return found.to(x.dtype)


def optimization_barrier(operand: Any) -> Any:
    return operand
