"""Functions of each element.

Shapes broadcast, dtypes are promoted as the standard promotes them, and numbers take the dtype of the arrays beside
them.

Written by `make generate` from the stub in tools/array_functions/.
"""

from unified.core.annotations import ArrayLike, ArrayT
from unified.core.array_functions import functions_of
from unified.core.scope import current

# fmt: off
__all__ = [
    "abs", "acos", "acosh", "add", "asin", "asinh", "atan", "atan2", "atanh", "bitwise_and", "bitwise_invert",
    "bitwise_left_shift", "bitwise_or", "bitwise_right_shift", "bitwise_xor", "ceil", "clip", "conj", "copysign",
    "cos", "cosh", "divide", "equal", "exp", "expm1", "floor", "floor_divide", "greater", "greater_equal", "hypot",
    "imag", "isclose", "isfinite", "isinf", "isnan", "less", "less_equal", "log", "log10", "log1p", "log2",
    "logaddexp", "logical_and", "logical_not", "logical_or", "logical_xor", "maximum", "minimum", "multiply",
    "nan_to_num", "negative", "nextafter", "not_equal", "positive", "pow", "real", "reciprocal", "remainder", "round",
    "sign", "signbit", "sin", "sinh", "sqrt", "square", "subtract", "tan", "tanh", "trunc",
]


def abs(x: ArrayT, /) -> ArrayT:
    """Return the absolute value; its gradient at zero is zero."""
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).abs(x)

def acos(x: ArrayT, /) -> ArrayT:
    """Return the inverse cosine."""
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).acos(x)

def acosh(x: ArrayT, /) -> ArrayT:
    """Return the inverse hyperbolic cosine."""
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).acosh(x)

def add(x1: ArrayT | complex, x2: ArrayT | complex, /) -> ArrayT:
    """Return `x1 + x2`."""
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x1, x2)).add(x1, x2)

def asin(x: ArrayT, /) -> ArrayT:
    """Return the inverse sine."""
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).asin(x)

def asinh(x: ArrayT, /) -> ArrayT:
    """Return the inverse hyperbolic sine."""
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).asinh(x)

def atan(x: ArrayT, /) -> ArrayT:
    """Return the inverse tangent."""
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).atan(x)

def atan2(x1: ArrayT | float, x2: ArrayT | float, /) -> ArrayT:
    """Return the angle of the point `(x2, x1)`."""
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x1, x2)).atan2(x1, x2)

def atanh(x: ArrayT, /) -> ArrayT:
    """Return the inverse hyperbolic tangent."""
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).atanh(x)

def bitwise_and(x1: ArrayT | int, x2: ArrayT | int, /) -> ArrayT:
    """Return `x1 & x2`."""
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x1, x2)).bitwise_and(x1, x2)

def bitwise_invert(x: ArrayT, /) -> ArrayT:
    """Return `~x`."""
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).bitwise_invert(x)

def bitwise_left_shift(x1: ArrayT | int, x2: ArrayT | int, /) -> ArrayT:
    """Return `x1 << x2`."""
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x1, x2)).bitwise_left_shift(x1, x2)

def bitwise_or(x1: ArrayT | int, x2: ArrayT | int, /) -> ArrayT:
    """Return `x1 | x2`."""
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x1, x2)).bitwise_or(x1, x2)

def bitwise_right_shift(x1: ArrayT | int, x2: ArrayT | int, /) -> ArrayT:
    """Return `x1 >> x2`."""
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x1, x2)).bitwise_right_shift(x1, x2)

def bitwise_xor(x1: ArrayT | int, x2: ArrayT | int, /) -> ArrayT:
    """Return `x1 ^ x2`."""
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x1, x2)).bitwise_xor(x1, x2)

def ceil(x: ArrayT, /) -> ArrayT:
    """Return the least integer that is not less, in the dtype of `x`."""
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).ceil(x)

def clip(x: ArrayT, /, min: ArrayLike | float | None = None, max: ArrayLike | float | None = None) -> ArrayT:
    """Return `x`, with `min` for what is less and `max` for what is more; the gradient at a bound is 1."""
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x, min, max)).clip(x, min, max)

