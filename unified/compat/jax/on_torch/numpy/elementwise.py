"""Functions of each element: arithmetic, comparisons, logic, rounding, exponentials, trigonometry."""

from collections.abc import Callable
from typing import Any, Unpack

import torch

from unified.compat.jax.on_torch import tracing
from unified.compat.jax.on_torch.array import is_weak, tensor, unwrap
from unified.compat.jax.on_torch.behaviour import REQUIRED, Behaviour, Changes, jax_function, of_a_scalar
from unified.compat.jax.on_torch.dtypes import default_float, promoted, torch_dtype
from unified.compat.jax.on_torch.numpy.operands import as_float, as_number, in_float, is_greater, numeric, pair, same

__all__ = [
    "abs",
    "absolute",
    "acos",
    "acosh",
    "add",
    "angle",
    "arccos",
    "arccosh",
    "arcsin",
    "arcsinh",
    "arctan",
    "arctan2",
    "arctanh",
    "around",
    "asin",
    "asinh",
    "atan",
    "atan2",
    "atanh",
    "bitwise_and",
    "bitwise_count",
    "bitwise_invert",
    "bitwise_left_shift",
    "bitwise_not",
    "bitwise_or",
    "bitwise_right_shift",
    "bitwise_xor",
    "cbrt",
    "ceil",
    "clip",
    "conj",
    "conjugate",
    "copysign",
    "cos",
    "cosh",
    "deg2rad",
    "degrees",
    "divide",
    "divmod",
    "equal",
    "exp",
    "exp2",
    "expm1",
    "fabs",
    "fix",
    "float_power",
    "floor",
    "floor_divide",
    "fmax",
    "fmin",
    "fmod",
    "gcd",
    "greater",
    "greater_equal",
    "heaviside",
    "hypot",
    "i0",
    "imag",
    "invert",
    "isclose",
    "iscomplex",
    "isfinite",
    "isinf",
    "isnan",
    "isneginf",
    "isposinf",
    "isreal",
    "lcm",
    "ldexp",
    "left_shift",
    "less",
    "less_equal",
    "log",
    "log1p",
    "log2",
    "log10",
    "logaddexp",
    "logaddexp2",
    "logical_and",
    "logical_not",
    "logical_or",
    "logical_xor",
    "maximum",
    "minimum",
    "mod",
    "modf",
    "multiply",
    "nan_to_num",
    "negative",
    "nextafter",
    "not_equal",
    "positive",
    "pow",
    "power",
    "rad2deg",
    "radians",
    "real",
    "reciprocal",
    "remainder",
    "right_shift",
    "rint",
    "round",
    "sign",
    "signbit",
    "sin",
    "sinc",
    "sinh",
    "sqrt",
    "square",
    "subtract",
    "tan",
    "tanh",
    "true_divide",
    "trunc",
    "where",
]

BEHAVIOUR = Behaviour(operands=REQUIRED)  # unless a decorator declares otherwise


def _unary(
    function: Callable[[torch.Tensor], torch.Tensor], method: str = "", attribute: str = ""
) -> Callable[[Any], torch.Tensor]:
    return jax_function(kernel=function, method=method, attribute=attribute)(lambda x, /: function(tensor(x)))


def _float_unary(
    function: Callable[[torch.Tensor], torch.Tensor], **declared: Unpack[Changes]
) -> Callable[[Any], torch.Tensor]:
    return jax_function(**declared)(lambda x, /: function(as_float(x)))


def _is_whole(x: Any, *args: Any, **kwargs: Any) -> bool:
    return not tensor(unwrap(x)).is_floating_point()


def _rounding(function: Callable[[torch.Tensor], torch.Tensor]) -> Callable[[Any], torch.Tensor]:
    """Return the function with integers left as they are."""

    def rounded(x: Any, /) -> torch.Tensor:
        x = tensor(x)
        return function(x) if x.is_floating_point() or x.is_complex() else x

    return rounded


def _comparison(
    function: Callable[[Any, Any], torch.Tensor],
    operator: str,
    ordered: Callable[[torch.Tensor, torch.Tensor], torch.Tensor] | None = None,
) -> Callable[[Any, Any], torch.Tensor]:
    """Return a comparison; `ordered` is the one of complex numbers, which torch does not order."""

    @jax_function(operator=operator)
    def compare(x: Any, y: Any, /) -> torch.Tensor:
        x, y = same(x, y)
        return ordered(x, y) if ordered is not None and x.is_complex() else function(x, y)

    return compare


@jax_function(operator="add", kernel=torch.add)
def add(x: Any, y: Any, /) -> torch.Tensor:
    x, y = pair(x, y)
    return torch.add(x, y)


