"""Functions of each element.

Shapes broadcast, dtypes are promoted as the standard promotes them, and numbers take the dtype of the arrays beside
them.
"""

def abs(x: ArrayT, /) -> ArrayT:
    """Return the absolute value; its gradient at zero is zero.

    A complex number becomes its real magnitude.

    >>> unp.abs(torch.tensor([-2.0, 0.0, 3.0]))
    tensor([2., 0., 3.])
    """

def acos(x: ArrayT, /) -> ArrayT:
    """Return the inverse cosine, in radians from 0 to pi; NaN outside of -1 to 1.

    >>> unp.acos(torch.tensor([1.0, 0.0, -1.0]))
    tensor([0.0000, 1.5708, 3.1416])
    """

def acosh(x: ArrayT, /) -> ArrayT:
    """Return the inverse hyperbolic cosine; NaN below 1.

    >>> unp.acosh(torch.tensor([1.0, 2.0]))
    tensor([0.0000, 1.3170])
    """

def add(x1: ArrayT | complex, x2: ArrayT | complex, /) -> ArrayT:
    """Return `x1 + x2`.

    >>> import jax.numpy as jnp, torch, unified.numpy as unp
    >>> unp.add(torch.tensor([1.0, 2.0]), 0.5)
    tensor([1.5000, 2.5000])
    >>> unp.add(jnp.array([1.0, 2.0]), 0.5)
    Array([1.5, 2.5], dtype=float32)
    """

def asin(x: ArrayT, /) -> ArrayT:
    """Return the inverse sine, in radians from -pi / 2 to pi / 2; NaN outside of -1 to 1.

    >>> unp.asin(torch.tensor([0.0, 1.0]))
    tensor([0.0000, 1.5708])
    """

def asinh(x: ArrayT, /) -> ArrayT:
    """Return the inverse hyperbolic sine.

    >>> unp.asinh(torch.tensor([0.0, 1.0]))
    tensor([0.0000, 0.8814])
    """

def atan(x: ArrayT, /) -> ArrayT:
    """Return the inverse tangent, in radians from -pi / 2 to pi / 2.

    >>> unp.atan(torch.tensor([0.0, 1.0]))
    tensor([0.0000, 0.7854])
    """

def atan2(x1: ArrayT | float, x2: ArrayT | float, /) -> ArrayT:
    """Return the angle of the point `(x2, x1)`, in radians from -pi to pi; the gradient at the origin is zero.

    >>> unp.atan2(torch.tensor([1.0, -1.0]), torch.tensor([0.0, -1.0]))
    tensor([ 1.5708, -2.3562])
    """

def atanh(x: ArrayT, /) -> ArrayT:
    """Return the inverse hyperbolic tangent; NaN outside of -1 to 1.

    >>> unp.atanh(torch.tensor([0.0, 0.5, 1.0]))
    tensor([0.0000, 0.5493,    inf])
    """

def bitwise_and(x1: ArrayT | int, x2: ArrayT | int, /) -> ArrayT:
    """Return `x1 & x2` of integers or booleans.

    >>> unp.bitwise_and(torch.tensor([6, 5]), 3)
    tensor([2, 1])
    """

def bitwise_invert(x: ArrayT, /) -> ArrayT:
    """Return `~x` of integers or booleans.

    >>> unp.bitwise_invert(torch.tensor([0, 5]))
    tensor([-1, -6])
    """

def bitwise_left_shift(x1: ArrayT | int, x2: ArrayT | int, /) -> ArrayT:
    """Return `x1 << x2` of integers.

    >>> unp.bitwise_left_shift(torch.tensor([1, 3]), 2)
    tensor([ 4, 12])
    """

def bitwise_or(x1: ArrayT | int, x2: ArrayT | int, /) -> ArrayT:
    """Return `x1 | x2` of integers or booleans.

    >>> unp.bitwise_or(torch.tensor([6, 5]), 1)
    tensor([7, 5])
    """

