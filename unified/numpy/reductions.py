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
    """Return whether all values are true; of no values they are.

    Source: array API standard 2024.12, `all`.

    >>> import torch, unified.numpy as unp
    >>> unp.all(torch.tensor([[True, False], [True, True]]), axis=0)
    tensor([ True, False])
    """
    if idioms:
        refuse_keywords("all", idioms)
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).all(
        x, axis=axis, keepdims=keepdims)

def any(x: ArrayT, /, *, axis: Axes = None, keepdims: bool = False, **idioms: Never) -> ArrayT:
    """Return whether any value is true; of no values none is.

    Source: array API standard 2024.12, `any`.

    >>> import torch, unified.numpy as unp
    >>> unp.any(torch.tensor([[True, False], [False, False]]), axis=1)
    tensor([ True, False])
    """
    if idioms:
        refuse_keywords("any", idioms)
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).any(
        x, axis=axis, keepdims=keepdims)

def argmax(x: ArrayT, /, *, axis: int | None = None, keepdims: bool = False, **idioms: Never) -> ArrayT:
    """Return the position of the first greatest value; of all axes, that in the flat array.

    NaN counts as the greatest.

    Source: array API standard 2024.12, `argmax`.

    >>> import torch, unified.numpy as unp
    >>> unp.argmax(torch.tensor([[1.0, 3.0], [5.0, 5.0]]), axis=1)
    tensor([1, 0])
    """
    if idioms:
        refuse_keywords("argmax", idioms)
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).argmax(
        x, axis=axis, keepdims=keepdims)

def argmin(x: ArrayT, /, *, axis: int | None = None, keepdims: bool = False, **idioms: Never) -> ArrayT:
    """Return the position of the first least value; of all axes, that in the flat array.

    NaN counts as the least.

    Source: array API standard 2024.12, `argmin`.

    >>> import torch, unified.numpy as unp
    >>> unp.argmin(torch.tensor([[1.0, 3.0], [0.0, 5.0]]))
    tensor(2)
    """
    if idioms:
        refuse_keywords("argmin", idioms)
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).argmin(
        x, axis=axis, keepdims=keepdims)

def count_nonzero(x: ArrayT, /, *, axis: Axes = None, keepdims: bool = False, **idioms: Never) -> ArrayT:
    """Return the number of values that are not zero.

    Source: array API standard 2024.12, `count_nonzero`.

    >>> import torch, unified.numpy as unp
    >>> unp.count_nonzero(torch.tensor([[0, 1], [2, 3]]), axis=0)
    tensor([1, 2])
    """
    if idioms:
        refuse_keywords("count_nonzero", idioms)
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).count_nonzero(
        x, axis=axis, keepdims=keepdims)

def cumprod(x: ArrayT, /, *, axis: int | None = None, dtype: DType = None, **idioms: Never) -> ArrayT:
    """Return what `cumulative_prod` does, by NumPy's and torch's name.

    Source: beyond the standard; `torch.cumprod`, `numpy.cumprod`.

    >>> import torch, unified.numpy as unp
    >>> unp.cumprod(torch.tensor([1.0, 2.0, 3.0]))
    tensor([1., 2., 6.])
    """
    if idioms:
        refuse_keywords("cumprod", idioms)
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).cumprod(
        x, axis=axis, dtype=dtype)

def cumsum(x: ArrayT, /, *, axis: int | None = None, dtype: DType = None, **idioms: Never) -> ArrayT:
    """Return what `cumulative_sum` does, by NumPy's and torch's name.

    Source: beyond the standard; `torch.cumsum`, `numpy.cumsum`.

    >>> import torch, unified.numpy as unp
    >>> unp.cumsum(torch.tensor([[1, 2], [3, 4]]), axis=0)
    tensor([[1, 2],
            [4, 6]])
    """
    if idioms:
        refuse_keywords("cumsum", idioms)
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).cumsum(
        x, axis=axis, dtype=dtype)

def cumulative_prod(
    x: ArrayT, /, *, axis: int | None = None, dtype: DType = None, include_initial: bool = False, **idioms: Never
) -> ArrayT:
    """Return the products of all values up to each along an axis.

    Args:
        x: an array of any shape.
        axis: the axis, which only a vector needs not name.
        dtype: the dtype of the products; by default integers get the framework's widest.
        include_initial: whether the product of no values, 1, comes first.

    Returns:
        An array of the shape of `x`, or one longer along `axis` with `include_initial`.

    Raises:
        ValueError: no `axis`, and `x` is no vector.

    Source: array API standard 2024.12, `cumulative_prod`.

    >>> import torch, unified.numpy as unp
    >>> unp.cumulative_prod(torch.tensor([1.0, 2.0, 3.0]), include_initial=True)
    tensor([1., 1., 2., 6.])
    """
    if idioms:
        refuse_keywords("cumulative_prod", idioms)
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).cumulative_prod(
        x, axis=axis, dtype=dtype, include_initial=include_initial)

