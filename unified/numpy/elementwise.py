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
    """Return the absolute value; its gradient at zero is zero.

    A complex number becomes its real magnitude.

    Source: array API standard 2024.12, `abs`.

    >>> import torch, unified.numpy as unp
    >>> unp.abs(torch.tensor([-2.0, 0.0, 3.0]))
    tensor([2., 0., 3.])
    """
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).abs(x)

def acos(x: ArrayT, /) -> ArrayT:
    """Return the inverse cosine, in radians from 0 to pi; NaN outside of -1 to 1.

    Source: array API standard 2024.12, `acos`.

    >>> import torch, unified.numpy as unp
    >>> unp.acos(torch.tensor([1.0, 0.0, -1.0]))
    tensor([0.0000, 1.5708, 3.1416])
    """
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).acos(x)

def acosh(x: ArrayT, /) -> ArrayT:
    """Return the inverse hyperbolic cosine; NaN below 1.

    Source: array API standard 2024.12, `acosh`.

    >>> import torch, unified.numpy as unp
    >>> unp.acosh(torch.tensor([1.0, 2.0]))
    tensor([0.0000, 1.3170])
    """
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).acosh(x)

def add(x1: ArrayT | complex, x2: ArrayT | complex, /) -> ArrayT:
    """Return `x1 + x2`.

    Source: array API standard 2024.12, `add`.

    >>> import jax.numpy as jnp, torch, unified.numpy as unp
    >>> unp.add(torch.tensor([1.0, 2.0]), 0.5)
    tensor([1.5000, 2.5000])
    >>> unp.add(jnp.array([1.0, 2.0]), 0.5)
    Array([1.5, 2.5], dtype=float32)
    """
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x1, x2)).add(x1, x2)

def asin(x: ArrayT, /) -> ArrayT:
    """Return the inverse sine, in radians from -pi / 2 to pi / 2; NaN outside of -1 to 1.

    Source: array API standard 2024.12, `asin`.

    >>> import torch, unified.numpy as unp
    >>> unp.asin(torch.tensor([0.0, 1.0]))
    tensor([0.0000, 1.5708])
    """
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).asin(x)

def asinh(x: ArrayT, /) -> ArrayT:
    """Return the inverse hyperbolic sine.

    Source: array API standard 2024.12, `asinh`.

    >>> import torch, unified.numpy as unp
    >>> unp.asinh(torch.tensor([0.0, 1.0]))
    tensor([0.0000, 0.8814])
    """
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).asinh(x)

def atan(x: ArrayT, /) -> ArrayT:
    """Return the inverse tangent, in radians from -pi / 2 to pi / 2.

    Source: array API standard 2024.12, `atan`.

    >>> import torch, unified.numpy as unp
    >>> unp.atan(torch.tensor([0.0, 1.0]))
    tensor([0.0000, 0.7854])
    """
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).atan(x)

def atan2(x1: ArrayT | float, x2: ArrayT | float, /) -> ArrayT:
    """Return the angle of the point `(x2, x1)`, in radians from -pi to pi; the gradient at the origin is zero.

    Source: array API standard 2024.12, `atan2`.

    >>> import torch, unified.numpy as unp
    >>> unp.atan2(torch.tensor([1.0, -1.0]), torch.tensor([0.0, -1.0]))
    tensor([ 1.5708, -2.3562])
    """
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x1, x2)).atan2(x1, x2)

def atanh(x: ArrayT, /) -> ArrayT:
    """Return the inverse hyperbolic tangent; NaN outside of -1 to 1.

    Source: array API standard 2024.12, `atanh`.

    >>> import torch, unified.numpy as unp
    >>> unp.atanh(torch.tensor([0.0, 0.5, 1.0]))
    tensor([0.0000, 0.5493,    inf])
    """
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).atanh(x)

def bitwise_and(x1: ArrayT | int, x2: ArrayT | int, /) -> ArrayT:
    """Return `x1 & x2` of integers or booleans.

    Source: array API standard 2024.12, `bitwise_and`.

    >>> import torch, unified.numpy as unp
    >>> unp.bitwise_and(torch.tensor([6, 5]), 3)
    tensor([2, 1])
    """
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x1, x2)).bitwise_and(x1, x2)

