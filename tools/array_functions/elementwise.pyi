"""Functions of each element.

Shapes broadcast, dtypes are promoted as the standard promotes them, and numbers take the dtype of the arrays beside
them.
"""

def abs(x: ArrayT, /) -> ArrayT:
    """Return the absolute value; its gradient at zero is zero."""

def acos(x: ArrayT, /) -> ArrayT:
    """Return the inverse cosine."""

def acosh(x: ArrayT, /) -> ArrayT:
    """Return the inverse hyperbolic cosine."""

def add(x1: ArrayT | complex, x2: ArrayT | complex, /) -> ArrayT:
    """Return `x1 + x2`."""

def asin(x: ArrayT, /) -> ArrayT:
    """Return the inverse sine."""

def asinh(x: ArrayT, /) -> ArrayT:
    """Return the inverse hyperbolic sine."""

def atan(x: ArrayT, /) -> ArrayT:
    """Return the inverse tangent."""

def atan2(x1: ArrayT | float, x2: ArrayT | float, /) -> ArrayT:
    """Return the angle of the point `(x2, x1)`."""

def atanh(x: ArrayT, /) -> ArrayT:
    """Return the inverse hyperbolic tangent."""

def bitwise_and(x1: ArrayT | int, x2: ArrayT | int, /) -> ArrayT:
    """Return `x1 & x2`."""

def bitwise_invert(x: ArrayT, /) -> ArrayT:
    """Return `~x`."""

def bitwise_left_shift(x1: ArrayT | int, x2: ArrayT | int, /) -> ArrayT:
    """Return `x1 << x2`."""

def bitwise_or(x1: ArrayT | int, x2: ArrayT | int, /) -> ArrayT:
    """Return `x1 | x2`."""

def bitwise_right_shift(x1: ArrayT | int, x2: ArrayT | int, /) -> ArrayT:
    """Return `x1 >> x2`."""

def bitwise_xor(x1: ArrayT | int, x2: ArrayT | int, /) -> ArrayT:
    """Return `x1 ^ x2`."""

def ceil(x: ArrayT, /) -> ArrayT:
    """Return the least integer that is not less, in the dtype of `x`."""

def clip(x: ArrayT, /, min: ArrayLike | float | None = None, max: ArrayLike | float | None = None) -> ArrayT:
    """Return `x`, with `min` for what is less and `max` for what is more; the gradient at a bound is 1."""

def conj(x: ArrayT, /) -> ArrayT:
    """Return the complex conjugate."""

def copysign(x1: ArrayT | float, x2: ArrayT | float, /) -> ArrayT:
    """Return `x1` with the sign of `x2`."""

def cos(x: ArrayT, /) -> ArrayT:
    """Return the cosine."""

def cosh(x: ArrayT, /) -> ArrayT:
    """Return the hyperbolic cosine."""

def divide(x1: ArrayT | complex, x2: ArrayT | complex, /) -> ArrayT:
    """Return `x1 / x2`."""

def equal(x1: ArrayT | complex, x2: ArrayT | complex, /) -> ArrayT:
    """Return `x1 == x2`."""

def exp(x: ArrayT, /) -> ArrayT:
    """Return e to the power of `x`."""

def expm1(x: ArrayT, /) -> ArrayT:
    """Return `exp(x) - 1`, precise near zero."""

def floor(x: ArrayT, /) -> ArrayT:
    """Return the greatest integer that is not more, in the dtype of `x`."""

def floor_divide(x1: ArrayT | float, x2: ArrayT | float, /) -> ArrayT:
    """Return `x1 // x2`."""

def greater(x1: ArrayT | float, x2: ArrayT | float, /) -> ArrayT:
    """Return `x1 > x2`."""

def greater_equal(x1: ArrayT | float, x2: ArrayT | float, /) -> ArrayT:
    """Return `x1 >= x2`."""

def hypot(x1: ArrayT | float, x2: ArrayT | float, /) -> ArrayT:
    """Return `sqrt(x1**2 + x2**2)`."""

def imag(x: ArrayT, /) -> ArrayT:
    """Return the imaginary part."""

def isclose(
    x1: ArrayT | complex, x2: ArrayT | complex, /, *, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: bool = False
) -> ArrayT:
    """Return whether `|x1 - x2| <= atol + rtol * |x2|`. (Beyond the standard.)"""

def isfinite(x: ArrayT, /) -> ArrayT:
    """Return whether a value is neither infinite nor NaN."""