def cumulative_sum(
    x: ArrayT, /, *, axis: int | None = None, dtype: DType = None, include_initial: bool = False, **idioms: Never
) -> ArrayT:
    """Return the sums of all values up to each along an axis.

    Args:
        x: an array of any shape.
        axis: the axis, which only a vector needs not name.
        dtype: the dtype of the sums; by default integers get the framework's widest.
        include_initial: whether the sum of no values, 0, comes first.

    Returns:
        An array of the shape of `x`, or one longer along `axis` with `include_initial`.

    Raises:
        ValueError: no `axis`, and `x` is no vector.

    Source: array API standard 2024.12, `cumulative_sum`.

    >>> import torch, unified.numpy as unp
    >>> unp.cumulative_sum(torch.tensor([1.0, 2.0, 3.0]), include_initial=True)
    tensor([0., 1., 3., 6.])
    """
    if idioms:
        refuse_keywords("cumulative_sum", idioms)
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).cumulative_sum(
        x, axis=axis, dtype=dtype, include_initial=include_initial)

def diff(
    x: ArrayT, /, *, axis: int = -1, n: int = 1, prepend: ArrayLike | None = None, append: ArrayLike | None = None,
    **idioms: Never) -> ArrayT:
    """Return the differences of neighbours along an axis, `n` times.

    Args:
        x: an array of any shape.
        axis: the axis, which becomes `n` shorter.
        n: how often differences are taken.
        prepend: an array that is put before `x` along the axis.
        append: an array that is put after it.

    Source: array API standard 2024.12, `diff`.

    >>> import torch, unified.numpy as unp
    >>> unp.diff(torch.tensor([1.0, 4.0, 9.0]), n=2)
    tensor([2.])
    """
    if idioms:
        refuse_keywords("diff", idioms)
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x, prepend, append)).diff(
        x, axis=axis, n=n, prepend=prepend, append=append)

def log_softmax(x: ArrayT, /, *, axis: int = -1, **idioms: Never) -> ArrayT:
    """Return the logarithm of `softmax`, without overflow.

    Source: beyond the standard; `jax.nn.log_softmax`, `torch.log_softmax`.

    >>> import torch, unified.numpy as unp
    >>> unp.log_softmax(torch.tensor([0.0, 0.0]))
    tensor([-0.6931, -0.6931])
    """
    if idioms:
        refuse_keywords("log_softmax", idioms)
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).log_softmax(x, axis=axis)

def logsumexp(x: ArrayT, /, *, axis: Axes = None, keepdims: bool = False, **idioms: Never) -> ArrayT:
    """Return `log(sum(exp(x)))`, which does not overflow.

    Source: beyond the standard; `jax.nn.logsumexp`, `torch.logsumexp`.

    >>> import torch, unified.numpy as unp
    >>> unp.logsumexp(torch.tensor([1000.0, 1000.0]))
    tensor(1000.6932)
    """
    if idioms:
        refuse_keywords("logsumexp", idioms)
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).logsumexp(
        x, axis=axis, keepdims=keepdims)

def max(x: ArrayT, /, *, axis: Axes = None, keepdims: bool = False, **idioms: Never) -> ArrayT:
    """Return the greatest value; equal ones have equal parts of its gradient.

    NaN counts as the greatest. Of no values it raises (`ValueError` on JAX, `IndexError` on torch).

    Source: array API standard 2024.12, `max`.

    >>> import torch, unified.numpy as unp
    >>> unp.max(torch.tensor([[1.0, 3.0], [5.0, 2.0]]), axis=1)
    tensor([3., 5.])
    """
    if idioms:
        refuse_keywords("max", idioms)
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).max(
        x, axis=axis, keepdims=keepdims)

