"""Arrays that are made, on torch: on the device and in the floating-point dtype of the model, or of `like`."""

from typing import Any

import numpy as np
import torch

from unified.backends.torch.numpy.operands import NUMBERS, as_dtype, as_number, from_numpy, tensor
from unified.core.errors import BackendError
from unified.core.scope import current

__all__ = [
    "arange",
    "asarray",
    "empty",
    "empty_like",
    "eye",
    "from_dlpack",
    "full",
    "full_like",
    "linspace",
    "meshgrid",
    "ones",
    "ones_like",
    "place",
    "tril",
    "triu",
    "zeros",
    "zeros_like",
]

Tensor = torch.Tensor
# The real dtype of the parts of complex numbers.
PARTS = {torch.complex32: torch.float16, torch.complex64: torch.float32, torch.complex128: torch.float64}
COMPLEX = {torch.float16: torch.complex64, torch.bfloat16: torch.complex64, torch.float32: torch.complex64}


def place(dtype: Any, device: Any, like: Any) -> tuple[torch.dtype | None, torch.dtype, Any]:
    """Return the dtype that was asked for, the floating-point dtype otherwise, and the device, of an array."""
    floating = None
    if isinstance(like, torch.Tensor):
        device = like.device if device is None else device
        floating = like.dtype if like.dtype.is_floating_point else PARTS.get(like.dtype)
    elif (scope := current.scope) is not None:
        model_device, floating = scope.frame.array_defaults()
        device = model_device if device is None else device
    if like is not None and not isinstance(like, torch.Tensor):
        floating = _dtype_of_numpy(like) or floating
    return as_dtype(dtype), torch.get_default_dtype() if floating is None else floating, device


def _dtype_of_numpy(like: Any) -> torch.dtype | None:
    """Return the floating-point dtype of NumPy's array, which is on no device; raise for one of another framework."""
    if not isinstance(like, np.ndarray):
        raise BackendError(f"like= is an array of the framework that runs, torch, got {type(like).__name__}")
    return as_dtype(like.dtype) if like.dtype.kind == "f" else None


def _shape(shape: Any) -> tuple[int, ...]:
    return tuple(shape) if isinstance(shape, (tuple, list)) else (shape,)  # a size may be a symbol


def _dtype_of(number: Any, floating: torch.dtype) -> torch.dtype | None:
    """Return the dtype of an array of a number, or `None` for torch's own choice."""
    if isinstance(number, complex):
        return COMPLEX.get(floating, torch.complex128)
    return floating if isinstance(number, float) else None


def _innermost(value: Any) -> Any:
    """Return a number of nested lists, the one of the highest kind among the first of each, or `None`."""
    if not isinstance(value, (list, tuple)):
        return as_number(value)
    found = [_innermost(item) for item in value]
    for kind in (complex, float):
        for item in found:
            if isinstance(item, kind):
                return item
    return found[0] if found else 0.0


def arange(
    start: Any, stop: Any = None, step: Any = 1, *, dtype: Any = None, device: Any = None, like: Any = None
) -> Tensor:
    asked, floating, device = place(dtype, device, like)
    start, stop = (0, start) if stop is None else (start, stop)
    start, stop, step = as_number(start), as_number(stop), as_number(step)
    if asked is None:
        asked = floating if any(isinstance(value, float) for value in (start, stop, step)) else torch.int64
    # Where there is nothing between them torch raises.
    if isinstance(stop, (int, float)) and isinstance(start, (int, float)) and (stop <= start) == (step > 0):
        return torch.empty(0, dtype=asked, device=device)
    if asked.is_complex or asked is torch.bool or asked in (torch.uint16, torch.uint32, torch.uint64):
        return torch.arange(start, stop, step, device=device).to(asked)
    return torch.arange(start, stop, step, dtype=asked, device=device)


def asarray(obj: Any, *, dtype: Any = None, device: Any = None, copy: bool | None = None, like: Any = None) -> Tensor:
    if isinstance(obj, torch.Tensor):
        asked = as_dtype(dtype)
        if like is not None:
            device = place(None, device, like)[2]
        moved = obj.to(obj.device if device is None else device, obj.dtype if asked is None else asked)
        if moved is not obj and copy is False:
            raise ValueError("asarray: copy=False, and another dtype or device needs a copy")
        return moved.clone() if moved is obj and copy else moved
    asked, floating, device = place(dtype, device, like)
    obj = as_number(obj)
    if isinstance(obj, np.ndarray):
        if copy is False:
            if not obj.flags.writeable or any(stride < 0 for stride in obj.strides):
                raise ValueError("asarray: copy=False, and torch cannot share the memory of this NumPy array")
            found = torch.from_numpy(obj)
        else:
            found = from_numpy(obj, device)
        return found if asked is None else found.to(asked)
    if isinstance(obj, (*NUMBERS, list, tuple)):
        if copy is False:
            raise ValueError("asarray: copy=False, and numbers need a new array")
        return torch.asarray(obj, dtype=asked or _dtype_of(_innermost(obj), floating), device=device)
    if hasattr(type(obj), "__torch_function__"):
        return obj if asked is None else obj.to(asked)
    if hasattr(type(obj), "__jax_array__") or type(obj).__module__.startswith("jax"):
        tensor(obj)  # which raises
    return torch.asarray(obj, dtype=asked, device=device, copy=copy)