def bitwise_invert(x: ArrayT, /) -> ArrayT:
    """Return `~x` of integers or booleans.

    Source: array API standard 2024.12, `bitwise_invert`.

    >>> import torch, unified.numpy as unp
    >>> unp.bitwise_invert(torch.tensor([0, 5]))
    tensor([-1, -6])
    """
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).bitwise_invert(x)

def bitwise_left_shift(x1: ArrayT | int, x2: ArrayT | int, /) -> ArrayT:
    """Return `x1 << x2` of integers.

    Source: array API standard 2024.12, `bitwise_left_shift`.

    >>> import torch, unified.numpy as unp
    >>> unp.bitwise_left_shift(torch.tensor([1, 3]), 2)
    tensor([ 4, 12])
    """
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x1, x2)).bitwise_left_shift(x1, x2)

def bitwise_or(x1: ArrayT | int, x2: ArrayT | int, /) -> ArrayT:
    """Return `x1 | x2` of integers or booleans.

    Source: array API standard 2024.12, `bitwise_or`.

    >>> import torch, unified.numpy as unp
    >>> unp.bitwise_or(torch.tensor([6, 5]), 1)
    tensor([7, 5])
    """
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x1, x2)).bitwise_or(x1, x2)

def bitwise_right_shift(x1: ArrayT | int, x2: ArrayT | int, /) -> ArrayT:
    """Return `x1 >> x2` of integers; those of negative numbers stay negative.

    Source: array API standard 2024.12, `bitwise_right_shift`.

    >>> import torch, unified.numpy as unp
    >>> unp.bitwise_right_shift(torch.tensor([-8, 8]), 1)
    tensor([-4,  4])
    """
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x1, x2)).bitwise_right_shift(x1, x2)

def bitwise_xor(x1: ArrayT | int, x2: ArrayT | int, /) -> ArrayT:
    """Return `x1 ^ x2` of integers or booleans.

    Source: array API standard 2024.12, `bitwise_xor`.

    >>> import torch, unified.numpy as unp
    >>> unp.bitwise_xor(torch.tensor([6, 5]), 3)
    tensor([5, 6])
    """
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x1, x2)).bitwise_xor(x1, x2)

def ceil(x: ArrayT, /) -> ArrayT:
    """Return the least integer that is not less, in the dtype of `x`.

    Source: array API standard 2024.12, `ceil`.

    >>> import torch, unified.numpy as unp
    >>> unp.ceil(torch.tensor([-1.5, 1.5]))
    tensor([-1.,  2.])
    """
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).ceil(x)

def clip(x: ArrayT, /, min: ArrayLike | float | None = None, max: ArrayLike | float | None = None) -> ArrayT:
    """Return `x`, with `min` for what is less and `max` for what is more; the gradient at a bound is 1.

    Where `min` exceeds `max` the result is `max`; NaN stays NaN.

    Args:
        x: an array of any shape.
        min: the least value, a number or an array that broadcasts to `x`; `None` for no bound.
        max: the greatest value, likewise.

    Source: array API standard 2024.12, `clip`.

    >>> import torch, unified.numpy as unp
    >>> unp.clip(torch.tensor([-3.0, 0.5, 3.0]), 0.0, 1.0)
    tensor([0.0000, 0.5000, 1.0000])
    """
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x, min, max)).clip(x, min, max)

def conj(x: ArrayT, /) -> ArrayT:
    """Return the complex conjugate; real numbers stay as they are.

    Source: array API standard 2024.12, `conj`.

    >>> import torch, unified.numpy as unp
    >>> unp.conj(torch.tensor([1 + 2j])).tolist()
    [(1-2j)]
    """
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).conj(x)

def copysign(x1: ArrayT | float, x2: ArrayT | float, /) -> ArrayT:
    """Return `x1` with the sign of `x2`, where the sign of -0 is negative; the gradient at zero is zero.

    Source: array API standard 2024.12, `copysign`.

    >>> import torch, unified.numpy as unp
    >>> unp.copysign(torch.tensor([3.0, -3.0]), -0.0)
    tensor([-3., -3.])
    """
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x1, x2)).copysign(x1, x2)

