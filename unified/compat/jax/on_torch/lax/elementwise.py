"""Functions of each element in `jax.lax`: `jax.numpy`'s without its promotion, so that dtypes and shapes must agree."""

from collections.abc import Callable
from typing import Any

import torch

from unified.compat.jax.on_torch import numpy as jnp
from unified.compat.jax.on_torch import tree_util as tree
from unified.compat.jax.on_torch.array import as_array, tensor
from unified.compat.jax.on_torch.behaviour import REQUIRED, Behaviour, jax_function
from unified.compat.jax.on_torch.dtypes import canonical, category, torch_dtype
from unified.compat.jax.on_torch.numpy.elementwise import bits_of

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

BEHAVIOUR = Behaviour(operands=REQUIRED, promotes=False)  # unless a decorator declares otherwise

# The kinds of dtypes that functions take, by the number that `category` gives them.
KINDS = ("booleans", "integers", "real numbers", "complex numbers")
INTEGERS, REAL, COMPLEX = (1,), (2,), (3,)
INEXACT, NUMBERS, ANY = (2, 3), (1, 2, 3), (0, 1, 2, 3)
DISCRETE, ORDERED = (0, 1), (0, 1, 2)


def _accepted(name: str, accepts: tuple[int, ...], x: torch.Tensor) -> torch.Tensor:
    if category(x.dtype) not in accepts:
        kinds = " or ".join(KINDS[kind] for kind in accepts)
        raise TypeError(f"lax.{name} takes {kinds}, got {x.dtype}: use jax.numpy, or astype first")
    return x


def alike(name: str, *values: Any) -> list[torch.Tensor]:
    """Return the operands as tensors; raise a `TypeError` unless they have one dtype, and one shape or no axes."""
    tensors = [tensor(value) for value in values]
    first = tensors[0]
    for other in tensors[1:]:
        if other.dtype is not first.dtype and canonical(other.dtype) is not canonical(first.dtype):
            raise TypeError(
                f"lax.{name} takes operands of one dtype, got {first.dtype} and {other.dtype}: jax.numpy promotes them"
            )
        if other.shape != first.shape and other.dim() and first.dim():
            raise TypeError(
                f"lax.{name} takes operands of one shape, got {tuple(first.shape)} and {tuple(other.shape)}: jax.numpy "
                "broadcasts them"
            )
        first = other if other.dim() else first
    return tensors


def _unary(function: Callable[[Any], torch.Tensor], accepts: tuple[int, ...], name: str = "") -> Any:
    name = name or function.__name__
    return lambda x, *, accuracy=None: function(_accepted(name, accepts, tensor(x)))


def _binary(function: Callable[[Any, Any], torch.Tensor], accepts: tuple[int, ...], name: str = "") -> Any:
    name = name or function.__name__

    def binary(x: Any, y: Any) -> torch.Tensor:
        x, y = alike(name, x, y)
        return function(_accepted(name, accepts, x), y)

    return binary


