"""Functions of each element, on torch."""

import math
from collections.abc import Callable
from typing import Any

import torch

from unified.backends.torch.numpy.operands import NUMBERS, as_number, pair, result_dtype, tensor, tensors

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

Tensor = torch.Tensor


def _unary(function: Callable[..., Tensor]) -> Callable[[Any], Tensor]:
    def call(x: Any) -> Tensor:
        return function(x if isinstance(x, torch.Tensor) else tensor(x))

    return call


def _binary(function: Callable[..., Tensor]) -> Callable[[Any, Any], Tensor]:
    """Return the function on promoted operands, of which one may be a number."""

    def call(x1: Any, x2: Any) -> Tensor:
        return function(*pair(x1, x2))

    return call


def _on_tensors(function: Callable[..., Tensor]) -> Callable[[Any, Any], Tensor]:
    """Return the function on promoted operands, of which none may be a number."""

    def call(x1: Any, x2: Any) -> Tensor:
        return function(*tensors(x1, x2))

    return call


def _hypot(x1: Tensor, x2: Tensor) -> Tensor:
    """Return `sqrt(x1**2 + x2**2)`, whose gradient at the origin is zero; that of `torch.hypot` is NaN."""
    is_zero = (x1 == 0) & (x2 == 0)
    return torch.where(is_zero, 0, torch.hypot(torch.where(is_zero, 1, x1), x2))


abs = _unary(torch.abs)
acos = _unary(torch.acos)
acosh = _unary(torch.acosh)
asin = _unary(torch.asin)
asinh = _unary(torch.asinh)
atan = _unary(torch.atan)
atanh = _unary(torch.atanh)
bitwise_invert = _unary(torch.bitwise_not)
ceil = _unary(torch.ceil)
conj = _unary(torch.conj_physical)  # `torch.conj` returns a view that other libraries cannot read
cos = _unary(torch.cos)
cosh = _unary(torch.cosh)
exp = _unary(torch.exp)
expm1 = _unary(torch.expm1)
floor = _unary(torch.floor)
isfinite = _unary(torch.isfinite)
isinf = _unary(torch.isinf)
isnan = _unary(torch.isnan)
log = _unary(torch.log)
log10 = _unary(torch.log10)
log1p = _unary(torch.log1p)
log2 = _unary(torch.log2)
logical_not = _unary(torch.logical_not)
negative = _unary(torch.negative)
positive = _unary(torch.positive)
real = _unary(torch.real)
reciprocal = _unary(torch.reciprocal)
signbit = _unary(torch.signbit)
sin = _unary(torch.sin)
sinh = _unary(torch.sinh)
sqrt = _unary(torch.sqrt)
square = _unary(torch.square)
tan = _unary(torch.tan)
tanh = _unary(torch.tanh)
trunc = _unary(torch.trunc)

add = _binary(torch.add)
bitwise_and = _binary(torch.bitwise_and)
bitwise_left_shift = _binary(torch.bitwise_left_shift)
bitwise_or = _binary(torch.bitwise_or)
bitwise_right_shift = _binary(torch.bitwise_right_shift)
bitwise_xor = _binary(torch.bitwise_xor)
divide = _binary(torch.divide)
multiply = _binary(torch.multiply)
pow = _binary(torch.pow)
subtract = _binary(torch.subtract)

atan2 = _on_tensors(torch.atan2)
copysign = _on_tensors(torch.copysign)
equal = _on_tensors(torch.eq)
greater = _on_tensors(torch.greater)
greater_equal = _on_tensors(torch.greater_equal)
hypot = _on_tensors(_hypot)
less = _on_tensors(torch.less)
less_equal = _on_tensors(torch.less_equal)
logaddexp = _on_tensors(torch.logaddexp)
logical_and = _on_tensors(torch.logical_and)
logical_or = _on_tensors(torch.logical_or)
logical_xor = _on_tensors(torch.logical_xor)
maximum = _on_tensors(torch.maximum)
minimum = _on_tensors(torch.minimum)
nextafter = _on_tensors(torch.nextafter)
not_equal = _on_tensors(torch.ne)


def clip(x: Any, min: Any = None, max: Any = None) -> Tensor:
    x, min, max = tensor(x), as_number(min), as_number(max)
    if not (x.dtype.is_floating_point or x.dtype.is_complex) and x.dtype is not torch.bool:
        limits = torch.iinfo(x.dtype)  # a bound beyond the dtype is none, where torch would wrap it
        min = None if isinstance(min, int) and min <= limits.min else min
        max = None if isinstance(max, int) and max >= limits.max else max
    bounds = [bound for bound in (min, max) if bound is not None]
    if not bounds:
        return x.clone()
    if all(isinstance(bound, NUMBERS) for bound in bounds):
        if any(math.isnan(bound) for bound in bounds):
            return torch.full_like(x, math.nan)
        return torch.clamp(x, min, max)
    bounds = [bound if isinstance(bound, NUMBERS) else tensor(bound, x.device) for bound in bounds]
    dtype = result_dtype([x, *bounds])
    low, high = (None if bound is None else torch.as_tensor(bound, device=x.device).to(dtype) for bound in (min, max))
    return torch.clamp(x.to(dtype), low, high)


def floor_divide(x1: Any, x2: Any) -> Tensor:
    x1, x2 = tensors(x1, x2)
    found = torch.floor_divide(x1.detach(), x2.detach())  # which has no derivative, where that of `floor` is zero
    if not found.dtype.is_floating_point:
        return found
    # Of what is infinite or zero torch makes NaN, -1 or another zero than the standard.
    special = torch.isinf(x1) | torch.isinf(x2) | (x1 == 0)
    return torch.where(special, torch.floor(x1 / x2), found)


def imag(x: Any) -> Tensor:
    x = tensor(x)
    return torch.imag(x) if x.dtype.is_complex else torch.zeros_like(x)


def isclose(x1: Any, x2: Any, *, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: bool = False) -> Tensor:
    x1, x2 = tensors(x1, x2)
    if x1.dtype is torch.bool:  # torch subtracts them, which it refuses to do for booleans
        return torch.eq(x1, x2)
    return torch.isclose(x1, x2, rtol=rtol, atol=atol, equal_nan=equal_nan)


def nan_to_num(x: Any, *, nan: float = 0.0, posinf: float | None = None, neginf: float | None = None) -> Tensor:
    x = tensor(x)
    if x.dtype.is_complex:
        parts = (torch.nan_to_num(part, nan, posinf, neginf) for part in (x.real, x.imag))
        return torch.complex(*parts)
    return torch.nan_to_num(x, nan, posinf, neginf)


def remainder(x1: Any, x2: Any) -> Tensor:
    x1, x2 = tensors(x1, x2)
    found = torch.remainder(x1, x2)
    if not found.dtype.is_floating_point:
        return found
    # A zero has the sign of the divisor as well, by sums through which the derivative passes.
    zero = 0.0 - found
    return torch.where(found == 0, torch.where(torch.signbit(x2), -zero, 0.0 - zero), found)


def round(x: Any) -> Tensor:
    x = tensor(x)
    return torch.complex(torch.round(x.real), torch.round(x.imag)) if x.dtype.is_complex else torch.round(x)


def sign(x: Any) -> Tensor:
    x = tensor(x)
    if x.dtype.is_complex:
        return torch.sgn(x)
    # torch has 0 for NaN.
    return torch.where(torch.isnan(x), x, torch.sign(x)) if x.dtype.is_floating_point else torch.sign(x)