def bitwise_right_shift(x1: ArrayT | int, x2: ArrayT | int, /) -> ArrayT:
    """Return `x1 >> x2` of integers; those of negative numbers stay negative.

    >>> unp.bitwise_right_shift(torch.tensor([-8, 8]), 1)
    tensor([-4,  4])
    """

def bitwise_xor(x1: ArrayT | int, x2: ArrayT | int, /) -> ArrayT:
    """Return `x1 ^ x2` of integers or booleans.

    >>> unp.bitwise_xor(torch.tensor([6, 5]), 3)
    tensor([5, 6])
    """

def ceil(x: ArrayT, /) -> ArrayT:
    """Return the least integer that is not less, in the dtype of `x`.

    >>> unp.ceil(torch.tensor([-1.5, 1.5]))
    tensor([-1.,  2.])
    """

def clip(x: ArrayT, /, min: ArrayLike | float | None = None, max: ArrayLike | float | None = None) -> ArrayT:
    """Return `x`, with `min` for what is less and `max` for what is more; the gradient at a bound is 1.

    Where `min` exceeds `max` the result is `max`; NaN stays NaN.

    Args:
        x: an array of any shape.
        min: the least value, a number or an array that broadcasts to `x`; `None` for no bound.
        max: the greatest value, likewise.

    >>> unp.clip(torch.tensor([-3.0, 0.5, 3.0]), 0.0, 1.0)
    tensor([0.0000, 0.5000, 1.0000])
    """

def conj(x: ArrayT, /) -> ArrayT:
    """Return the complex conjugate; real numbers stay as they are.

    >>> unp.conj(torch.tensor([1 + 2j])).tolist()
    [(1-2j)]
    """

def copysign(x1: ArrayT | float, x2: ArrayT | float, /) -> ArrayT:
    """Return `x1` with the sign of `x2`, where the sign of -0 is negative; the gradient at zero is zero.

    >>> unp.copysign(torch.tensor([3.0, -3.0]), -0.0)
    tensor([-3., -3.])
    """

def cos(x: ArrayT, /) -> ArrayT:
    """Return the cosine of angles in radians.

    >>> unp.cos(torch.tensor([0.0, 1.0]))
    tensor([1.0000, 0.5403])
    """

def cosh(x: ArrayT, /) -> ArrayT:
    """Return the hyperbolic cosine.

    >>> unp.cosh(torch.tensor([0.0, 1.0]))
    tensor([1.0000, 1.5431])
    """

def divide(x1: ArrayT | complex, x2: ArrayT | complex, /) -> ArrayT:
    """Return `x1 / x2`; of integers in floating-point numbers.

    >>> unp.divide(torch.tensor([1, 2]), torch.tensor([2, 2]))
    tensor([0.5000, 1.0000])
    """

def equal(x1: ArrayT | complex, x2: ArrayT | complex, /) -> ArrayT:
    """Return `x1 == x2`, where NaN equals nothing.

    >>> unp.equal(torch.tensor([1.0, unp.nan]), torch.tensor([1.0, unp.nan]))
    tensor([ True, False])
    """

def exp(x: ArrayT, /) -> ArrayT:
    """Return e to the power of `x`.

    >>> import jax.numpy as jnp, torch, unified.numpy as unp
    >>> unp.exp(torch.tensor([0.0, 1.0])), unp.exp(jnp.array(0.0))
    (tensor([1.0000, 2.7183]), Array(1., dtype=float32, weak_type=True))
    """

def expm1(x: ArrayT, /) -> ArrayT:
    """Return `exp(x) - 1`, precise near zero.

    >>> unp.expm1(torch.tensor([0.0, 1e-10]))
    tensor([0.0000e+00, 1.0000e-10])
    """

def floor(x: ArrayT, /) -> ArrayT:
    """Return the greatest integer that is not more, in the dtype of `x`.

    >>> unp.floor(torch.tensor([-1.5, 1.5]))
    tensor([-2.,  1.])
    """