def cos(x: ArrayT, /) -> ArrayT:
    """Return the cosine of angles in radians.

    Source: array API standard 2024.12, `cos`.

    >>> import torch, unified.numpy as unp
    >>> unp.cos(torch.tensor([0.0, 1.0]))
    tensor([1.0000, 0.5403])
    """
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).cos(x)

def cosh(x: ArrayT, /) -> ArrayT:
    """Return the hyperbolic cosine.

    Source: array API standard 2024.12, `cosh`.

    >>> import torch, unified.numpy as unp
    >>> unp.cosh(torch.tensor([0.0, 1.0]))
    tensor([1.0000, 1.5431])
    """
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).cosh(x)

def divide(x1: ArrayT | complex, x2: ArrayT | complex, /) -> ArrayT:
    """Return `x1 / x2`; of integers in floating-point numbers.

    Source: array API standard 2024.12, `divide`.

    >>> import torch, unified.numpy as unp
    >>> unp.divide(torch.tensor([1, 2]), torch.tensor([2, 2]))
    tensor([0.5000, 1.0000])
    """
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x1, x2)).divide(x1, x2)

def equal(x1: ArrayT | complex, x2: ArrayT | complex, /) -> ArrayT:
    """Return `x1 == x2`, where NaN equals nothing.

    Source: array API standard 2024.12, `equal`.

    >>> import torch, unified.numpy as unp
    >>> unp.equal(torch.tensor([1.0, unp.nan]), torch.tensor([1.0, unp.nan]))
    tensor([ True, False])
    """
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x1, x2)).equal(x1, x2)

def exp(x: ArrayT, /) -> ArrayT:
    """Return e to the power of `x`.

    Source: array API standard 2024.12, `exp`.

    >>> import jax.numpy as jnp, torch, unified.numpy as unp
    >>> unp.exp(torch.tensor([0.0, 1.0])), unp.exp(jnp.array(0.0))
    (tensor([1.0000, 2.7183]), Array(1., dtype=float32, weak_type=True))
    """
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).exp(x)

def expm1(x: ArrayT, /) -> ArrayT:
    """Return `exp(x) - 1`, precise near zero.

    Source: array API standard 2024.12, `expm1`.

    >>> import torch, unified.numpy as unp
    >>> unp.expm1(torch.tensor([0.0, 1e-10]))
    tensor([0.0000e+00, 1.0000e-10])
    """
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).expm1(x)

def floor(x: ArrayT, /) -> ArrayT:
    """Return the greatest integer that is not more, in the dtype of `x`.

    Source: array API standard 2024.12, `floor`.

    >>> import torch, unified.numpy as unp
    >>> unp.floor(torch.tensor([-1.5, 1.5]))
    tensor([-2.,  1.])
    """
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).floor(x)

def floor_divide(x1: ArrayT | float, x2: ArrayT | float, /) -> ArrayT:
    """Return `x1 // x2`, rounded down.

    An integer divided by zero raises on torch, and has no meaningful result on JAX, which cannot raise for a value.

    Source: array API standard 2024.12, `floor_divide`.

    >>> import torch, unified.numpy as unp
    >>> unp.floor_divide(torch.tensor([-7.0, 7.0]), 2)
    tensor([-4.,  3.])
    """
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x1, x2)).floor_divide(x1, x2)

def greater(x1: ArrayT | float, x2: ArrayT | float, /) -> ArrayT:
    """Return `x1 > x2`.

    Source: array API standard 2024.12, `greater`.

    >>> import torch, unified.numpy as unp
    >>> unp.greater(torch.tensor([1.0, 2.0]), 1.0)
    tensor([False,  True])
    """
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x1, x2)).greater(x1, x2)

def greater_equal(x1: ArrayT | float, x2: ArrayT | float, /) -> ArrayT:
    """Return `x1 >= x2`.

    Source: array API standard 2024.12, `greater_equal`.

    >>> import torch, unified.numpy as unp
    >>> unp.greater_equal(torch.tensor([0.0, 1.0, 2.0]), 1.0)
    tensor([False,  True,  True])
    """
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x1, x2)).greater_equal(x1, x2)