def conj(x: ArrayT, /) -> ArrayT:
    """Return the complex conjugate."""
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).conj(x)

def copysign(x1: ArrayT | float, x2: ArrayT | float, /) -> ArrayT:
    """Return `x1` with the sign of `x2`."""
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x1, x2)).copysign(x1, x2)

def cos(x: ArrayT, /) -> ArrayT:
    """Return the cosine."""
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).cos(x)

def cosh(x: ArrayT, /) -> ArrayT:
    """Return the hyperbolic cosine."""
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).cosh(x)

def divide(x1: ArrayT | complex, x2: ArrayT | complex, /) -> ArrayT:
    """Return `x1 / x2`."""
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x1, x2)).divide(x1, x2)

def equal(x1: ArrayT | complex, x2: ArrayT | complex, /) -> ArrayT:
    """Return `x1 == x2`."""
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x1, x2)).equal(x1, x2)

def exp(x: ArrayT, /) -> ArrayT:
    """Return e to the power of `x`."""
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).exp(x)

def expm1(x: ArrayT, /) -> ArrayT:
    """Return `exp(x) - 1`, precise near zero."""
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).expm1(x)

def floor(x: ArrayT, /) -> ArrayT:
    """Return the greatest integer that is not more, in the dtype of `x`."""
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).floor(x)

def floor_divide(x1: ArrayT | float, x2: ArrayT | float, /) -> ArrayT:
    """Return `x1 // x2`."""
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x1, x2)).floor_divide(x1, x2)

def greater(x1: ArrayT | float, x2: ArrayT | float, /) -> ArrayT:
    """Return `x1 > x2`."""
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x1, x2)).greater(x1, x2)

def greater_equal(x1: ArrayT | float, x2: ArrayT | float, /) -> ArrayT:
    """Return `x1 >= x2`."""
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x1, x2)).greater_equal(x1, x2)

def hypot(x1: ArrayT | float, x2: ArrayT | float, /) -> ArrayT:
    """Return `sqrt(x1**2 + x2**2)`."""
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x1, x2)).hypot(x1, x2)

def imag(x: ArrayT, /) -> ArrayT:
    """Return the imaginary part."""
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).imag(x)

def isclose(
    x1: ArrayT | complex, x2: ArrayT | complex, /, *, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: bool = False
) -> ArrayT:
    """Return whether `|x1 - x2| <= atol + rtol * |x2|`. (Beyond the standard.)"""
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x1, x2)).isclose(
        x1, x2, rtol=rtol, atol=atol, equal_nan=equal_nan)

def isfinite(x: ArrayT, /) -> ArrayT:
    """Return whether a value is neither infinite nor NaN."""
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).isfinite(x)

def isinf(x: ArrayT, /) -> ArrayT:
    """Return whether a value is infinite."""
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).isinf(x)

def isnan(x: ArrayT, /) -> ArrayT:
    """Return whether a value is NaN."""
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).isnan(x)

def less(x1: ArrayT | float, x2: ArrayT | float, /) -> ArrayT:
    """Return `x1 < x2`."""
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x1, x2)).less(x1, x2)

def less_equal(x1: ArrayT | float, x2: ArrayT | float, /) -> ArrayT:
    """Return `x1 <= x2`."""
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x1, x2)).less_equal(x1, x2)

def log(x: ArrayT, /) -> ArrayT:
    """Return the natural logarithm."""
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).log(x)

def log10(x: ArrayT, /) -> ArrayT:
    """Return the logarithm to base 10."""
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).log10(x)

def log1p(x: ArrayT, /) -> ArrayT:
    """Return `log(1 + x)`, precise near zero."""
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).log1p(x)

def log2(x: ArrayT, /) -> ArrayT:
    """Return the logarithm to base 2."""
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).log2(x)

def logaddexp(x1: ArrayT | float, x2: ArrayT | float, /) -> ArrayT:
    """Return `log(exp(x1) + exp(x2))`."""
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x1, x2)).logaddexp(x1, x2)

def logical_and(x1: ArrayT | bool, x2: ArrayT | bool, /) -> ArrayT:
    """Return whether both are true."""
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x1, x2)).logical_and(x1, x2)

