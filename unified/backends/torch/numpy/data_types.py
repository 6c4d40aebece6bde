"""Dtypes, on torch."""

from typing import Any

import torch
from array_api_compat import torch as compat

from unified.backends.torch.numpy.operands import promote, result_dtype, tensor
from unified.backends.torch.prng import to_torch_dtype
from unified.core.array_results import FloatInfo, IntegerInfo

__all__ = ["astype", "can_cast", "finfo", "iinfo", "info", "result_type"]


def _dtype(value: Any) -> torch.dtype:
    return to_torch_dtype(getattr(value, "dtype", value))


def astype(x: Any, dtype: Any, *, copy: bool = True, device: Any = None) -> torch.Tensor:
    x = tensor(x)
    return x.to(x.device if device is None else device, to_torch_dtype(dtype), copy=copy)


def can_cast(from_: Any, to: Any) -> bool:
    wanted = _dtype(to)
    try:
        return promote(_dtype(from_), wanted) is wanted
    except TypeError:  # no dtype holds both
        return False


def finfo(type: Any) -> FloatInfo:
    dtype = _dtype(type)
    found = torch.finfo(dtype)
    real = to_torch_dtype(found.dtype)
    return FloatInfo(found.bits, found.eps, found.max, found.min, found.smallest_normal, real)


def iinfo(type: Any) -> IntegerInfo:
    dtype = _dtype(type)
    found = torch.iinfo(dtype)
    return IntegerInfo(found.bits, found.max, found.min, dtype)


class Info(compat.__array_namespace_info__):
    """array-api-compat's description of torch, which has a tuple where the standard has a list."""

    def devices(self) -> list[torch.device]:
        return list(super().devices())


def info() -> Any:
    return Info()


def result_type(*arrays_and_dtypes: Any) -> torch.dtype:
    return result_dtype(arrays_and_dtypes)
