"""Arrays that are made.

They are on the device, and in the floating-point dtype, of the running model's arrays, or of `like`; outside of a body
without `like`, the framework's defaults.
"""

def arange(
    start: float,
    /,
    stop: float | None = None,
    step: float = 1,
    *,
    dtype: DType = None,
    device: Device = None,
    like: ArrayLike | None = None,
) -> Array:
    """Return the numbers from `start` to before `stop`, or from 0 to before `start`, in steps of `step`.

    Integers have the framework's default dtype (`int64` on torch, `int32` on JAX unless `jax_enable_x64` is set).

    Args:
        start: the first number, or the end if there is no `stop`.
        stop: the end, which is not returned.
        step: the difference of neighbours; not zero.
        dtype: the dtype of the result.
        device: its device.
        like: an array whose framework, device and floating-point dtype are taken.

    >>> unp.arange(2, 10, 3, like=torch.ones(1))
    tensor([2, 5, 8])
    """

def asarray(
    obj: Any,
    /,
    *,
    dtype: DType = None,
    device: Device = None,
    copy: bool | None = None,
    like: ArrayLike | None = None,
) -> Array:
    """Return an array of numbers, nested lists of them, a NumPy array or an array of the framework.

    Args:
        obj: a number, lists, or an array.
        dtype: the dtype of the result; by default that of `obj`, floating-point numbers of Python in that of `like`.
        device: its device.
        copy: whether memory is copied: always, never, or if it is necessary (`None`).
        like: an array whose framework, device and floating-point dtype are taken.

    Raises:
        ValueError: `copy=False`, and what is passed has to be copied.
        BackendError: an array of another framework was passed.

    >>> unp.asarray([1.0, 2.0], like=torch.ones(1, dtype=torch.float16))
    tensor([1., 2.], dtype=torch.float16)
    """

def empty(shape: ShapeLike, *, dtype: DType = None, device: Device = None, like: ArrayLike | None = None) -> Array:
    """Return an array whose values are not set (on JAX they are zeros).

    Args:
        shape: the sizes.
        dtype: the dtype.
        device: the device.
        like: an array whose framework, device and floating-point dtype are taken.

    >>> unp.empty((2, 3), like=torch.ones(1)).shape
    torch.Size([2, 3])
    """

def empty_like(x: ArrayT, /, *, dtype: DType = None, device: Device = None) -> ArrayT:
    """Return an array of the shape of `x` whose values are not set (on JAX they are zeros).

    >>> unp.empty_like(torch.ones(2, 3)).shape
    torch.Size([2, 3])
    """

def eye(
    n_rows: int,
    n_cols: int | None = None,
    /,
    *,
    k: int = 0,
    dtype: DType = None,
    device: Device = None,
    like: ArrayLike | None = None,
) -> Array:
    """Return a matrix of zeros with ones on its `k`-th diagonal.

    Args:
        n_rows: the number of rows.
        n_cols: the number of columns; by default as many.
        k: which diagonal: above the main one if it is positive, below if it is negative.
        dtype: the dtype.
        device: the device.
        like: an array whose framework, device and floating-point dtype are taken.

    >>> unp.eye(2, 3, k=1, like=torch.ones(1))
    tensor([[0., 1., 0.],
            [0., 0., 1.]])
    """

def from_dlpack(x: Any, /, *, device: Device = None, copy: bool | None = None) -> Array:
    """Return an array over the memory of any object that has `__dlpack__`.

    Args:
        x: an array of any library that has `__dlpack__`, such as NumPy's.
        device: the device of the result.
        copy: whether memory is copied: always, never, or if it is necessary (`None`).

    Returns:
        An array of the running model's framework, or of the default backend outside of a body.

    >>> import numpy, torch, unified.numpy as unp
    >>> [float(value) for value in unp.from_dlpack(numpy.ones(2, "float32"))]
    [1.0, 1.0]
    """