def hypot(x1: ArrayT | float, x2: ArrayT | float, /) -> ArrayT:
    """Return `sqrt(x1**2 + x2**2)`, without overflow of the squares; the gradient at the origin is zero.

    Source: array API standard 2024.12, `hypot`.

    >>> import torch, unified.numpy as unp
    >>> unp.hypot(torch.tensor([3.0]), 4.0)
    tensor([5.])
    """
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x1, x2)).hypot(x1, x2)

def imag(x: ArrayT, /) -> ArrayT:
    """Return the imaginary part.

    Source: array API standard 2024.12, `imag`.

    >>> import torch, unified.numpy as unp
    >>> unp.imag(torch.tensor([1 + 2j]))
    tensor([2.])
    """
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).imag(x)

def isclose(
    x1: ArrayT | complex, x2: ArrayT | complex, /, *, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: bool = False
) -> ArrayT:
    """Return whether `|x1 - x2| <= atol + rtol * |x2|`.

    Args:
        x1: an array of any shape, or a number.
        x2: the values to compare with.
        rtol: the tolerance relative to `x2`.
        atol: the tolerance in absolute terms.
        equal_nan: whether NaN is close to NaN.

    Source: beyond the standard; `torch.isclose`, `numpy.isclose`.

    >>> import torch, unified.numpy as unp
    >>> unp.isclose(torch.tensor([1.0, 2.0]), torch.tensor([1.0, 2.1]))
    tensor([ True, False])
    """
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x1, x2)).isclose(
        x1, x2, rtol=rtol, atol=atol, equal_nan=equal_nan)

def isfinite(x: ArrayT, /) -> ArrayT:
    """Return whether a value is neither infinite nor NaN.

    Source: array API standard 2024.12, `isfinite`.

    >>> import torch, unified.numpy as unp
    >>> unp.isfinite(torch.tensor([1.0, unp.inf, unp.nan]))
    tensor([ True, False, False])
    """
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).isfinite(x)

def isinf(x: ArrayT, /) -> ArrayT:
    """Return whether a value is infinite, of either sign.

    Source: array API standard 2024.12, `isinf`.

    >>> import torch, unified.numpy as unp
    >>> unp.isinf(torch.tensor([1.0, -unp.inf, unp.nan]))
    tensor([False,  True, False])
    """
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).isinf(x)

def isnan(x: ArrayT, /) -> ArrayT:
    """Return whether a value is NaN.

    Source: array API standard 2024.12, `isnan`.

    >>> import torch, unified.numpy as unp
    >>> unp.isnan(torch.tensor([1.0, unp.inf, unp.nan]))
    tensor([False, False,  True])
    """
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).isnan(x)

def less(x1: ArrayT | float, x2: ArrayT | float, /) -> ArrayT:
    """Return `x1 < x2`.

    Source: array API standard 2024.12, `less`.

    >>> import torch, unified.numpy as unp
    >>> unp.less(torch.tensor([1.0, 2.0]), 2.0)
    tensor([ True, False])
    """
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x1, x2)).less(x1, x2)

def less_equal(x1: ArrayT | float, x2: ArrayT | float, /) -> ArrayT:
    """Return `x1 <= x2`.

    Source: array API standard 2024.12, `less_equal`.

    >>> import torch, unified.numpy as unp
    >>> unp.less_equal(torch.tensor([1.0, 2.0, 3.0]), 2.0)
    tensor([ True,  True, False])
    """
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x1, x2)).less_equal(x1, x2)

def log(x: ArrayT, /) -> ArrayT:
    """Return the natural logarithm; NaN below zero.

    Source: array API standard 2024.12, `log`.

    >>> import torch, unified.numpy as unp
    >>> unp.log(torch.tensor([1.0, 0.0]))
    tensor([0., -inf])
    """
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).log(x)

def log10(x: ArrayT, /) -> ArrayT:
    """Return the logarithm to base 10; NaN below zero.

    Source: array API standard 2024.12, `log10`.

    >>> import torch, unified.numpy as unp
    >>> unp.log10(torch.tensor([1.0, 100.0]))
    tensor([0., 2.])
    """
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).log10(x)