def empty(shape: Any, *, dtype: Any = None, device: Any = None, like: Any = None) -> Tensor:
    asked, floating, device = place(dtype, device, like)
    return torch.empty(_shape(shape), dtype=asked or floating, device=device)


def empty_like(x: Any, *, dtype: Any = None, device: Any = None) -> Tensor:
    return torch.empty_like(tensor(x), dtype=as_dtype(dtype), device=device)


def eye(
    n_rows: int, n_cols: int | None = None, *, k: int = 0, dtype: Any = None, device: Any = None, like: Any = None
) -> Tensor:
    asked, floating, device = place(dtype, device, like)
    rows = torch.arange(n_rows, device=device)[:, None]
    columns = torch.arange(n_rows if n_cols is None else n_cols, device=device)
    return (columns - rows == k).to(asked or floating)


def from_dlpack(x: Any, *, device: Any = None, copy: bool | None = None) -> Tensor:
    return torch.from_dlpack(x, device=device, copy=copy)


def full(shape: Any, fill_value: Any, *, dtype: Any = None, device: Any = None, like: Any = None) -> Tensor:
    asked, floating, device = place(dtype, device, like)
    fill_value = as_number(fill_value)
    if isinstance(fill_value, NUMBERS):
        return torch.full(_shape(shape), fill_value, dtype=asked or _dtype_of(fill_value, floating), device=device)
    value = tensor(fill_value, device)
    value = value.to(value.device if device is None else device, asked or value.dtype)
    return value.broadcast_to(_shape(shape)).clone()


def full_like(x: Any, fill_value: Any, *, dtype: Any = None, device: Any = None) -> Tensor:
    x, fill_value = tensor(x), as_number(fill_value)
    if isinstance(fill_value, NUMBERS):
        return torch.full_like(x, fill_value, dtype=as_dtype(dtype), device=device)
    value = tensor(fill_value, x.device)
    return value.to(x.device if device is None else device, as_dtype(dtype) or x.dtype).broadcast_to(x.shape).clone()


def linspace(
    start: Any,
    stop: Any,
    num: int,
    *,
    dtype: Any = None,
    device: Any = None,
    endpoint: bool = True,
    like: Any = None,
) -> Tensor:
    asked, floating, device = place(dtype, device, like)
    start, stop = as_number(start), as_number(stop)
    if asked is None:
        is_complex = isinstance(start, complex) or isinstance(stop, complex)
        asked = COMPLEX.get(floating, torch.complex128) if is_complex else floating
    if endpoint:
        return torch.linspace(start, stop, num, dtype=asked, device=device)
    return torch.linspace(start, stop, num + 1, dtype=asked, device=device)[:-1]


def meshgrid(*arrays: Any, indexing: Any = "xy") -> list[Tensor]:
    if indexing not in ("xy", "ij"):
        raise ValueError(f"meshgrid: indexing is 'xy' or 'ij', got {indexing!r}")
    return list(torch.meshgrid(*map(tensor, arrays), indexing=indexing)) if arrays else []


def ones(shape: Any, *, dtype: Any = None, device: Any = None, like: Any = None) -> Tensor:
    asked, floating, device = place(dtype, device, like)
    return torch.ones(_shape(shape), dtype=asked or floating, device=device)


def ones_like(x: Any, *, dtype: Any = None, device: Any = None) -> Tensor:
    return torch.ones_like(tensor(x), dtype=as_dtype(dtype), device=device)


def tril(x: Any, *, k: int = 0) -> Tensor:
    return torch.tril(tensor(x), k)


def triu(x: Any, *, k: int = 0) -> Tensor:
    return torch.triu(tensor(x), k)


def zeros(shape: Any, *, dtype: Any = None, device: Any = None, like: Any = None) -> Tensor:
    asked, floating, device = place(dtype, device, like)
    return torch.zeros(_shape(shape), dtype=asked or floating, device=device)


def zeros_like(x: Any, *, dtype: Any = None, device: Any = None) -> Tensor:
    return torch.zeros_like(tensor(x), dtype=as_dtype(dtype), device=device)
