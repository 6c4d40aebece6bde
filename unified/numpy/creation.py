"""Arrays that are made.

They are on the device, and in the floating-point dtype, of the running model's arrays, or of `like`; outside of a body
without `like`, the framework's defaults.

Written by `make generate` from the stub in tools/array_functions/.
"""

from typing import Any, Literal

from unified.core.annotations import Array, ArrayLike, ArrayT, Device, DType, ShapeLike
from unified.core.array_functions import functions_of
from unified.core.scope import current

# fmt: off
__all__ = [
    "arange", "asarray", "empty", "empty_like", "eye", "from_dlpack", "full", "full_like", "linspace", "meshgrid",
    "ones", "ones_like", "tril", "triu", "zeros", "zeros_like",
]


def arange(
    start: float, /, stop: float | None = None, step: float = 1, *, dtype: DType = None, device: Device = None,
    like: ArrayLike | None = None) -> Array:
    """Return the numbers from `start` to before `stop`, or from 0 to before `start`, in steps of `step`.

    Integers have the framework's default dtype (`int64` on torch, `int32` on JAX unless `jax_enable_x64` is set).

    Args:
        start: the first number, or the end if there is no `stop`.
        stop: the end, which is not returned.
        step: the difference of neighbours; not zero.
        dtype: the dtype of the result.
        device: its device.
        like: an array whose framework, device and floating-point dtype are taken.

    Source: array API standard 2024.12, `arange`.

    >>> import torch, unified.numpy as unp
    >>> unp.arange(2, 10, 3, like=torch.ones(1))
    tensor([2, 5, 8])
    """
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(like)).arange(
        start, stop, step, dtype=dtype, device=device, like=like)