def log1p(x: ArrayT, /) -> ArrayT:
    """Return `log(1 + x)`, precise near zero.

    Source: array API standard 2024.12, `log1p`.

    >>> import torch, unified.numpy as unp
    >>> unp.log1p(torch.tensor([0.0, 1e-10]))
    tensor([0.0000e+00, 1.0000e-10])
    """
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).log1p(x)

def log2(x: ArrayT, /) -> ArrayT:
    """Return the logarithm to base 2; NaN below zero.

    Source: array API standard 2024.12, `log2`.

    >>> import torch, unified.numpy as unp
    >>> unp.log2(torch.tensor([1.0, 8.0]))
    tensor([0., 3.])
    """
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).log2(x)

def logaddexp(x1: ArrayT | float, x2: ArrayT | float, /) -> ArrayT:
    """Return `log(exp(x1) + exp(x2))`, without overflow.

    Source: array API standard 2024.12, `logaddexp`.

    >>> import torch, unified.numpy as unp
    >>> unp.logaddexp(torch.tensor([0.0, 1000.0]), torch.tensor([0.0, 0.0]))
    tensor([6.9315e-01, 1.0000e+03])
    """
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x1, x2)).logaddexp(x1, x2)

def logical_and(x1: ArrayT | bool, x2: ArrayT | bool, /) -> ArrayT:
    """Return whether both are true; a number is true unless it is zero.

    Source: array API standard 2024.12, `logical_and`.

    >>> import torch, unified.numpy as unp
    >>> unp.logical_and(torch.tensor([True, True]), torch.tensor([True, False]))
    tensor([ True, False])
    """
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x1, x2)).logical_and(x1, x2)

def logical_not(x: ArrayT, /) -> ArrayT:
    """Return whether a value is false; a number is true unless it is zero.

    Source: array API standard 2024.12, `logical_not`.

    >>> import torch, unified.numpy as unp
    >>> unp.logical_not(torch.tensor([True, False]))
    tensor([False,  True])
    """
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).logical_not(x)

def logical_or(x1: ArrayT | bool, x2: ArrayT | bool, /) -> ArrayT:
    """Return whether one of both is true; a number is true unless it is zero.

    Source: array API standard 2024.12, `logical_or`.

    >>> import torch, unified.numpy as unp
    >>> unp.logical_or(torch.tensor([True, False]), torch.tensor([False, False]))
    tensor([ True, False])
    """
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x1, x2)).logical_or(x1, x2)

def logical_xor(x1: ArrayT | bool, x2: ArrayT | bool, /) -> ArrayT:
    """Return whether exactly one of both is true; a number is true unless it is zero.

    Source: array API standard 2024.12, `logical_xor`.

    >>> import torch, unified.numpy as unp
    >>> unp.logical_xor(torch.tensor([True, True]), torch.tensor([True, False]))
    tensor([False,  True])
    """
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x1, x2)).logical_xor(x1, x2)

def maximum(x1: ArrayT | float, x2: ArrayT | float, /) -> ArrayT:
    """Return the greater of both; where they are equal, each has half of the gradient.

    The result is NaN where one of them is.

    Source: array API standard 2024.12, `maximum`.

    >>> import jax.numpy as jnp, torch, unified.numpy as unp
    >>> unp.maximum(torch.tensor([-1.0, 2.0]), 0.0), unp.maximum(jnp.array(-1.0), 0.0)
    (tensor([0., 2.]), Array(0., dtype=float32, weak_type=True))
    """
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x1, x2)).maximum(x1, x2)

def minimum(x1: ArrayT | float, x2: ArrayT | float, /) -> ArrayT:
    """Return the lesser of both; where they are equal, each has half of the gradient.

    The result is NaN where one of them is.

    Source: array API standard 2024.12, `minimum`.

    >>> import torch, unified.numpy as unp
    >>> unp.minimum(torch.tensor([-1.0, 2.0]), 0.0)
    tensor([-1.,  0.])
    """
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x1, x2)).minimum(x1, x2)