def full(
    shape: ShapeLike,
    fill_value: complex | ArrayLike,
    *,
    dtype: DType = None,
    device: Device = None,
    like: ArrayLike | None = None,
) -> Array:
    """Return an array of one value; by default its dtype is that of the value's kind.

    Args:
        shape: the sizes.
        fill_value: a number, or an array without axes.
        dtype: the dtype.
        device: the device.
        like: an array whose framework, device and floating-point dtype are taken.

    >>> unp.full((2,), 0.5, like=torch.ones(1))
    tensor([0.5000, 0.5000])
    """

def full_like(x: ArrayT, /, fill_value: complex | ArrayLike, *, dtype: DType = None, device: Device = None) -> ArrayT:
    """Return an array of one value, of the shape and dtype of `x`.

    Args:
        x: an array.
        fill_value: a number, or an array without axes.
        dtype: another dtype.
        device: another device.

    >>> unp.full_like(torch.ones(2), 7)
    tensor([7., 7.])
    """

def linspace(
    start: complex,
    stop: complex,
    /,
    num: int,
    *,
    dtype: DType = None,
    device: Device = None,
    endpoint: bool = True,
    like: ArrayLike | None = None,
) -> Array:
    """Return `num` numbers at equal distances.

    Args:
        start: the first number.
        stop: the end.
        num: how many numbers.
        dtype: the dtype.
        device: the device.
        endpoint: whether the last number is `stop`, or the one before it.
        like: an array whose framework, device and floating-point dtype are taken.

    >>> unp.linspace(0, 1, 3, like=torch.ones(1))
    tensor([0.0000, 0.5000, 1.0000])
    """

def meshgrid(*arrays: ArrayT, indexing: Literal["xy", "ij"] = "xy") -> list[ArrayT]:
    """Return the coordinates of a grid from the coordinates of its axes.

    Args:
        *arrays: vectors, one for each axis.
        indexing: `"ij"` for grids with the axes in this order, `"xy"` with the first two exchanged, as for images.

    Returns:
        As many arrays, each with an axis for each vector.

    >>> x, y = unp.meshgrid(torch.tensor([0, 1]), torch.tensor([5, 6, 7]))
    >>> x.tolist(), y.tolist()
    ([[0, 1], [0, 1], [0, 1]], [[5, 5], [6, 6], [7, 7]])
    """

def ones(shape: ShapeLike, *, dtype: DType = None, device: Device = None, like: ArrayLike | None = None) -> Array:
    """Return an array of ones.

    Args:
        shape: the sizes.
        dtype: the dtype.
        device: the device.
        like: an array whose framework, device and floating-point dtype are taken.

    >>> unp.ones((2,), like=torch.zeros(1, dtype=torch.float64))
    tensor([1., 1.], dtype=torch.float64)
    """

def ones_like(x: ArrayT, /, *, dtype: DType = None, device: Device = None) -> ArrayT:
    """Return an array of ones, of the shape and dtype of `x`.

    >>> unp.ones_like(torch.zeros(2))
    tensor([1., 1.])
    """

def tril(x: ArrayT, /, *, k: int = 0) -> ArrayT:
    """Return the matrices `x` with zeros above the `k`-th diagonal.

    >>> unp.tril(torch.ones(2, 2))
    tensor([[1., 0.],
            [1., 1.]])
    """

def triu(x: ArrayT, /, *, k: int = 0) -> ArrayT:
    """Return the matrices `x` with zeros below the `k`-th diagonal.

    >>> unp.triu(torch.ones(2, 2), k=1)
    tensor([[0., 1.],
            [0., 0.]])
    """

def zeros(shape: ShapeLike, *, dtype: DType = None, device: Device = None, like: ArrayLike | None = None) -> Array:
    """Return an array of zeros.

    Args:
        shape: the sizes.
        dtype: the dtype.
        device: the device.
        like: an array whose framework, device and floating-point dtype are taken.

    >>> unp.zeros((2,), like=torch.ones(3, dtype=torch.float16))
    tensor([0., 0.], dtype=torch.float16)
    """

def zeros_like(x: ArrayT, /, *, dtype: DType = None, device: Device = None) -> ArrayT:
    """Return an array of zeros, of the shape and dtype of `x`.

    >>> unp.zeros_like(torch.ones(2))
    tensor([0., 0.])
    """