def floor_divide(x1: ArrayT | float, x2: ArrayT | float, /) -> ArrayT:
    """Return `x1 // x2`, rounded down.

    An integer divided by zero raises on torch, and has no meaningful result on JAX, which cannot raise for a value.

    >>> unp.floor_divide(torch.tensor([-7.0, 7.0]), 2)
    tensor([-4.,  3.])
    """

def greater(x1: ArrayT | float, x2: ArrayT | float, /) -> ArrayT:
    """Return `x1 > x2`.

    >>> unp.greater(torch.tensor([1.0, 2.0]), 1.0)
    tensor([False,  True])
    """

def greater_equal(x1: ArrayT | float, x2: ArrayT | float, /) -> ArrayT:
    """Return `x1 >= x2`.

    >>> unp.greater_equal(torch.tensor([0.0, 1.0, 2.0]), 1.0)
    tensor([False,  True,  True])
    """

def hypot(x1: ArrayT | float, x2: ArrayT | float, /) -> ArrayT:
    """Return `sqrt(x1**2 + x2**2)`, without overflow of the squares; the gradient at the origin is zero.

    >>> unp.hypot(torch.tensor([3.0]), 4.0)
    tensor([5.])
    """

def imag(x: ArrayT, /) -> ArrayT:
    """Return the imaginary part.

    >>> unp.imag(torch.tensor([1 + 2j]))
    tensor([2.])
    """

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

    >>> unp.isclose(torch.tensor([1.0, 2.0]), torch.tensor([1.0, 2.1]))
    tensor([ True, False])
    """

def isfinite(x: ArrayT, /) -> ArrayT:
    """Return whether a value is neither infinite nor NaN.

    >>> unp.isfinite(torch.tensor([1.0, unp.inf, unp.nan]))
    tensor([ True, False, False])
    """

def isinf(x: ArrayT, /) -> ArrayT:
    """Return whether a value is infinite, of either sign.

    >>> unp.isinf(torch.tensor([1.0, -unp.inf, unp.nan]))
    tensor([False,  True, False])
    """

def isnan(x: ArrayT, /) -> ArrayT:
    """Return whether a value is NaN.

    >>> unp.isnan(torch.tensor([1.0, unp.inf, unp.nan]))
    tensor([False, False,  True])
    """

def less(x1: ArrayT | float, x2: ArrayT | float, /) -> ArrayT:
    """Return `x1 < x2`.

    >>> unp.less(torch.tensor([1.0, 2.0]), 2.0)
    tensor([ True, False])
    """

def less_equal(x1: ArrayT | float, x2: ArrayT | float, /) -> ArrayT:
    """Return `x1 <= x2`.

    >>> unp.less_equal(torch.tensor([1.0, 2.0, 3.0]), 2.0)
    tensor([ True,  True, False])
    """

def log(x: ArrayT, /) -> ArrayT:
    """Return the natural logarithm; NaN below zero.

    >>> unp.log(torch.tensor([1.0, 0.0]))
    tensor([0., -inf])
    """

def log10(x: ArrayT, /) -> ArrayT:
    """Return the logarithm to base 10; NaN below zero.

    >>> unp.log10(torch.tensor([1.0, 100.0]))
    tensor([0., 2.])
    """

def log1p(x: ArrayT, /) -> ArrayT:
    """Return `log(1 + x)`, precise near zero.

    >>> unp.log1p(torch.tensor([0.0, 1e-10]))
    tensor([0.0000e+00, 1.0000e-10])
    """

def log2(x: ArrayT, /) -> ArrayT:
    """Return the logarithm to base 2; NaN below zero.

    >>> unp.log2(torch.tensor([1.0, 8.0]))
    tensor([0., 3.])
    """

def logaddexp(x1: ArrayT | float, x2: ArrayT | float, /) -> ArrayT:
    """Return `log(exp(x1) + exp(x2))`, without overflow.

    >>> unp.logaddexp(torch.tensor([0.0, 1000.0]), torch.tensor([0.0, 0.0]))
    tensor([6.9315e-01, 1.0000e+03])
    """

def logical_and(x1: ArrayT | bool, x2: ArrayT | bool, /) -> ArrayT:
    """Return whether both are true; a number is true unless it is zero.

    >>> unp.logical_and(torch.tensor([True, True]), torch.tensor([True, False]))
    tensor([ True, False])
    """

def logical_not(x: ArrayT, /) -> ArrayT:
    """Return whether a value is false; a number is true unless it is zero.

    >>> unp.logical_not(torch.tensor([True, False]))
    tensor([False,  True])
    """

def logical_or(x1: ArrayT | bool, x2: ArrayT | bool, /) -> ArrayT:
    """Return whether one of both is true; a number is true unless it is zero.

    >>> unp.logical_or(torch.tensor([True, False]), torch.tensor([False, False]))
    tensor([ True, False])
    """

def logical_xor(x1: ArrayT | bool, x2: ArrayT | bool, /) -> ArrayT:
    """Return whether exactly one of both is true; a number is true unless it is zero.

    >>> unp.logical_xor(torch.tensor([True, True]), torch.tensor([True, False]))
    tensor([False,  True])
    """

def maximum(x1: ArrayT | float, x2: ArrayT | float, /) -> ArrayT:
    """Return the greater of both; where they are equal, each has half of the gradient.

    The result is NaN where one of them is.

    >>> import jax.numpy as jnp, torch, unified.numpy as unp
    >>> unp.maximum(torch.tensor([-1.0, 2.0]), 0.0), unp.maximum(jnp.array(-1.0), 0.0)
    (tensor([0., 2.]), Array(0., dtype=float32, weak_type=True))
    """

def minimum(x1: ArrayT | float, x2: ArrayT | float, /) -> ArrayT:
    """Return the lesser of both; where they are equal, each has half of the gradient.

    The result is NaN where one of them is.

    >>> unp.minimum(torch.tensor([-1.0, 2.0]), 0.0)
    tensor([-1.,  0.])
    """

def multiply(x1: ArrayT | complex, x2: ArrayT | complex, /) -> ArrayT:
    """Return `x1 * x2`.

    >>> unp.multiply(torch.tensor([1.0, 2.0]), torch.tensor([[10.0], [100.0]]))
    tensor([[ 10.,  20.],
            [100., 200.]])
    """

def nan_to_num(x: ArrayT, /, *, nan: float = 0.0, posinf: float | None = None, neginf: float | None = None) -> ArrayT:
    """Return `x` with other numbers for NaN and infinities.

    Args:
        x: an array of any shape.
        nan: the number for NaN.
        posinf: the number for infinity; by default the greatest of the dtype.
        neginf: the number for minus infinity; by default the least of the dtype.

    Source: beyond the standard; `torch.nan_to_num`, `numpy.nan_to_num`.

    >>> unp.nan_to_num(torch.tensor([unp.nan, unp.inf, -unp.inf]), posinf=9.0, neginf=-9.0)
    tensor([ 0.,  9., -9.])
    """

def negative(x: ArrayT, /) -> ArrayT:
    """Return `-x`.

    >>> unp.negative(torch.tensor([1.0, -2.0]))
    tensor([-1.,  2.])
    """

def nextafter(x1: ArrayT | float, x2: ArrayT | float, /) -> ArrayT:
    """Return the number next to `x1` on the way to `x2`, of those that the dtype has.

    >>> float(unp.nextafter(torch.tensor(1.0), 2.0)) - 1.0 == 2**-23
    True
    """

def not_equal(x1: ArrayT | complex, x2: ArrayT | complex, /) -> ArrayT:
    """Return `x1 != x2`, where NaN differs from everything.

    >>> unp.not_equal(torch.tensor([1.0, unp.nan]), torch.tensor([1.0, unp.nan]))
    tensor([False,  True])
    """

def positive(x: ArrayT, /) -> ArrayT:
    """Return `+x`: the same values.

    >>> unp.positive(torch.tensor([1.0, -2.0]))
    tensor([ 1., -2.])
    """

def pow(x1: ArrayT | complex, x2: ArrayT | complex, /) -> ArrayT:
    """Return `x1 ** x2`; the gradient of `0 ** 0` is zero.

    >>> unp.pow(torch.tensor([2.0, 3.0]), 2)
    tensor([4., 9.])
    """

def real(x: ArrayT, /) -> ArrayT:
    """Return the real part.

    >>> unp.real(torch.tensor([1 + 2j]))
    tensor([1.])
    """

def reciprocal(x: ArrayT, /) -> ArrayT:
    """Return `1 / x`.

    >>> unp.reciprocal(torch.tensor([2.0, 4.0]))
    tensor([0.5000, 0.2500])
    """

def remainder(x1: ArrayT | float, x2: ArrayT | float, /) -> ArrayT:
    """Return `x1 % x2`, which has the sign of `x2`.

    An integer divided by zero raises on torch, and has no meaningful result on JAX, which cannot raise for a value.

    >>> unp.remainder(torch.tensor([-7.0, 7.0]), 3.0)
    tensor([2., 1.])
    """

def round(x: ArrayT, /) -> ArrayT:
    """Return the nearest integer, of two the even one, in the dtype of `x`.

    >>> unp.round(torch.tensor([0.5, 1.5, -2.6]))
    tensor([ 0.,  2., -3.])
    """

def sign(x: ArrayT, /) -> ArrayT:
    """Return -1, 0 or 1 by the sign of a value; `x / |x|` of a complex one.

    The sign of NaN is NaN.

    >>> unp.sign(torch.tensor([-2.0, 0.0, 3.0]))
    tensor([-1.,  0.,  1.])
    """

def signbit(x: ArrayT, /) -> ArrayT:
    """Return whether the sign bit is set, as it is of -0.

    >>> unp.signbit(torch.tensor([-0.0, 1.0]))
    tensor([ True, False])
    """

def sin(x: ArrayT, /) -> ArrayT:
    """Return the sine of angles in radians.

    >>> unp.sin(torch.tensor([0.0, 1.0]))
    tensor([0.0000, 0.8415])
    """

def sinh(x: ArrayT, /) -> ArrayT:
    """Return the hyperbolic sine.

    >>> unp.sinh(torch.tensor([0.0, 1.0]))
    tensor([0.0000, 1.1752])
    """

def sqrt(x: ArrayT, /) -> ArrayT:
    """Return the square root; NaN below zero.

    >>> unp.sqrt(torch.tensor([4.0, -1.0]))
    tensor([2., nan])
    """

def square(x: ArrayT, /) -> ArrayT:
    """Return `x * x`.

    >>> unp.square(torch.tensor([-2.0, 3.0]))
    tensor([4., 9.])
    """

def subtract(x1: ArrayT | complex, x2: ArrayT | complex, /) -> ArrayT:
    """Return `x1 - x2`.

    >>> unp.subtract(torch.tensor([1.0, 2.0]), 0.5)
    tensor([0.5000, 1.5000])
    """

def tan(x: ArrayT, /) -> ArrayT:
    """Return the tangent of angles in radians.

    >>> unp.tan(torch.tensor([0.0, 1.0]))
    tensor([0.0000, 1.5574])
    """

def tanh(x: ArrayT, /) -> ArrayT:
    """Return the hyperbolic tangent.

    >>> unp.tanh(torch.tensor([0.0, 100.0]))
    tensor([0., 1.])
    """

def trunc(x: ArrayT, /) -> ArrayT:
    """Return the integer part, in the dtype of `x`.

    >>> unp.trunc(torch.tensor([-1.5, 1.5]))
    tensor([-1.,  1.])
    """