@jax_function(operator="sub", kernel=torch.sub)
def subtract(x: Any, y: Any, /) -> torch.Tensor:
    x, y = pair(x, y)
    if getattr(x if isinstance(x, torch.Tensor) else y, "dtype", None) is torch.bool:
        raise TypeError("booleans have no difference: use logical_xor, or astype first")
    return torch.sub(+x if isinstance(x, bool) else x, +y if isinstance(y, bool) else y)


@jax_function(operator="mul", kernel=torch.mul)
def multiply(x: Any, y: Any, /) -> torch.Tensor:
    x, y = pair(x, y)
    return torch.mul(x, y)


@jax_function(operator="truediv", kernel=torch.div)
def divide(x: Any, y: Any, /) -> torch.Tensor:
    x, y = pair(x, y)
    if (y if isinstance(y, torch.Tensor) else x).is_floating_point():
        return torch.div(x, y)
    return torch.div(*in_float(x, y))


true_divide = divide


@jax_function(operator="floordiv")
def floor_divide(x: Any, y: Any, /) -> torch.Tensor:
    x, y = numeric(x, y)
    if x.is_floating_point():
        return torch.floor(x / y)
    zero = y == 0  # where Python raises, and XLA makes -1 of zero and -2 of other integers
    by_zero = torch.where(x == 0, -1, -2)
    return torch.where(zero, by_zero, torch.div(x, torch.where(zero, 1, y), rounding_mode="floor")).to(x.dtype)


@jax_function(operator="mod")
def remainder(x: Any, y: Any, /) -> torch.Tensor:
    x, y = numeric(x, y)
    if x.is_floating_point():
        return torch.remainder(x, y)
    return torch.remainder(x, torch.where(y == 0, torch.ones_like(y), y))


mod = remainder


def fmod(x: Any, y: Any, /) -> torch.Tensor:
    x, y = numeric(x, y)
    return torch.fmod(x, y if y.is_floating_point() else torch.where(y == 0, torch.ones_like(y), y))


@jax_function(operator="divmod")
def divmod(x: Any, y: Any, /) -> tuple[torch.Tensor, torch.Tensor]:
    return floor_divide(x, y), remainder(x, y)


def _power_is_weak(x: Any, y: Any) -> bool:
    """Return whether a power is weak: of a weak base by a whole number, or by an array of weak, real ones."""
    if isinstance(y, int):
        return is_weak(x)
    if not _is_whole(y):
        return True
    return not _is_whole(x) and (is_weak(y) or tensor(unwrap(y)).dtype is torch.bool)


@jax_function(operator="pow", weak=_power_is_weak)
def power(x: Any, y: Any, /) -> torch.Tensor:
    x, y = pair(x, y)
    if getattr(x if isinstance(x, torch.Tensor) else y, "dtype", None) is torch.bool:
        x, y = numeric(x, y)
    return torch.pow(x, y)


pow = power


def float_power(x: Any, y: Any, /) -> torch.Tensor:
    return torch.pow(*in_float(x, y))


def maximum(x: Any, y: Any, /) -> torch.Tensor:
    x, y = same(x, y)
    return torch.where(is_greater(x, y), x, y) if x.is_complex() else torch.maximum(x, y)


def minimum(x: Any, y: Any, /) -> torch.Tensor:
    x, y = same(x, y)
    return torch.where(is_greater(x, y), y, x) if x.is_complex() else torch.minimum(x, y)


def fmax(x: Any, y: Any, /) -> torch.Tensor:
    return torch.fmax(*same(x, y))


def fmin(x: Any, y: Any, /) -> torch.Tensor:
    return torch.fmin(*same(x, y))


@jax_function(operands="arr min max a a_min a_max", method="clip")
def clip(
    arr: Any = None, /, min: Any = None, max: Any = None, *, a: Any = None, a_min: Any = None, a_max: Any = None
) -> torch.Tensor:
    """By maximum and minimum, whose gradients are halved at ties as JAX's are; torch's `clamp` has others."""
    low, high = (a_min if min is None else min), (a_max if max is None else max)
    x, *bounds = same(a if arr is None else arr, *[bound for bound in (low, high) if bound is not None])
    if low is not None:
        x = torch.maximum(bounds[0], x)
    if high is not None:
        x = torch.minimum(bounds[-1], x)
    return x


@jax_function(operands="x y")
def where(condition: Any, x: Any = None, y: Any = None, /, *, size: Any = None, fill_value: Any = None) -> Any:
    condition = tensor(condition).to(torch.bool)
    if x is None and y is None:
        from unified.compat.jax.on_torch.numpy.sorting import nonzero

        return nonzero(condition, size=size, fill_value=fill_value)
    x, y = same(x, y)
    return torch.where(condition, x, y)


def _logic(function: Callable[..., torch.Tensor]) -> Callable[..., torch.Tensor]:
    return lambda *values: function(*(tensor(value).to(torch.bool) for value in values))


