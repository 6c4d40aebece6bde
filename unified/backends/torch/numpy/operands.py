"""Operands of functions on torch: tensors for what stands for one, and the promotion of dtypes.

torch lets an array without axes keep the dtype of the other operand within a kind; the standard promotes both. Numbers
of Python, and NumPy's, take the dtype of the arrays beside them.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import torch

from unified.backends.torch import arrays
from unified.backends.torch.prng import to_torch_dtype
from unified.core.axes import axes_of
from unified.core.errors import BackendError
from unified.core.scope import current

__all__ = [
    "NUMBERS",
    "as_dtype",
    "as_number",
    "dims",
    "dims_of_values",
    "pair",
    "promote",
    "result_dtype",
    "same",
    "tensor",
    "tensors",
]

NUMBERS = (bool, int, float, complex)

# Dtypes whose promotion torch does not know, where the standard does: those of unsigned integers.
UNSIGNED = {torch.uint8: 8, torch.uint16: 16, torch.uint32: 32, torch.uint64: 64}
SIGNED = {torch.int8: 8, torch.int16: 16, torch.int32: 32, torch.int64: 64}
BY_WIDTH = {width: dtype for dtype, width in SIGNED.items()}


def as_dtype(dtype: Any) -> torch.dtype | None:
    """Return torch's dtype for any framework's or its name; `None` for `None`."""
    return None if dtype is None else to_torch_dtype(dtype)


def as_number(value: Any) -> Any:
    """Return Python's number for one of NumPy's; any other value as it is."""
    return value.item() if isinstance(value, np.generic) else value


def tensor(value: Any, device: Any = None, dtype: torch.dtype | None = None) -> Any:
    """Return a tensor of a tensor, a number or a NumPy array; raise `BackendError` for anything else."""
    if isinstance(value, torch.Tensor):
        return value
    value = as_number(value)
    if isinstance(value, NUMBERS):
        dtype, device = _defaults(value, dtype, device)
        return torch.tensor(value, dtype=dtype, device=device)
    if isinstance(value, np.ndarray):
        return from_numpy(value, _defaults(0, None, device)[1])
    if hasattr(type(value), "__torch_function__"):  # what tracers pass in the place of a tensor
        return value
    if isinstance(value, (list, tuple)):
        raise TypeError("a list stands where an array is expected: make an array of it by unified.numpy.asarray")
    raise BackendError(
        f"a value of type {type(value).__module__}.{type(value).__qualname__} stands where torch expects an array: "
        "pass a torch.Tensor, a number or a NumPy array"
    )


def from_numpy(array: np.ndarray, device: Any) -> torch.Tensor:
    """Return a tensor with the values of a NumPy array."""
    if torch.compiler.is_compiling():  # which follows this, and not what bfloat16 and read-only memory need
        return torch.as_tensor(array, device=device)
    return arrays.from_numpy(array, torch.empty(0).device if device is None else device)


def _defaults(value: Any, dtype: torch.dtype | None, device: Any) -> tuple[torch.dtype | None, Any]:
    """Return the dtype and device of a number that stands alone: those of the running model."""
    scope = current.scope
    if scope is not None and (device is None or dtype is None):
        model_device, floating = scope.frame.array_defaults()
        device = model_device if device is None else device
        if dtype is None and isinstance(value, float):
            dtype = floating
    return dtype, device


def promote(one: torch.dtype, other: torch.dtype) -> torch.dtype:
    """Return the dtype to which two are promoted."""
    if one is other or other is torch.bool:
        return one
    if one is torch.bool:
        return other
    for integers, others in ((one, other), (other, one)):
        if integers in UNSIGNED and (others.is_floating_point or others.is_complex):
            return others
    if one in UNSIGNED and other in UNSIGNED:
        return one if UNSIGNED[one] > UNSIGNED[other] else other
    for unsigned, signed in ((one, other), (other, one)):
        if unsigned in UNSIGNED and signed in SIGNED and unsigned is not torch.uint8:
            if unsigned is torch.uint64:
                raise TypeError(f"torch.uint64 and {signed} have no common dtype of integers: convert one by astype")
            return BY_WIDTH[max(2 * UNSIGNED[unsigned], SIGNED[signed])]
    return torch.promote_types(one, other)


def _with_number(dtype: torch.dtype, number: Any) -> torch.dtype:
    """Return the dtype of an array of `dtype` beside a number."""
    if isinstance(number, complex) and not dtype.is_complex:
        return torch.complex128 if dtype is torch.float64 else torch.complex64
    if isinstance(number, float) and not (dtype.is_floating_point or dtype.is_complex):
        return torch.get_default_dtype()
    if dtype is torch.bool and not isinstance(number, bool):
        return torch.int64
    return dtype


def result_dtype(values: Iterable[Any]) -> torch.dtype:
    """Return the dtype to which tensors, dtypes and numbers are promoted."""
    dtype: torch.dtype | None = None
    numbers = []
    for value in map(as_number, values):
        if isinstance(value, NUMBERS):
            numbers.append(value)
            continue
        known = value.dtype if isinstance(value, torch.Tensor) else to_torch_dtype(getattr(value, "dtype", value))
        dtype = known if dtype is None else promote(dtype, known)
    if dtype is None:
        raise ValueError("the dtype of a result follows from an array or a dtype, and there are only numbers")
    for number in numbers:
        dtype = _with_number(dtype, number)
    return dtype


def pair(x1: Any, x2: Any) -> tuple[Any, Any]:
    """Return two operands in their common dtype; a number beside an array stays one."""
    if isinstance(x1, torch.Tensor) and isinstance(x2, torch.Tensor):
        if x1.dtype is x2.dtype:
            return x1, x2
        dtype = promote(x1.dtype, x2.dtype)
        return x1.to(dtype), x2.to(dtype)
    x1, x2 = as_number(x1), as_number(x2)
    if isinstance(x1, NUMBERS):
        return (x1, tensor(x2)) if not isinstance(x2, NUMBERS) else pair(tensor(x1), tensor(x2))
    if isinstance(x2, NUMBERS):
        return tensor(x1), x2
    x1 = tensor(x1, x2.device if isinstance(x2, torch.Tensor) else None)
    x2 = tensor(x2, x1.device if isinstance(x1, torch.Tensor) else None)
    both = isinstance(x1, torch.Tensor) and isinstance(x2, torch.Tensor)
    return pair(x1, x2) if both else (x1, x2)


def tensors(x1: Any, x2: Any) -> tuple[Any, Any]:
    """Return two operands in their common dtype, both arrays."""
    x1, x2 = pair(x1, x2)
    if isinstance(x1, NUMBERS):
        x1 = _beside(x2, x1)
    elif isinstance(x2, NUMBERS):
        x2 = _beside(x1, x2)
    else:
        return x1, x2
    return pair(x1, x2)


def _beside(x: Any, number: Any) -> Any:
    """Return an array of a number beside another; `torch.tensor` would be a constant to tracers."""
    if isinstance(x, torch.Tensor):
        return x.new_full((), number, dtype=_with_number(x.dtype, number))
    return x.new_full((), number)  # of what a tracer passes, whose dtype nobody knows


def same(operands: Sequence[Any]) -> list[Any]:
    """Return arrays as tensors of one dtype, on the device of the first tensor among them."""
    device = next((array.device for array in operands if isinstance(array, torch.Tensor)), None)
    found = [tensor(array, device) for array in operands]
    if not all(isinstance(array, torch.Tensor) for array in found) or len({array.dtype for array in found}) < 2:
        return found
    dtype = result_dtype(found)
    return [array.to(dtype) for array in found]


def dims(x: Any, axis: Any) -> tuple[int, ...]:
    """Return axes as a tuple, all for `None`; raise for what is none."""
    return axes_of(x.shape, axis)


def dims_of_values(what: str, x: Any, axis: Any) -> tuple[int, ...]:
    """Return `dims`, along which there must be values; `what` is the name of the function in the error."""
    axes = dims(x, axis)
    for one in axes:
        if x.shape[one] == 0:
            raise ValueError(f"{what}: there is no value along axis={axis} of an array of the shape {tuple(x.shape)}")
    return axes