def isinf(x: ArrayT, /) -> ArrayT:
    """Return whether a value is infinite."""

def isnan(x: ArrayT, /) -> ArrayT:
    """Return whether a value is NaN."""

def less(x1: ArrayT | float, x2: ArrayT | float, /) -> ArrayT:
    """Return `x1 < x2`."""

def less_equal(x1: ArrayT | float, x2: ArrayT | float, /) -> ArrayT:
    """Return `x1 <= x2`."""

def log(x: ArrayT, /) -> ArrayT:
    """Return the natural logarithm."""

def log10(x: ArrayT, /) -> ArrayT:
    """Return the logarithm to base 10."""

def log1p(x: ArrayT, /) -> ArrayT:
    """Return `log(1 + x)`, precise near zero."""

def log2(x: ArrayT, /) -> ArrayT:
    """Return the logarithm to base 2."""

def logaddexp(x1: ArrayT | float, x2: ArrayT | float, /) -> ArrayT:
    """Return `log(exp(x1) + exp(x2))`."""

def logical_and(x1: ArrayT | bool, x2: ArrayT | bool, /) -> ArrayT:
    """Return whether both are true."""

def logical_not(x: ArrayT, /) -> ArrayT:
    """Return whether a value is false."""

def logical_or(x1: ArrayT | bool, x2: ArrayT | bool, /) -> ArrayT:
    """Return whether one of both is true."""

def logical_xor(x1: ArrayT | bool, x2: ArrayT | bool, /) -> ArrayT:
    """Return whether exactly one of both is true."""

def maximum(x1: ArrayT | float, x2: ArrayT | float, /) -> ArrayT:
    """Return the greater of both; where they are equal, each has half of the gradient."""

def minimum(x1: ArrayT | float, x2: ArrayT | float, /) -> ArrayT:
    """Return the lesser of both; where they are equal, each has half of the gradient."""

def multiply(x1: ArrayT | complex, x2: ArrayT | complex, /) -> ArrayT:
    """Return `x1 * x2`."""

def nan_to_num(x: ArrayT, /, *, nan: float = 0.0, posinf: float | None = None, neginf: float | None = None) -> ArrayT:
    """Return `x` with other numbers for NaN and infinities (`None`: the greatest and least). (Beyond the standard.)"""

def negative(x: ArrayT, /) -> ArrayT:
    """Return `-x`."""

def nextafter(x1: ArrayT | float, x2: ArrayT | float, /) -> ArrayT:
    """Return the number next to `x1` on the way to `x2`."""

def not_equal(x1: ArrayT | complex, x2: ArrayT | complex, /) -> ArrayT:
    """Return `x1 != x2`."""

def positive(x: ArrayT, /) -> ArrayT:
    """Return `+x`."""

def pow(x1: ArrayT | complex, x2: ArrayT | complex, /) -> ArrayT:
    """Return `x1 ** x2`."""

def real(x: ArrayT, /) -> ArrayT:
    """Return the real part."""

def reciprocal(x: ArrayT, /) -> ArrayT:
    """Return `1 / x`."""

def remainder(x1: ArrayT | float, x2: ArrayT | float, /) -> ArrayT:
    """Return `x1 % x2`, which has the sign of `x2`."""

def round(x: ArrayT, /) -> ArrayT:
    """Return the nearest integer, of two the even one, in the dtype of `x`."""

def sign(x: ArrayT, /) -> ArrayT:
    """Return -1, 0 or 1 by the sign of a value; `x / |x|` of a complex one."""

def signbit(x: ArrayT, /) -> ArrayT:
    """Return whether the sign bit is set."""

def sin(x: ArrayT, /) -> ArrayT:
    """Return the sine."""

def sinh(x: ArrayT, /) -> ArrayT:
    """Return the hyperbolic sine."""

def sqrt(x: ArrayT, /) -> ArrayT:
    """Return the square root."""

def square(x: ArrayT, /) -> ArrayT:
    """Return `x * x`."""

def subtract(x1: ArrayT | complex, x2: ArrayT | complex, /) -> ArrayT:
    """Return `x1 - x2`."""

def tan(x: ArrayT, /) -> ArrayT:
    """Return the tangent."""

def tanh(x: ArrayT, /) -> ArrayT:
    """Return the hyperbolic tangent."""

def trunc(x: ArrayT, /) -> ArrayT:
    """Return the integer part, in the dtype of `x`."""