def _bits(function: Callable[..., torch.Tensor], **declared: Unpack[Changes]) -> Callable[..., torch.Tensor]:
    return jax_function(**declared)(lambda x, y, /: function(*same(x, y)))


def _shift(function: Callable[..., torch.Tensor], operator: str) -> Callable[..., torch.Tensor]:
    return jax_function(operator=operator)(lambda x, y, /: function(*numeric(x, y)))


logical_and, logical_or = _logic(torch.logical_and), _logic(torch.logical_or)
logical_xor, logical_not = _logic(torch.logical_xor), _logic(torch.logical_not)
bitwise_and, bitwise_or = _bits(torch.bitwise_and, operator="and"), _bits(torch.bitwise_or, operator="or")
bitwise_xor = _bits(torch.bitwise_xor, operator="xor")
bitwise_not = bitwise_invert = invert = _unary(torch.bitwise_not, method="__invert__")
left_shift = bitwise_left_shift = _shift(torch.bitwise_left_shift, "lshift")
right_shift = bitwise_right_shift = _shift(torch.bitwise_right_shift, "rshift")
gcd, lcm = _bits(torch.gcd, weak="scalar"), _bits(torch.lcm, weak="scalar")

equal, not_equal = _comparison(torch.eq, "eq"), _comparison(torch.ne, "ne")
less = _comparison(torch.lt, "lt", lambda x, y: is_greater(y, x))
less_equal = _comparison(torch.le, "le", lambda x, y: is_greater(y, x) | (x == y))
greater = _comparison(torch.gt, "gt", is_greater)
greater_equal = _comparison(torch.ge, "ge", lambda x, y: is_greater(x, y) | (x == y))


@jax_function(method="__abs__")
def abs(x: Any, /) -> torch.Tensor:
    """With the gradient 1 at zero, as JAX's; that of `torch.abs` is 0."""
    x = tensor(x)
    if x.is_floating_point():
        return _absolute(x)
    return x if x.dtype is torch.bool else torch.abs(x)


@tracing.primitive(tracing.abstract_of)
def _absolute(x: torch.Tensor) -> torch.Tensor:
    return torch.where(x == 0, x + 0.0, torch.abs(x)) if x.requires_grad else torch.abs(x)


absolute = abs
fabs = _float_unary(torch.abs)


def sign(x: Any, /) -> torch.Tensor:
    x = tensor(x)
    if x.dtype is torch.bool:
        raise TypeError("booleans have no sign: astype makes numbers of them")
    return torch.sgn(x)


def square(x: Any, /) -> torch.Tensor:
    return torch.square(as_number(x))


negative, positive = _unary(torch.neg, method="__neg__"), _unary(torch.clone, method="__pos__")
reciprocal = _float_unary(torch.reciprocal)
conj = conjugate = _unary(torch.conj, method="conj conjugate")
real = _unary(torch.real, attribute="real")
imag = _unary(lambda x: x.imag if x.is_complex() else torch.zeros_like(x), attribute="imag")

exp, exp2, expm1 = _float_unary(torch.exp), _float_unary(torch.exp2), _float_unary(torch.expm1)
log, log1p = _float_unary(torch.log), _float_unary(torch.log1p)
log2, log10 = _float_unary(torch.log2, weak=False), _float_unary(torch.log10, weak=False)
sqrt = _float_unary(torch.sqrt)
sin, cos, tan = _float_unary(torch.sin), _float_unary(torch.cos), _float_unary(torch.tan)
arcsin, arccos, arctan = _float_unary(torch.asin), _float_unary(torch.acos), _float_unary(torch.atan)
asin, acos, atan = arcsin, arccos, arctan
sinh, cosh, tanh = _float_unary(torch.sinh), _float_unary(torch.cosh), _float_unary(torch.tanh)
arcsinh, arccosh, arctanh = _float_unary(torch.asinh), _float_unary(torch.acosh), _float_unary(torch.atanh)
asinh, acosh, atanh = arcsinh, arccosh, arctanh
sinc, i0 = _float_unary(torch.sinc, weak="scalar"), _float_unary(torch.special.i0)
deg2rad = radians = _float_unary(torch.deg2rad, weak="scalar")
rad2deg = degrees = _float_unary(torch.rad2deg, weak="scalar")
floor, ceil, trunc = map(_rounding, (torch.floor, torch.ceil, torch.trunc))
rint = _float_unary(torch.round, weak=lambda x: not _is_whole(x))
fix = trunc
isfinite, isinf, isnan = _unary(torch.isfinite), _unary(torch.isinf), _unary(torch.isnan)
isposinf, isneginf, isreal = _unary(torch.isposinf), _unary(torch.isneginf), _unary(torch.isreal)
signbit = _unary(torch.signbit)