def multiply(x1: ArrayT | complex, x2: ArrayT | complex, /) -> ArrayT:
    """Return `x1 * x2`.

    Source: array API standard 2024.12, `multiply`.

    >>> import torch, unified.numpy as unp
    >>> unp.multiply(torch.tensor([1.0, 2.0]), torch.tensor([[10.0], [100.0]]))
    tensor([[ 10.,  20.],
            [100., 200.]])
    """
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x1, x2)).multiply(x1, x2)

def nan_to_num(x: ArrayT, /, *, nan: float = 0.0, posinf: float | None = None, neginf: float | None = None) -> ArrayT:
    """Return `x` with other numbers for NaN and infinities.

    Args:
        x: an array of any shape.
        nan: the number for NaN.
        posinf: the number for infinity; by default the greatest of the dtype.
        neginf: the number for minus infinity; by default the least of the dtype.

    Source: beyond the standard; `torch.nan_to_num`, `numpy.nan_to_num`.

    >>> import torch, unified.numpy as unp
    >>> unp.nan_to_num(torch.tensor([unp.nan, unp.inf, -unp.inf]), posinf=9.0, neginf=-9.0)
    tensor([ 0.,  9., -9.])
    """
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).nan_to_num(
        x, nan=nan, posinf=posinf, neginf=neginf)

def negative(x: ArrayT, /) -> ArrayT:
    """Return `-x`.

    Source: array API standard 2024.12, `negative`.

    >>> import torch, unified.numpy as unp
    >>> unp.negative(torch.tensor([1.0, -2.0]))
    tensor([-1.,  2.])
    """
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).negative(x)

def nextafter(x1: ArrayT | float, x2: ArrayT | float, /) -> ArrayT:
    """Return the number next to `x1` on the way to `x2`, of those that the dtype has.

    Source: array API standard 2024.12, `nextafter`.

    >>> import torch, unified.numpy as unp
    >>> float(unp.nextafter(torch.tensor(1.0), 2.0)) - 1.0 == 2**-23
    True
    """
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x1, x2)).nextafter(x1, x2)

def not_equal(x1: ArrayT | complex, x2: ArrayT | complex, /) -> ArrayT:
    """Return `x1 != x2`, where NaN differs from everything.

    Source: array API standard 2024.12, `not_equal`.

    >>> import torch, unified.numpy as unp
    >>> unp.not_equal(torch.tensor([1.0, unp.nan]), torch.tensor([1.0, unp.nan]))
    tensor([False,  True])
    """
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x1, x2)).not_equal(x1, x2)

def positive(x: ArrayT, /) -> ArrayT:
    """Return `+x`: the same values.

    Source: array API standard 2024.12, `positive`.

    >>> import torch, unified.numpy as unp
    >>> unp.positive(torch.tensor([1.0, -2.0]))
    tensor([ 1., -2.])
    """
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).positive(x)

def pow(x1: ArrayT | complex, x2: ArrayT | complex, /) -> ArrayT:
    """Return `x1 ** x2`; the gradient of `0 ** 0` is zero.

    Source: array API standard 2024.12, `pow`.

    >>> import torch, unified.numpy as unp
    >>> unp.pow(torch.tensor([2.0, 3.0]), 2)
    tensor([4., 9.])
    """
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x1, x2)).pow(x1, x2)

def real(x: ArrayT, /) -> ArrayT:
    """Return the real part.

    Source: array API standard 2024.12, `real`.

    >>> import torch, unified.numpy as unp
    >>> unp.real(torch.tensor([1 + 2j]))
    tensor([1.])
    """
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).real(x)

def reciprocal(x: ArrayT, /) -> ArrayT:
    """Return `1 / x`.

    Source: array API standard 2024.12, `reciprocal`.

    >>> import torch, unified.numpy as unp
    >>> unp.reciprocal(torch.tensor([2.0, 4.0]))
    tensor([0.5000, 0.2500])
    """
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).reciprocal(x)

def remainder(x1: ArrayT | float, x2: ArrayT | float, /) -> ArrayT:
    """Return `x1 % x2`, which has the sign of `x2`.

    An integer divided by zero raises on torch, and has no meaningful result on JAX, which cannot raise for a value.

    Source: array API standard 2024.12, `remainder`.

    >>> import torch, unified.numpy as unp
    >>> unp.remainder(torch.tensor([-7.0, 7.0]), 3.0)
    tensor([2., 1.])
    """
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x1, x2)).remainder(x1, x2)

