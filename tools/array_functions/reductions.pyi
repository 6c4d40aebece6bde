"""Functions along axes.

`axis` is one axis, several, or `None` for all; `keepdims` leaves them with size 1.
"""

def all(x: ArrayT, /, *, axis: Axes = None, keepdims: bool = False) -> ArrayT:
    """Return whether all values are true."""

def any(x: ArrayT, /, *, axis: Axes = None, keepdims: bool = False) -> ArrayT:
    """Return whether any value is true."""

def argmax(x: ArrayT, /, *, axis: int | None = None, keepdims: bool = False) -> ArrayT:
    """Return the position of the first greatest value; of all axes, that in the flat array."""

def argmin(x: ArrayT, /, *, axis: int | None = None, keepdims: bool = False) -> ArrayT:
    """Return the position of the first least value; of all axes, that in the flat array."""

def count_nonzero(x: ArrayT, /, *, axis: Axes = None, keepdims: bool = False) -> ArrayT:
    """Return the number of values that are not zero."""

def cumprod(x: ArrayT, /, *, axis: int | None = None, dtype: DType = None) -> ArrayT:
    """Return what `cumulative_prod` does, by NumPy's and torch's name. (Beyond the standard.)"""

def cumsum(x: ArrayT, /, *, axis: int | None = None, dtype: DType = None) -> ArrayT:
    """Return what `cumulative_sum` does, by NumPy's and torch's name. (Beyond the standard.)"""

def cumulative_prod(
    x: ArrayT, /, *, axis: int | None = None, dtype: DType = None, include_initial: bool = False
) -> ArrayT:
    """Return the products of all values up to each along an axis, which a vector needs not name."""

def cumulative_sum(
    x: ArrayT, /, *, axis: int | None = None, dtype: DType = None, include_initial: bool = False
) -> ArrayT:
    """Return the sums of all values up to each along an axis, which a vector needs not name."""

def diff(
    x: ArrayT, /, *, axis: int = -1, n: int = 1, prepend: ArrayLike | None = None, append: ArrayLike | None = None
) -> ArrayT:
    """Return the differences of neighbours along an axis, `n` times."""

def log_softmax(x: ArrayT, /, *, axis: int = -1) -> ArrayT:
    """Return the logarithm of `softmax`. (Beyond the standard.)"""

def logsumexp(x: ArrayT, /, *, axis: Axes = None, keepdims: bool = False) -> ArrayT:
    """Return `log(sum(exp(x)))`, which does not overflow. (Beyond the standard.)"""

def max(x: ArrayT, /, *, axis: Axes = None, keepdims: bool = False) -> ArrayT:
    """Return the greatest value; equal ones have equal parts of its gradient."""

def mean(x: ArrayT, /, *, axis: Axes = None, keepdims: bool = False) -> ArrayT:
    """Return the mean."""

def min(x: ArrayT, /, *, axis: Axes = None, keepdims: bool = False) -> ArrayT:
    """Return the least value; equal ones have equal parts of its gradient."""

def prod(x: ArrayT, /, *, axis: Axes = None, dtype: DType = None, keepdims: bool = False) -> ArrayT:
    """Return the product."""

def softmax(x: ArrayT, /, *, axis: int = -1) -> ArrayT:
    """Return `exp(x)`, divided by its sum along an axis. (Beyond the standard.)"""

def std(x: ArrayT, /, *, axis: Axes = None, correction: float = 0.0, keepdims: bool = False) -> ArrayT:
    """Return the standard deviation, of `n - correction` degrees of freedom: torch's method has 1, NumPy 0."""

def sum(x: ArrayT, /, *, axis: Axes = None, dtype: DType = None, keepdims: bool = False) -> ArrayT:
    """Return the sum."""

def var(x: ArrayT, /, *, axis: Axes = None, correction: float = 0.0, keepdims: bool = False) -> ArrayT:
    """Return the variance, of `n - correction` degrees of freedom: torch's method has 1, NumPy 0."""