@jax_function(weak=lambda z, deg=False: getattr(z, "ndim", 0) > 0 and not _is_whole(z))
def angle(z: Any, deg: bool = False) -> torch.Tensor:
    """Return the angle, in 32 bits at least if the number is real and without axes."""
    z = as_float(z)
    z = z if z.is_complex() or z.dim() else z.to(torch.promote_types(z.dtype, torch.float32))
    return torch.rad2deg(torch.angle(z)) if deg else torch.angle(z)


def cbrt(x: Any, /) -> torch.Tensor:
    x = as_float(x)
    return torch.sign(x) * torch.pow(torch.abs(x), 1 / 3)


def bits_of(x: torch.Tensor) -> torch.Tensor:
    """Count the bits of each integer that are set."""
    bits = x.element_size() * 8
    pattern, count = x.to(torch.int64) & ((1 << bits) - 1), torch.zeros_like(x, dtype=torch.int64)
    for place in range(bits):
        count = count + ((pattern >> place) & 1)
    return count


@jax_function(weak=False)
def bitwise_count(x: Any, /) -> torch.Tensor:
    """Count the bits of absolute values that are set, as NumPy does."""
    x = as_number(x)
    if x.is_floating_point() or x.is_complex():
        raise TypeError(f"bitwise_count counts the bits of integers, got {x.dtype}")
    return bits_of(torch.abs(x) if x.dtype.is_signed else x).to(torch.uint8)


def _of_a_scalar(a: Any, decimals: int = 0, *args: Any, **kwargs: Any) -> bool:
    return not decimals or not getattr(a, "ndim", 0) or _is_whole(a)


@jax_function(weak=_of_a_scalar, method="round")
def round(a: Any, decimals: int = 0, out: None = None) -> torch.Tensor:
    x = tensor(a)
    if x.dtype is torch.bool:
        raise TypeError("booleans are not rounded: astype makes numbers of them")
    if not x.is_floating_point() and not x.is_complex() and decimals >= 0:
        return x
    if x.is_complex():
        return torch.complex(round(x.real, decimals), round(x.imag, decimals))
    return torch.round(x) if not decimals else torch.round(x * 10.0**decimals) / 10.0**decimals


around = round


def arctan2(x: Any, y: Any, /) -> torch.Tensor:
    return torch.atan2(*in_float(x, y))


atan2 = arctan2


@jax_function(weak="scalar")
def hypot(x: Any, y: Any, /) -> torch.Tensor:
    return torch.hypot(*in_float(x, y))


def copysign(x: Any, y: Any, /) -> torch.Tensor:
    return torch.copysign(*in_float(x, y))


def nextafter(x: Any, y: Any, /) -> torch.Tensor:
    return torch.nextafter(*in_float(x, y))


@jax_function(promotes=False, weak=False)
def ldexp(x: Any, y: Any, /) -> torch.Tensor:
    x, y = as_float(x), tensor(y)
    if y.is_floating_point() or x.is_complex():
        raise ValueError(f"ldexp takes a real number and an integer, got {x.dtype} and {y.dtype}")
    return torch.ldexp(x, y.to(torch.int32)).to(x.dtype)


@jax_function(weak=of_a_scalar)
def heaviside(x: Any, y: Any, /) -> torch.Tensor:
    return torch.heaviside(*in_float(x, y))


def logaddexp(x: Any, y: Any, /) -> torch.Tensor:
    return torch.logaddexp(*in_float(x, y))


@jax_function(weak="scalar")
def logaddexp2(x: Any, y: Any, /) -> torch.Tensor:
    return torch.logaddexp2(*in_float(x, y))


def isclose(a: Any, b: Any, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False) -> torch.Tensor:
    a, b = in_float(a, b)
    return torch.isclose(a, b, rtol=rtol, atol=atol, equal_nan=equal_nan)


@jax_function(weak=_is_whole)
def nan_to_num(
    x: Any, copy: bool = True, nan: float = 0.0, posinf: float | None = None, neginf: float | None = None
) -> torch.Tensor:
    x = tensor(x)
    return torch.nan_to_num(x, nan, posinf, neginf) if x.is_floating_point() else x


def type_of(*values: Any) -> torch.dtype:
    """The dtype in which these values meet, numbers of Python and dtypes among them."""
    found = None
    for value in values:
        is_dtype = isinstance(value, torch.dtype | type | str) or type(value).__name__.endswith("DType")
        dtype = torch_dtype(value) if is_dtype else tensor(value).dtype
        found = dtype if found is None else promoted(found, dtype)
    return default_float() if found is None else found


def modf(x: Any, /) -> tuple[torch.Tensor, torch.Tensor]:
    """The fraction and the whole number."""
    x = as_float(x)
    whole = torch.trunc(x)
    return x - whole, whole


def iscomplex(x: Any) -> torch.Tensor:
    return logical_not(isreal(x))