def round(x: ArrayT, /) -> ArrayT:
    """Return the nearest integer, of two the even one, in the dtype of `x`.

    Source: array API standard 2024.12, `round`.

    >>> import torch, unified.numpy as unp
    >>> unp.round(torch.tensor([0.5, 1.5, -2.6]))
    tensor([ 0.,  2., -3.])
    """
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).round(x)

def sign(x: ArrayT, /) -> ArrayT:
    """Return -1, 0 or 1 by the sign of a value; `x / |x|` of a complex one.

    The sign of NaN is NaN.

    Source: array API standard 2024.12, `sign`.

    >>> import torch, unified.numpy as unp
    >>> unp.sign(torch.tensor([-2.0, 0.0, 3.0]))
    tensor([-1.,  0.,  1.])
    """
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).sign(x)

def signbit(x: ArrayT, /) -> ArrayT:
    """Return whether the sign bit is set, as it is of -0.

    Source: array API standard 2024.12, `signbit`.

    >>> import torch, unified.numpy as unp
    >>> unp.signbit(torch.tensor([-0.0, 1.0]))
    tensor([ True, False])
    """
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).signbit(x)

def sin(x: ArrayT, /) -> ArrayT:
    """Return the sine of angles in radians.

    Source: array API standard 2024.12, `sin`.

    >>> import torch, unified.numpy as unp
    >>> unp.sin(torch.tensor([0.0, 1.0]))
    tensor([0.0000, 0.8415])
    """
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).sin(x)

def sinh(x: ArrayT, /) -> ArrayT:
    """Return the hyperbolic sine.

    Source: array API standard 2024.12, `sinh`.

    >>> import torch, unified.numpy as unp
    >>> unp.sinh(torch.tensor([0.0, 1.0]))
    tensor([0.0000, 1.1752])
    """
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).sinh(x)

def sqrt(x: ArrayT, /) -> ArrayT:
    """Return the square root; NaN below zero.

    Source: array API standard 2024.12, `sqrt`.

    >>> import torch, unified.numpy as unp
    >>> unp.sqrt(torch.tensor([4.0, -1.0]))
    tensor([2., nan])
    """
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).sqrt(x)

def square(x: ArrayT, /) -> ArrayT:
    """Return `x * x`.

    Source: array API standard 2024.12, `square`.

    >>> import torch, unified.numpy as unp
    >>> unp.square(torch.tensor([-2.0, 3.0]))
    tensor([4., 9.])
    """
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).square(x)

def subtract(x1: ArrayT | complex, x2: ArrayT | complex, /) -> ArrayT:
    """Return `x1 - x2`.

    Source: array API standard 2024.12, `subtract`.

    >>> import torch, unified.numpy as unp
    >>> unp.subtract(torch.tensor([1.0, 2.0]), 0.5)
    tensor([0.5000, 1.5000])
    """
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x1, x2)).subtract(x1, x2)

def tan(x: ArrayT, /) -> ArrayT:
    """Return the tangent of angles in radians.

    Source: array API standard 2024.12, `tan`.

    >>> import torch, unified.numpy as unp
    >>> unp.tan(torch.tensor([0.0, 1.0]))
    tensor([0.0000, 1.5574])
    """
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).tan(x)

def tanh(x: ArrayT, /) -> ArrayT:
    """Return the hyperbolic tangent.

    Source: array API standard 2024.12, `tanh`.

    >>> import torch, unified.numpy as unp
    >>> unp.tanh(torch.tensor([0.0, 100.0]))
    tensor([0., 1.])
    """
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).tanh(x)

def trunc(x: ArrayT, /) -> ArrayT:
    """Return the integer part, in the dtype of `x`.

    Source: array API standard 2024.12, `trunc`.

    >>> import torch, unified.numpy as unp
    >>> unp.trunc(torch.tensor([-1.5, 1.5]))
    tensor([-1.,  1.])
    """
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).trunc(x)
