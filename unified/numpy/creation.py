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
    """
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(like)).arange(
        start, stop, step, dtype=dtype, device=device, like=like)

def asarray(
    obj: Any, /, *, dtype: DType = None, device: Device = None, copy: bool | None = None, like: ArrayLike | None = None
) -> Array:
    """Return an array of numbers, nested lists of them, a NumPy array or an array of the framework.

    Raises:
        ValueError: `copy=False`, and what is passed has to be copied.
        BackendError: an array of another framework was passed.
    """
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(obj, like)).asarray(
        obj, dtype=dtype, device=device, copy=copy, like=like)

def empty(shape: ShapeLike, *, dtype: DType = None, device: Device = None, like: ArrayLike | None = None) -> Array:
    """Return an array whose values are not set (on JAX they are zeros)."""
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(like)).empty(
        shape, dtype=dtype, device=device, like=like)

def empty_like(x: ArrayT, /, *, dtype: DType = None, device: Device = None) -> ArrayT:
    """Return an array of the shape of `x` whose values are not set (on JAX they are zeros)."""
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).empty_like(
        x, dtype=dtype, device=device)

def eye(
    n_rows: int, n_cols: int | None = None, /, *, k: int = 0, dtype: DType = None, device: Device = None,
    like: ArrayLike | None = None) -> Array:
    """Return a matrix of zeros with ones on its `k`-th diagonal."""
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(like)).eye(
        n_rows, n_cols, k=k, dtype=dtype, device=device, like=like)

def from_dlpack(x: Any, /, *, device: Device = None, copy: bool | None = None) -> Array:
    """Return an array over the memory of any object that has `__dlpack__`; see the standard for `copy`."""
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of()).from_dlpack(
        x, device=device, copy=copy)

def full(
    shape: ShapeLike, fill_value: complex | ArrayLike, *, dtype: DType = None, device: Device = None,
    like: ArrayLike | None = None) -> Array:
    """Return an array of one value; by default its dtype is that of the value's kind."""
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(fill_value, like)).full(
        shape, fill_value, dtype=dtype, device=device, like=like)

def full_like(x: ArrayT, /, fill_value: complex | ArrayLike, *, dtype: DType = None, device: Device = None) -> ArrayT:
    """Return an array of one value, of the shape and dtype of `x`."""
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x, fill_value)).full_like(
        x, fill_value, dtype=dtype, device=device)

def linspace(
    start: complex, stop: complex, /, num: int, *, dtype: DType = None, device: Device = None, endpoint: bool = True,
    like: ArrayLike | None = None) -> Array:
    """Return `num` numbers at equal distances, the last of them `stop` if `endpoint`."""
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(like)).linspace(
        start, stop, num, dtype=dtype, device=device, endpoint=endpoint, like=like)

def meshgrid(*arrays: ArrayT, indexing: Literal["xy", "ij"] = "xy") -> list[ArrayT]:
    """Return the coordinates of a grid from the coordinates of its axes, as vectors."""
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(*arrays)).meshgrid(
        *arrays, indexing=indexing)

def ones(shape: ShapeLike, *, dtype: DType = None, device: Device = None, like: ArrayLike | None = None) -> Array:
    """Return an array of ones."""
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(like)).ones(
        shape, dtype=dtype, device=device, like=like)

def ones_like(x: ArrayT, /, *, dtype: DType = None, device: Device = None) -> ArrayT:
    """Return an array of ones, of the shape and dtype of `x`."""
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).ones_like(
        x, dtype=dtype, device=device)

def tril(x: ArrayT, /, *, k: int = 0) -> ArrayT:
    """Return the matrices `x` with zeros above the `k`-th diagonal."""
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).tril(x, k=k)

def triu(x: ArrayT, /, *, k: int = 0) -> ArrayT:
    """Return the matrices `x` with zeros below the `k`-th diagonal."""
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).triu(x, k=k)

def zeros(shape: ShapeLike, *, dtype: DType = None, device: Device = None, like: ArrayLike | None = None) -> Array:
    """Return an array of zeros.

    >>> import torch, unified.numpy as unp
    >>> unp.zeros((2,), like=torch.ones(3, dtype=torch.float16))
    tensor([0., 0.], dtype=torch.float16)
    """
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(like)).zeros(
        shape, dtype=dtype, device=device, like=like)

def zeros_like(x: ArrayT, /, *, dtype: DType = None, device: Device = None) -> ArrayT:
    """Return an array of zeros, of the shape and dtype of `x`."""
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).zeros_like(
        x, dtype=dtype, device=device)