def asarray(
    obj: Any, /, *, dtype: DType = None, device: Device = None, copy: bool | None = None, like: ArrayLike | None = None
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

    Source: array API standard 2024.12, `asarray`.

    >>> import torch, unified.numpy as unp
    >>> unp.asarray([1.0, 2.0], like=torch.ones(1, dtype=torch.float16))
    tensor([1., 2.], dtype=torch.float16)
    """
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(obj, like)).asarray(
        obj, dtype=dtype, device=device, copy=copy, like=like)

def empty(shape: ShapeLike, *, dtype: DType = None, device: Device = None, like: ArrayLike | None = None) -> Array:
    """Return an array whose values are not set (on JAX they are zeros).

    Args:
        shape: the sizes.
        dtype: the dtype.
        device: the device.
        like: an array whose framework, device and floating-point dtype are taken.

    Source: array API standard 2024.12, `empty`.

    >>> import torch, unified.numpy as unp
    >>> unp.empty((2, 3), like=torch.ones(1)).shape
    torch.Size([2, 3])
    """
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(like)).empty(
        shape, dtype=dtype, device=device, like=like)

def empty_like(x: ArrayT, /, *, dtype: DType = None, device: Device = None) -> ArrayT:
    """Return an array of the shape of `x` whose values are not set (on JAX they are zeros).

    Source: array API standard 2024.12, `empty_like`.

    >>> import torch, unified.numpy as unp
    >>> unp.empty_like(torch.ones(2, 3)).shape
    torch.Size([2, 3])
    """
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).empty_like(
        x, dtype=dtype, device=device)

def eye(
    n_rows: int, n_cols: int | None = None, /, *, k: int = 0, dtype: DType = None, device: Device = None,
    like: ArrayLike | None = None) -> Array:
    """Return a matrix of zeros with ones on its `k`-th diagonal.

    Args:
        n_rows: the number of rows.
        n_cols: the number of columns; by default as many.
        k: which diagonal: above the main one if it is positive, below if it is negative.
        dtype: the dtype.
        device: the device.
        like: an array whose framework, device and floating-point dtype are taken.

    Source: array API standard 2024.12, `eye`.

    >>> import torch, unified.numpy as unp
    >>> unp.eye(2, 3, k=1, like=torch.ones(1))
    tensor([[0., 1., 0.],
            [0., 0., 1.]])
    """
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(like)).eye(
        n_rows, n_cols, k=k, dtype=dtype, device=device, like=like)

def from_dlpack(x: Any, /, *, device: Device = None, copy: bool | None = None) -> Array:
    """Return an array over the memory of any object that has `__dlpack__`.

    Args:
        x: an array of any library that has `__dlpack__`, such as NumPy's.
        device: the device of the result.
        copy: whether memory is copied: always, never, or if it is necessary (`None`).

    Returns:
        An array of the running model's framework, or of the default backend outside of a body.

    Source: array API standard 2024.12, `from_dlpack`.

    >>> import numpy, torch, unified.numpy as unp
    >>> [float(value) for value in unp.from_dlpack(numpy.ones(2, "float32"))]
    [1.0, 1.0]
    """
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of()).from_dlpack(
        x, device=device, copy=copy)

def full(
    shape: ShapeLike, fill_value: complex | ArrayLike, *, dtype: DType = None, device: Device = None,
    like: ArrayLike | None = None) -> Array:
    """Return an array of one value; by default its dtype is that of the value's kind.

    Args:
        shape: the sizes.
        fill_value: a number, or an array without axes.
        dtype: the dtype.
        device: the device.
        like: an array whose framework, device and floating-point dtype are taken.

    Source: array API standard 2024.12, `full`.

    >>> import torch, unified.numpy as unp
    >>> unp.full((2,), 0.5, like=torch.ones(1))
    tensor([0.5000, 0.5000])
    """
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(fill_value, like)).full(
        shape, fill_value, dtype=dtype, device=device, like=like)

def full_like(x: ArrayT, /, fill_value: complex | ArrayLike, *, dtype: DType = None, device: Device = None) -> ArrayT:
    """Return an array of one value, of the shape and dtype of `x`.

    Args:
        x: an array.
        fill_value: a number, or an array without axes.
        dtype: another dtype.
        device: another device.

    Source: array API standard 2024.12, `full_like`.

    >>> import torch, unified.numpy as unp
    >>> unp.full_like(torch.ones(2), 7)
    tensor([7., 7.])
    """
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x, fill_value)).full_like(
        x, fill_value, dtype=dtype, device=device)

def linspace(
    start: complex, stop: complex, /, num: int, *, dtype: DType = None, device: Device = None, endpoint: bool = True,
    like: ArrayLike | None = None) -> Array:
    """Return `num` numbers at equal distances.

    Args:
        start: the first number.
        stop: the end.
        num: how many numbers.
        dtype: the dtype.
        device: the device.
        endpoint: whether the last number is `stop`, or the one before it.
        like: an array whose framework, device and floating-point dtype are taken.

    Source: array API standard 2024.12, `linspace`.

    >>> import torch, unified.numpy as unp
    >>> unp.linspace(0, 1, 3, like=torch.ones(1))
    tensor([0.0000, 0.5000, 1.0000])
    """
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(like)).linspace(
        start, stop, num, dtype=dtype, device=device, endpoint=endpoint, like=like)

def meshgrid(*arrays: ArrayT, indexing: Literal["xy", "ij"] = "xy") -> list[ArrayT]:
    """Return the coordinates of a grid from the coordinates of its axes.

    Args:
        *arrays: vectors, one for each axis.
        indexing: `"ij"` for grids with the axes in this order, `"xy"` with the first two exchanged, as for images.

    Returns:
        As many arrays, each with an axis for each vector.

    Source: array API standard 2024.12, `meshgrid`.

    >>> import torch, unified.numpy as unp
    >>> x, y = unp.meshgrid(torch.tensor([0, 1]), torch.tensor([5, 6, 7]))
    >>> x.tolist(), y.tolist()
    ([[0, 1], [0, 1], [0, 1]], [[5, 5], [6, 6], [7, 7]])
    """
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(*arrays)).meshgrid(
        *arrays, indexing=indexing)

def ones(shape: ShapeLike, *, dtype: DType = None, device: Device = None, like: ArrayLike | None = None) -> Array:
    """Return an array of ones.

    Args:
        shape: the sizes.
        dtype: the dtype.
        device: the device.
        like: an array whose framework, device and floating-point dtype are taken.

    Source: array API standard 2024.12, `ones`.

    >>> import torch, unified.numpy as unp
    >>> unp.ones((2,), like=torch.zeros(1, dtype=torch.float64))
    tensor([1., 1.], dtype=torch.float64)
    """
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(like)).ones(
        shape, dtype=dtype, device=device, like=like)

def ones_like(x: ArrayT, /, *, dtype: DType = None, device: Device = None) -> ArrayT:
    """Return an array of ones, of the shape and dtype of `x`.

    Source: array API standard 2024.12, `ones_like`.

    >>> import torch, unified.numpy as unp
    >>> unp.ones_like(torch.zeros(2))
    tensor([1., 1.])
    """
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).ones_like(
        x, dtype=dtype, device=device)

def tril(x: ArrayT, /, *, k: int = 0) -> ArrayT:
    """Return the matrices `x` with zeros above the `k`-th diagonal.

    Source: array API standard 2024.12, `tril`.

    >>> import torch, unified.numpy as unp
    >>> unp.tril(torch.ones(2, 2))
    tensor([[1., 0.],
            [1., 1.]])
    """
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).tril(x, k=k)

def triu(x: ArrayT, /, *, k: int = 0) -> ArrayT:
    """Return the matrices `x` with zeros below the `k`-th diagonal.

    Source: array API standard 2024.12, `triu`.

    >>> import torch, unified.numpy as unp
    >>> unp.triu(torch.ones(2, 2), k=1)
    tensor([[0., 1.],
            [0., 0.]])
    """
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).triu(x, k=k)

def zeros(shape: ShapeLike, *, dtype: DType = None, device: Device = None, like: ArrayLike | None = None) -> Array:
    """Return an array of zeros.

    Args:
        shape: the sizes.
        dtype: the dtype.
        device: the device.
        like: an array whose framework, device and floating-point dtype are taken.

    Source: array API standard 2024.12, `zeros`.

    >>> import torch, unified.numpy as unp
    >>> unp.zeros((2,), like=torch.ones(3, dtype=torch.float16))
    tensor([0., 0.], dtype=torch.float16)
    """
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(like)).zeros(
        shape, dtype=dtype, device=device, like=like)

def zeros_like(x: ArrayT, /, *, dtype: DType = None, device: Device = None) -> ArrayT:
    """Return an array of zeros, of the shape and dtype of `x`.

    Source: array API standard 2024.12, `zeros_like`.

    >>> import torch, unified.numpy as unp
    >>> unp.zeros_like(torch.ones(2))
    tensor([0., 0.])
    """
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).zeros_like(
        x, dtype=dtype, device=device)