def mean(x: ArrayT, /, *, axis: Axes = None, keepdims: bool = False, **idioms: Never) -> ArrayT:
    """Return the mean; of integers in floating-point numbers, and NaN of no values.

    Source: array API standard 2024.12, `mean`.

    >>> import jax.numpy as jnp, torch, unified.numpy as unp
    >>> unp.mean(torch.tensor([[1.0, 3.0], [5.0, 7.0]]), axis=0, keepdims=True)
    tensor([[3., 5.]])
    >>> unp.mean(jnp.array([[1.0, 3.0], [5.0, 7.0]]), axis=0, keepdims=True)
    Array([[3., 5.]], dtype=float32)
    """
    if idioms:
        refuse_keywords("mean", idioms)
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).mean(
        x, axis=axis, keepdims=keepdims)

def min(x: ArrayT, /, *, axis: Axes = None, keepdims: bool = False, **idioms: Never) -> ArrayT:
    """Return the least value; equal ones have equal parts of its gradient.

    NaN counts as the least. Of no values it raises (`ValueError` on JAX, `IndexError` on torch).

    Source: array API standard 2024.12, `min`.

    >>> import torch, unified.numpy as unp
    >>> unp.min(torch.tensor([[1.0, 3.0], [5.0, 2.0]]), axis=1)
    tensor([1., 2.])
    """
    if idioms:
        refuse_keywords("min", idioms)
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).min(
        x, axis=axis, keepdims=keepdims)

def prod(x: ArrayT, /, *, axis: Axes = None, dtype: DType = None, keepdims: bool = False, **idioms: Never) -> ArrayT:
    """Return the product; of no values 1.

    By default the product of integers has the framework's widest dtype.

    Source: array API standard 2024.12, `prod`.

    >>> import torch, unified.numpy as unp
    >>> unp.prod(torch.tensor([2.0, 3.0, 4.0]))
    tensor(24.)
    """
    if idioms:
        refuse_keywords("prod", idioms)
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).prod(
        x, axis=axis, dtype=dtype, keepdims=keepdims)

def softmax(x: ArrayT, /, *, axis: int = -1, **idioms: Never) -> ArrayT:
    """Return `exp(x)`, divided by its sum along an axis.

    Source: beyond the standard; `jax.nn.softmax`, `torch.softmax`.

    >>> import torch, unified.numpy as unp
    >>> unp.softmax(torch.tensor([1000.0, 1000.0]))
    tensor([0.5000, 0.5000])
    """
    if idioms:
        refuse_keywords("softmax", idioms)
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).softmax(x, axis=axis)

def std(x: ArrayT, /, *, axis: Axes = None, correction: float = 0.0, keepdims: bool = False, **idioms: Never) -> ArrayT:
    """Return the standard deviation, of `n - correction` degrees of freedom; the gradient of equal values is zero.

    With a `correction` of 0, the default, it is that of JAX's and NumPy's method; torch's method has 1.

    Source: array API standard 2024.12, `std`.

    >>> import jax.numpy as jnp, torch, unified.numpy as unp
    >>> unp.std(torch.tensor([1.0, 3.0])), unp.std(jnp.array([1.0, 3.0]))
    (tensor(1.), Array(1., dtype=float32))
    """
    if idioms:
        refuse_keywords("std", idioms)
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).std(
        x, axis=axis, correction=correction, keepdims=keepdims)

def sum(x: ArrayT, /, *, axis: Axes = None, dtype: DType = None, keepdims: bool = False, **idioms: Never) -> ArrayT:
    """Return the sum; of no values 0.

    By default the sum of integers and booleans has the framework's widest dtype of integers.

    Source: array API standard 2024.12, `sum`.

    >>> import torch, unified.numpy as unp
    >>> unp.sum(torch.tensor([[1, 2], [3, 4]]), axis=0)
    tensor([4, 6])
    """
    if idioms:
        refuse_keywords("sum", idioms)
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).sum(
        x, axis=axis, dtype=dtype, keepdims=keepdims)

def var(x: ArrayT, /, *, axis: Axes = None, correction: float = 0.0, keepdims: bool = False, **idioms: Never) -> ArrayT:
    """Return the variance, of `n - correction` degrees of freedom.

    With a `correction` of 0, the default, it is that of JAX's and NumPy's method; torch's method has 1.

    Source: array API standard 2024.12, `var`.

    >>> import torch, unified.numpy as unp
    >>> unp.var(torch.tensor([1.0, 3.0])), unp.var(torch.tensor([1.0, 3.0]), correction=1)
    (tensor(1.), tensor(2.))
    """
    if idioms:
        refuse_keywords("var", idioms)
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).var(
        x, axis=axis, correction=correction, keepdims=keepdims)
