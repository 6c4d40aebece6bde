"""Functions along axes.

`axis` is one axis, several, or `None` for all; `keepdims` leaves them with size 1.
"""

def all(x: ArrayT, /, *, axis: Axes = None, keepdims: bool = False) -> ArrayT:
    """Return whether all values are true; of no values they are.

    >>> unp.all(torch.tensor([[True, False], [True, True]]), axis=0)
    tensor([ True, False])
    """

def any(x: ArrayT, /, *, axis: Axes = None, keepdims: bool = False) -> ArrayT:
    """Return whether any value is true; of no values none is.

    >>> unp.any(torch.tensor([[True, False], [False, False]]), axis=1)
    tensor([ True, False])
    """

def argmax(x: ArrayT, /, *, axis: int | None = None, keepdims: bool = False) -> ArrayT:
    """Return the position of the first greatest value; of all axes, that in the flat array.

    NaN counts as the greatest.

    >>> unp.argmax(torch.tensor([[1.0, 3.0], [5.0, 5.0]]), axis=1)
    tensor([1, 0])
    """

def argmin(x: ArrayT, /, *, axis: int | None = None, keepdims: bool = False) -> ArrayT:
    """Return the position of the first least value; of all axes, that in the flat array.

    NaN counts as the least.

    >>> unp.argmin(torch.tensor([[1.0, 3.0], [0.0, 5.0]]))
    tensor(2)
    """

def count_nonzero(x: ArrayT, /, *, axis: Axes = None, keepdims: bool = False) -> ArrayT:
    """Return the number of values that are not zero.

    >>> unp.count_nonzero(torch.tensor([[0, 1], [2, 3]]), axis=0)
    tensor([1, 2])
    """

def cumprod(x: ArrayT, /, *, axis: int | None = None, dtype: DType = None) -> ArrayT:
    """Return what `cumulative_prod` does, by NumPy's and torch's name.

    Source: beyond the standard; `torch.cumprod`, `numpy.cumprod`.

    >>> unp.cumprod(torch.tensor([1.0, 2.0, 3.0]))
    tensor([1., 2., 6.])
    """

def cumsum(x: ArrayT, /, *, axis: int | None = None, dtype: DType = None) -> ArrayT:
    """Return what `cumulative_sum` does, by NumPy's and torch's name.

    Source: beyond the standard; `torch.cumsum`, `numpy.cumsum`.

    >>> unp.cumsum(torch.tensor([[1, 2], [3, 4]]), axis=0)
    tensor([[1, 2],
            [4, 6]])
    """