def logical_not(x: ArrayT, /) -> ArrayT:
    """Return whether a value is false."""
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).logical_not(x)

def logical_or(x1: ArrayT | bool, x2: ArrayT | bool, /) -> ArrayT:
    """Return whether one of both is true."""
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x1, x2)).logical_or(x1, x2)

def logical_xor(x1: ArrayT | bool, x2: ArrayT | bool, /) -> ArrayT:
    """Return whether exactly one of both is true."""
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x1, x2)).logical_xor(x1, x2)

def maximum(x1: ArrayT | float, x2: ArrayT | float, /) -> ArrayT:
    """Return the greater of both; where they are equal, each has half of the gradient."""
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x1, x2)).maximum(x1, x2)

def minimum(x1: ArrayT | float, x2: ArrayT | float, /) -> ArrayT:
    """Return the lesser of both; where they are equal, each has half of the gradient."""
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x1, x2)).minimum(x1, x2)

def multiply(x1: ArrayT | complex, x2: ArrayT | complex, /) -> ArrayT:
    """Return `x1 * x2`."""
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x1, x2)).multiply(x1, x2)

def nan_to_num(x: ArrayT, /, *, nan: float = 0.0, posinf: float | None = None, neginf: float | None = None) -> ArrayT:
    """Return `x` with other numbers for NaN and infinities (`None`: the greatest and least). (Beyond the standard.)"""
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).nan_to_num(
        x, nan=nan, posinf=posinf, neginf=neginf)

def negative(x: ArrayT, /) -> ArrayT:
    """Return `-x`."""
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).negative(x)

def nextafter(x1: ArrayT | float, x2: ArrayT | float, /) -> ArrayT:
    """Return the number next to `x1` on the way to `x2`."""
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x1, x2)).nextafter(x1, x2)

def not_equal(x1: ArrayT | complex, x2: ArrayT | complex, /) -> ArrayT:
    """Return `x1 != x2`."""
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x1, x2)).not_equal(x1, x2)

def positive(x: ArrayT, /) -> ArrayT:
    """Return `+x`."""
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).positive(x)

def pow(x1: ArrayT | complex, x2: ArrayT | complex, /) -> ArrayT:
    """Return `x1 ** x2`."""
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x1, x2)).pow(x1, x2)

def real(x: ArrayT, /) -> ArrayT:
    """Return the real part."""
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).real(x)

def reciprocal(x: ArrayT, /) -> ArrayT:
    """Return `1 / x`."""
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).reciprocal(x)

def remainder(x1: ArrayT | float, x2: ArrayT | float, /) -> ArrayT:
    """Return `x1 % x2`, which has the sign of `x2`."""
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x1, x2)).remainder(x1, x2)

def round(x: ArrayT, /) -> ArrayT:
    """Return the nearest integer, of two the even one, in the dtype of `x`."""
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).round(x)

def sign(x: ArrayT, /) -> ArrayT:
    """Return -1, 0 or 1 by the sign of a value; `x / |x|` of a complex one."""
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).sign(x)

def signbit(x: ArrayT, /) -> ArrayT:
    """Return whether the sign bit is set."""
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).signbit(x)

def sin(x: ArrayT, /) -> ArrayT:
    """Return the sine."""
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).sin(x)

def sinh(x: ArrayT, /) -> ArrayT:
    """Return the hyperbolic sine."""
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).sinh(x)

def sqrt(x: ArrayT, /) -> ArrayT:
    """Return the square root."""
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).sqrt(x)

def square(x: ArrayT, /) -> ArrayT:
    """Return `x * x`."""
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).square(x)

def subtract(x1: ArrayT | complex, x2: ArrayT | complex, /) -> ArrayT:
    """Return `x1 - x2`."""
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x1, x2)).subtract(x1, x2)

def tan(x: ArrayT, /) -> ArrayT:
    """Return the tangent."""
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).tan(x)

def tanh(x: ArrayT, /) -> ArrayT:
    """Return the hyperbolic tangent."""
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).tanh(x)

def trunc(x: ArrayT, /) -> ArrayT:
    """Return the integer part, in the dtype of `x`."""
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).trunc(x)
