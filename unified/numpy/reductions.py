"""Functions along axes.

`axis` is one axis, several, or `None` for all; `keepdims` leaves them with size 1.

Written by `make generate` from the stub in tools/array_functions/.
"""

from typing import Never

from unified.core.annotations import ArrayLike, ArrayT, DType
from unified.core.array_functions import functions_of
from unified.core.array_results import Axes
from unified.core.scope import current
from unified.numpy.idioms import refuse_keywords

# fmt: off
__all__ = [
    "all", "any", "argmax", "argmin", "count_nonzero", "cumprod", "cumsum", "cumulative_prod", "cumulative_sum",
    "diff", "log_softmax", "logsumexp", "max", "mean", "min", "prod", "softmax", "std", "sum", "var",
]


def all(x: ArrayT, /, *, axis: Axes = None, keepdims: bool = False, **idioms: Never) -> ArrayT:
    """Return whether all values are true."""
    if idioms:
        refuse_keywords("all", idioms)
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).all(
        x, axis=axis, keepdims=keepdims)

def any(x: ArrayT, /, *, axis: Axes = None, keepdims: bool = False, **idioms: Never) -> ArrayT:
    """Return whether any value is true."""
    if idioms:
        refuse_keywords("any", idioms)
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).any(
        x, axis=axis, keepdims=keepdims)

def argmax(x: ArrayT, /, *, axis: int | None = None, keepdims: bool = False, **idioms: Never) -> ArrayT:
    """Return the position of the first greatest value; of all axes, that in the flat array."""
    if idioms:
        refuse_keywords("argmax", idioms)
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).argmax(
        x, axis=axis, keepdims=keepdims)

def argmin(x: ArrayT, /, *, axis: int | None = None, keepdims: bool = False, **idioms: Never) -> ArrayT:
    """Return the position of the first least value; of all axes, that in the flat array."""
    if idioms:
        refuse_keywords("argmin", idioms)
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).argmin(
        x, axis=axis, keepdims=keepdims)

def count_nonzero(x: ArrayT, /, *, axis: Axes = None, keepdims: bool = False, **idioms: Never) -> ArrayT:
    """Return the number of values that are not zero."""
    if idioms:
        refuse_keywords("count_nonzero", idioms)
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).count_nonzero(
        x, axis=axis, keepdims=keepdims)

def cumprod(x: ArrayT, /, *, axis: int | None = None, dtype: DType = None, **idioms: Never) -> ArrayT:
    """Return what `cumulative_prod` does, by NumPy's and torch's name. (Beyond the standard.)"""
    if idioms:
        refuse_keywords("cumprod", idioms)
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).cumprod(
        x, axis=axis, dtype=dtype)

def cumsum(x: ArrayT, /, *, axis: int | None = None, dtype: DType = None, **idioms: Never) -> ArrayT:
    """Return what `cumulative_sum` does, by NumPy's and torch's name. (Beyond the standard.)"""
    if idioms:
        refuse_keywords("cumsum", idioms)
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).cumsum(
        x, axis=axis, dtype=dtype)

def cumulative_prod(
    x: ArrayT, /, *, axis: int | None = None, dtype: DType = None, include_initial: bool = False, **idioms: Never
) -> ArrayT:
    """Return the products of all values up to each along an axis, which a vector needs not name."""
    if idioms:
        refuse_keywords("cumulative_prod", idioms)
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).cumulative_prod(
        x, axis=axis, dtype=dtype, include_initial=include_initial)

def cumulative_sum(
    x: ArrayT, /, *, axis: int | None = None, dtype: DType = None, include_initial: bool = False, **idioms: Never
) -> ArrayT:
    """Return the sums of all values up to each along an axis, which a vector needs not name."""
    if idioms:
        refuse_keywords("cumulative_sum", idioms)
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).cumulative_sum(
        x, axis=axis, dtype=dtype, include_initial=include_initial)

def diff(
    x: ArrayT, /, *, axis: int = -1, n: int = 1, prepend: ArrayLike | None = None, append: ArrayLike | None = None,
    **idioms: Never) -> ArrayT:
    """Return the differences of neighbours along an axis, `n` times."""
    if idioms:
        refuse_keywords("diff", idioms)
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x, prepend, append)).diff(
        x, axis=axis, n=n, prepend=prepend, append=append)

def log_softmax(x: ArrayT, /, *, axis: int = -1, **idioms: Never) -> ArrayT:
    """Return the logarithm of `softmax`. (Beyond the standard.)"""
    if idioms:
        refuse_keywords("log_softmax", idioms)
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).log_softmax(x, axis=axis)

def logsumexp(x: ArrayT, /, *, axis: Axes = None, keepdims: bool = False, **idioms: Never) -> ArrayT:
    """Return `log(sum(exp(x)))`, which does not overflow. (Beyond the standard.)"""
    if idioms:
        refuse_keywords("logsumexp", idioms)
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).logsumexp(
        x, axis=axis, keepdims=keepdims)

def max(x: ArrayT, /, *, axis: Axes = None, keepdims: bool = False, **idioms: Never) -> ArrayT:
    """Return the greatest value; equal ones have equal parts of its gradient."""
    if idioms:
        refuse_keywords("max", idioms)
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).max(
        x, axis=axis, keepdims=keepdims)

def mean(x: ArrayT, /, *, axis: Axes = None, keepdims: bool = False, **idioms: Never) -> ArrayT:
    """Return the mean."""
    if idioms:
        refuse_keywords("mean", idioms)
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).mean(
        x, axis=axis, keepdims=keepdims)

def min(x: ArrayT, /, *, axis: Axes = None, keepdims: bool = False, **idioms: Never) -> ArrayT:
    """Return the least value; equal ones have equal parts of its gradient."""
    if idioms:
        refuse_keywords("min", idioms)
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).min(
        x, axis=axis, keepdims=keepdims)

def prod(x: ArrayT, /, *, axis: Axes = None, dtype: DType = None, keepdims: bool = False, **idioms: Never) -> ArrayT:
    """Return the product."""
    if idioms:
        refuse_keywords("prod", idioms)
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).prod(
        x, axis=axis, dtype=dtype, keepdims=keepdims)

def softmax(x: ArrayT, /, *, axis: int = -1, **idioms: Never) -> ArrayT:
    """Return `exp(x)`, divided by its sum along an axis. (Beyond the standard.)"""
    if idioms:
        refuse_keywords("softmax", idioms)
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).softmax(x, axis=axis)

def std(x: ArrayT, /, *, axis: Axes = None, correction: float = 0.0, keepdims: bool = False, **idioms: Never) -> ArrayT:
    """Return the standard deviation, of `n - correction` degrees of freedom: torch's method has 1, NumPy 0."""
    if idioms:
        refuse_keywords("std", idioms)
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).std(
        x, axis=axis, correction=correction, keepdims=keepdims)

def sum(x: ArrayT, /, *, axis: Axes = None, dtype: DType = None, keepdims: bool = False, **idioms: Never) -> ArrayT:
    """Return the sum."""
    if idioms:
        refuse_keywords("sum", idioms)
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).sum(
        x, axis=axis, dtype=dtype, keepdims=keepdims)

def var(x: ArrayT, /, *, axis: Axes = None, correction: float = 0.0, keepdims: bool = False, **idioms: Never) -> ArrayT:
    """Return the variance, of `n - correction` degrees of freedom: torch's method has 1, NumPy 0."""
    if idioms:
        refuse_keywords("var", idioms)
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).var(
        x, axis=axis, correction=correction, keepdims=keepdims)