def cumulative_prod(
    x: ArrayT, /, *, axis: int | None = None, dtype: DType = None, include_initial: bool = False
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

    >>> unp.cumulative_prod(torch.tensor([1.0, 2.0, 3.0]), include_initial=True)
    tensor([1., 1., 2., 6.])
    """

def cumulative_sum(
    x: ArrayT, /, *, axis: int | None = None, dtype: DType = None, include_initial: bool = False
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

    >>> unp.cumulative_sum(torch.tensor([1.0, 2.0, 3.0]), include_initial=True)
    tensor([0., 1., 3., 6.])
    """

def diff(
    x: ArrayT, /, *, axis: int = -1, n: int = 1, prepend: ArrayLike | None = None, append: ArrayLike | None = None
) -> ArrayT:
    """Return the differences of neighbours along an axis, `n` times.

    Args:
        x: an array of any shape.
        axis: the axis, which becomes `n` shorter.
        n: how often differences are taken.
        prepend: an array that is put before `x` along the axis.
        append: an array that is put after it.

    >>> unp.diff(torch.tensor([1.0, 4.0, 9.0]), n=2)
    tensor([2.])
    """

def log_softmax(x: ArrayT, /, *, axis: int = -1) -> ArrayT:
    """Return the logarithm of `softmax`, without overflow.

    Source: beyond the standard; `jax.nn.log_softmax`, `torch.log_softmax`.

    >>> unp.log_softmax(torch.tensor([0.0, 0.0]))
    tensor([-0.6931, -0.6931])
    """

def logsumexp(x: ArrayT, /, *, axis: Axes = None, keepdims: bool = False) -> ArrayT:
    """Return `log(sum(exp(x)))`, which does not overflow.

    Source: beyond the standard; `jax.nn.logsumexp`, `torch.logsumexp`.

    >>> unp.logsumexp(torch.tensor([1000.0, 1000.0]))
    tensor(1000.6932)
    """

def max(x: ArrayT, /, *, axis: Axes = None, keepdims: bool = False) -> ArrayT:
    """Return the greatest value; equal ones have equal parts of its gradient.

    NaN counts as the greatest. Of no values it raises (`ValueError` on JAX, `IndexError` on torch).

    >>> unp.max(torch.tensor([[1.0, 3.0], [5.0, 2.0]]), axis=1)
    tensor([3., 5.])
    """

def mean(x: ArrayT, /, *, axis: Axes = None, keepdims: bool = False) -> ArrayT:
    """Return the mean; of integers in floating-point numbers, and NaN of no values.

    >>> import jax.numpy as jnp, torch, unified.numpy as unp
    >>> unp.mean(torch.tensor([[1.0, 3.0], [5.0, 7.0]]), axis=0, keepdims=True)
    tensor([[3., 5.]])
    >>> unp.mean(jnp.array([[1.0, 3.0], [5.0, 7.0]]), axis=0, keepdims=True)
    Array([[3., 5.]], dtype=float32)
    """

def min(x: ArrayT, /, *, axis: Axes = None, keepdims: bool = False) -> ArrayT:
    """Return the least value; equal ones have equal parts of its gradient.

    NaN counts as the least. Of no values it raises (`ValueError` on JAX, `IndexError` on torch).

    >>> unp.min(torch.tensor([[1.0, 3.0], [5.0, 2.0]]), axis=1)
    tensor([1., 2.])
    """

def prod(x: ArrayT, /, *, axis: Axes = None, dtype: DType = None, keepdims: bool = False) -> ArrayT:
    """Return the product; of no values 1.

    By default the product of integers has the framework's widest dtype.

    >>> unp.prod(torch.tensor([2.0, 3.0, 4.0]))
    tensor(24.)
    """

def softmax(x: ArrayT, /, *, axis: int = -1) -> ArrayT:
    """Return `exp(x)`, divided by its sum along an axis.

    Source: beyond the standard; `jax.nn.softmax`, `torch.softmax`.

    >>> unp.softmax(torch.tensor([1000.0, 1000.0]))
    tensor([0.5000, 0.5000])
    """

def std(x: ArrayT, /, *, axis: Axes = None, correction: float = 0.0, keepdims: bool = False) -> ArrayT:
    """Return the standard deviation, of `n - correction` degrees of freedom; the gradient of equal values is zero.

    With a `correction` of 0, the default, it is that of JAX's and NumPy's method; torch's method has 1.

    >>> import jax.numpy as jnp, torch, unified.numpy as unp
    >>> unp.std(torch.tensor([1.0, 3.0])), unp.std(jnp.array([1.0, 3.0]))
    (tensor(1.), Array(1., dtype=float32))
    """

def sum(x: ArrayT, /, *, axis: Axes = None, dtype: DType = None, keepdims: bool = False) -> ArrayT:
    """Return the sum; of no values 0.

    By default the sum of integers and booleans has the framework's widest dtype of integers.

    >>> unp.sum(torch.tensor([[1, 2], [3, 4]]), axis=0)
    tensor([4, 6])
    """

def var(x: ArrayT, /, *, axis: Axes = None, correction: float = 0.0, keepdims: bool = False) -> ArrayT:
    """Return the variance, of `n - correction` degrees of freedom.

    With a `correction` of 0, the default, it is that of JAX's and NumPy's method; torch's method has 1.

    >>> unp.var(torch.tensor([1.0, 3.0])), unp.var(torch.tensor([1.0, 3.0]), correction=1)
    (tensor(1.), tensor(2.))
    """
