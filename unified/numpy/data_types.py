"""Dtypes.

Written by `make generate` from the stub in tools/array_functions/.
"""

from typing import Any

from unified.core.annotations import ArrayT, Device, DType
from unified.core.array_functions import functions_of
from unified.core.array_results import FloatInfo, IntegerInfo
from unified.core.scope import current

# fmt: off
__all__ = [
    "astype", "can_cast", "finfo", "iinfo", "result_type",
]


def astype(x: ArrayT, dtype: DType, /, *, copy: bool = True, device: Device = None) -> ArrayT:
    """Return `x` in another dtype: one of `unified.numpy`, of any framework, or a name."""
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).astype(
        x, dtype, copy=copy, device=device)

def can_cast(from_: DType, to: DType, /) -> bool:
    """Return whether a dtype, or the dtype of an array, becomes `to` by the promotion of the standard."""
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(from_)).can_cast(from_, to)

def finfo(type: DType, /) -> FloatInfo:
    """Return the limits of a floating-point dtype, or of that of an array."""
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(type)).finfo(type)

def iinfo(type: DType, /) -> IntegerInfo:
    """Return the limits of a dtype of integers, or of that of an array."""
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(type)).iinfo(type)

def result_type(*arrays_and_dtypes: Any) -> Any:
    """Return the dtype to which arrays, numbers and dtypes are promoted."""
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(*arrays_and_dtypes)).result_type(
        *arrays_and_dtypes)