def _remainder(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """Return the remainder: of an integer by zero the integer, where torch raises."""
    return torch.fmod(x, y) if x.is_floating_point() else torch.where(y == 0, x, jnp.fmod(x, y))


add = _binary(torch.add, NUMBERS)
sub = _binary(torch.sub, NUMBERS)
mul = _binary(torch.mul, NUMBERS)
rem = _binary(_remainder, INTEGERS + REAL, "rem")
max = _binary(torch.maximum, ANY, "max")
min = _binary(torch.minimum, ANY, "min")
atan2 = _binary(torch.atan2, INEXACT)
nextafter = _binary(torch.nextafter, REAL)

eq, ne = _binary(torch.eq, ANY), _binary(torch.ne, ANY)
lt, le = _binary(torch.lt, ORDERED), _binary(torch.le, ORDERED)
gt, ge = _binary(torch.gt, ORDERED), _binary(torch.ge, ORDERED)

bitwise_and = _binary(torch.bitwise_and, DISCRETE)
bitwise_or = _binary(torch.bitwise_or, DISCRETE)
bitwise_xor = _binary(torch.bitwise_xor, DISCRETE)
bitwise_not = _unary(torch.bitwise_not, DISCRETE)
shift_left = _binary(torch.bitwise_left_shift, INTEGERS, "shift_left")
shift_right_arithmetic = _binary(torch.bitwise_right_shift, INTEGERS, "shift_right_arithmetic")

abs, neg, sign = _unary(jnp.abs, NUMBERS), _unary(torch.neg, NUMBERS), _unary(torch.sgn, NUMBERS, "sign")
square = _unary(torch.square, NUMBERS)
sin, cos, tan = _unary(torch.sin, INEXACT), _unary(torch.cos, INEXACT), _unary(torch.tan, INEXACT)
asin, acos, atan = _unary(torch.asin, INEXACT), _unary(torch.acos, INEXACT), _unary(torch.atan, INEXACT)
sinh, cosh, tanh = _unary(torch.sinh, INEXACT), _unary(torch.cosh, INEXACT), _unary(torch.tanh, INEXACT)
asinh, acosh, atanh = _unary(torch.asinh, INEXACT), _unary(torch.acosh, INEXACT), _unary(torch.atanh, INEXACT)
exp, exp2, expm1 = _unary(torch.exp, INEXACT), _unary(torch.exp2, INEXACT), _unary(torch.expm1, INEXACT)
log, log1p = _unary(torch.log, INEXACT), _unary(torch.log1p, INEXACT)
sqrt, rsqrt = _unary(torch.sqrt, INEXACT), _unary(torch.rsqrt, INEXACT)
reciprocal, logistic = _unary(torch.reciprocal, INEXACT), _unary(torch.sigmoid, INEXACT, "logistic")
cbrt, ceil, floor = _unary(jnp.cbrt, REAL), _unary(torch.ceil, REAL), _unary(torch.floor, REAL)
is_finite = _unary(torch.isfinite, REAL, "is_finite")
erf, erfc, erf_inv = _unary(torch.erf, REAL), _unary(torch.erfc, REAL), _unary(torch.erfinv, REAL, "erf_inv")
lgamma, digamma = _unary(torch.lgamma, REAL), _unary(torch.digamma, REAL)
real, imag = _unary(torch.real, COMPLEX), _unary(torch.imag, COMPLEX)


def conj(x: Any, input_dtype: Any = None) -> torch.Tensor:
    """Return the conjugate as a complex number, of a real one as well."""
    x = _accepted("conj", INEXACT, tensor(x))
    if x.dtype in (torch.float16, torch.bfloat16):
        raise TypeError(f"lax.conj takes real numbers of 32 or 64 bits or complex numbers, got {x.dtype}")
    return torch.conj(x) if x.is_complex() else torch.complex(x, torch.zeros_like(x))


def div(x: Any, y: Any) -> torch.Tensor:
    """Of integers, the quotient rounded towards zero."""
    x, y = alike("div", x, y)
    if _accepted("div", NUMBERS, x).is_floating_point() or x.is_complex():
        return torch.div(x, y)
    zero = y == 0  # XLA gives -1 where torch raises
    return torch.where(zero, -1, torch.div(x, torch.where(zero, 1, y), rounding_mode="trunc")).to(x.dtype)


def pow(x: Any, y: Any) -> torch.Tensor:
    """Return the power by an exponent of integers, or of the base's dtype."""
    x, y = tensor(x), tensor(y)
    if category(y.dtype) != 1:
        x, y = alike("pow", x, y)
    return torch.pow(_accepted("pow", INEXACT, x), y)


@jax_function(operands="x")
def integer_pow(x: Any, y: int) -> torch.Tensor:
    x = tensor(x)
    return torch.pow(_accepted("integer_pow", NUMBERS if y >= 0 else INEXACT, x), y)


def complex(x: Any, y: Any) -> torch.Tensor:
    return torch.complex(*[_accepted("complex", REAL, value) for value in alike("complex", x, y)])


@jax_function(operands="x")
def round(x: Any, rounding_method: Any = 0) -> torch.Tensor:
    """Half away from zero (0), or to even (1)."""
    x = _accepted("round", REAL, tensor(x))
    if int(rounding_method):
        return torch.round(x)
    return torch.trunc(x + torch.copysign(torch.full_like(x, 0.5), x))


def clamp(min: Any, x: Any, max: Any) -> torch.Tensor:
    low, x, high = alike("clamp", min, x, max)
    if any(bound.dim() and bound.shape != x.shape for bound in (low, high)):
        shapes = [tuple(value.shape) for value in (low, x, high)]
        raise TypeError(f"lax.clamp takes bounds that are numbers or of the operand's shape, got {shapes}")
    return jnp.clip(x, low, high)


@jax_function(weak=False)
def convert_element_type(operand: Any, new_dtype: Any) -> torch.Tensor:
    return jnp.astype(operand, new_dtype)


@jax_function(weak=False)
def bitcast_convert_type(operand: Any, new_dtype: Any) -> torch.Tensor:
    """Return the bits as `new_dtype`: with one more axis for smaller elements, and without the last for larger ones."""
    x, target = tensor(operand), torch_dtype(new_dtype)
    if x.dtype is not target and (torch.bool in (x.dtype, target) or x.is_complex() or target.is_complex):
        raise TypeError(f"booleans and complex numbers are not converted bit by bit, got {x.dtype} for {target}")
    if target.itemsize < x.element_size():
        return x.contiguous().unsqueeze(-1).view(target)
    result = x.contiguous().view(target)
    return result if target.itemsize == x.element_size() else result.squeeze(-1)


@jax_function(operands="operand")
def reduce_precision(operand: Any, exponent_bits: int, mantissa_bits: int) -> torch.Tensor:
    x = _accepted("reduce_precision", REAL, tensor(operand))
    narrow = {(5, 10): torch.float16, (8, 7): torch.bfloat16, (8, 23): torch.float32}.get(
        (exponent_bits, mantissa_bits)
    )
    if narrow is None:
        raise NotImplementedError("reduce_precision on torch knows the precisions of float16, bfloat16 and float32")
    return x.to(narrow).to(x.dtype)


def _number(value: Any) -> torch.Tensor:
    result = tensor(value)
    if result.dim():
        raise TypeError(f"lax.full takes a number, got an array of shape {tuple(result.shape)}: use jax.numpy.full")
    return result


@jax_function(operands="fill_value")
def full(shape: Any, fill_value: Any, dtype: Any = None, **placing: Any) -> torch.Tensor:
    return jnp.full(shape, _number(fill_value), dtype)


@jax_function(operands="x")
def full_like(x: Any, fill_value: Any, dtype: Any = None, shape: Any = None, **placing: Any) -> torch.Tensor:
    return jnp.full_like(x, _number(fill_value), dtype, shape)


@jax_function(operands="on_true on_false")
def select(pred: Any, on_true: Any, on_false: Any) -> torch.Tensor:
    return select_n(pred, on_false, on_true)


@jax_function(operands="cases")
def select_n(which: Any, *cases: Any) -> torch.Tensor:
    which, tensors = tensor(which), alike("select_n", *cases)
    shape = tensors[0].shape
    if any(case.shape != shape for case in tensors) or (which.dim() and which.shape != shape):
        shapes = [tuple(value.shape) for value in (which, *tensors)]
        raise TypeError(f"lax.select_n takes cases of one shape, and as many choices or one, got {shapes}")
    if which.dtype not in (torch.bool, torch.int32):
        raise TypeError(f"lax.select_n chooses by booleans or int32, got {which.dtype}")
    which = which if which.dtype is torch.bool else which.clamp(0, len(tensors) - 1)
    result = tensors[0]
    for place, case in enumerate(tensors[1:], 1):
        result = torch.where(which == place, case, result)
    return result


def shift_right_logical(x: Any, y: Any) -> torch.Tensor:
    x, y = alike("shift_right_logical", x, y)
    bits = _accepted("shift_right_logical", INTEGERS, x).element_size() * 8
    wide = x.to(torch.int64) & ((1 << bits) - 1)
    return (wide >> y.to(torch.int64)).to(x.dtype)


def population_count(x: Any) -> torch.Tensor:
    x = _accepted("population_count", INTEGERS, tensor(x))
    return bits_of(x).to(x.dtype)


def clz(x: Any) -> torch.Tensor:
    x = _accepted("clz", INTEGERS, tensor(x))
    bits = x.element_size() * 8
    wide = x.to(torch.int64) & ((1 << bits) - 1)
    result = torch.full_like(wide, bits)
    for place in range(bits):
        result = torch.where(wide >> place > 0, bits - 1 - place, result)
    return result.to(x.dtype)


@jax_function(on_arrays=True)
def optimization_barrier(operand: Any) -> Any:
    return tree.tree_map(as_array, operand)
