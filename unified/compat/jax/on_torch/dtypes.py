"""JAX's dtypes on torch, of 32 bits unless `jax_enable_x64` is set, and its promotion rules.

Python numbers are weakly typed: they are promoted to the dtype of an array, as in JAX (`weak.py` for weak arrays).

Source: https://docs.jax.dev/en/latest/type_promotion.html
"""

from typing import Any

import numpy as np
import torch

from unified.backends.torch.prng import to_torch_dtype
from unified.compat.jax import config

__all__ = [
    "KINDS",
    "PYTHON",
    "canonical",
    "category",
    "default_float",
    "default_int",
    "named_dtype",
    "numpy_dtype",
    "promoted",
    "result_dtype",
    "torch_dtype",
    "with_scalar",
]

_x64 = torch.compiler.assume_constant_result(config.x64)  # torch.compile cannot trace the lookup in JAX
NARROW = {
    torch.float64: torch.float32,
    torch.int64: torch.int32,
    torch.uint64: torch.uint32,
    torch.complex128: torch.complex64,
}
NUMPY = {
    getattr(torch, name): np.dtype(name)
    for name in (
        "bool", "uint8", "uint16", "uint32", "uint64", "int8", "int16", "int32", "int64",
        "float16", "float32", "float64", "complex64", "complex128",
    )
}  # fmt: skip
PYTHON = {bool: torch.bool, int: torch.int32, float: torch.float32, complex: torch.complex64}
KINDS = tuple(PYTHON)  # by category


def numpy_dtype(dtype: torch.dtype) -> np.dtype:
    """Return the NumPy dtype of the same name, as JAX's arrays report it; `bfloat16` is that of `ml_dtypes`."""
    result = NUMPY.get(dtype)
    if result is None:
        from unified.compat.jax.dtypes import small_float

        result = NUMPY[dtype] = np.dtype(small_float(str(dtype).removeprefix("torch.")))
    return result


def canonical(dtype: torch.dtype) -> torch.dtype:
    """Return the dtype that JAX uses for `dtype`: 32 bits instead of 64, unless `jax_enable_x64` is set."""
    return dtype if _x64() else NARROW.get(dtype, dtype)


def default_int() -> torch.dtype:
    return canonical(torch.int64)


def default_float() -> torch.dtype:
    return canonical(torch.float64)


def torch_dtype(dtype: Any) -> torch.dtype:
    """Return the torch dtype for a dtype, a scalar type of Python or NumPy, or a name, as JAX would choose it."""
    if isinstance(dtype, torch.dtype):
        return dtype
    if isinstance(dtype, type) and dtype in PYTHON:
        return canonical(torch.float64) if dtype is float else canonical(torch.int64) if dtype is int else PYTHON[dtype]
    return canonical(named_dtype(dtype))


def named_dtype(dtype: Any) -> torch.dtype:
    """Return the torch dtype of a NumPy dtype or a name, with as many bits as that has."""
    return to_torch_dtype(dtype if isinstance(dtype, str) and hasattr(torch, dtype) else np.dtype(dtype).name)


def category(dtype: torch.dtype) -> int:
    """Return the index of a dtype's kind in `KINDS`: 0 for booleans, 1 integers, 2 real numbers, 3 complex numbers."""
    if dtype.is_complex:
        return 3
    return 2 if dtype.is_floating_point else 0 if dtype is torch.bool else 1


def with_scalar(dtype: torch.dtype, kind: type) -> torch.dtype:
    """Return the dtype of an operation on an array of `dtype` and a Python number of the type `kind`."""
    scalar = KINDS.index(kind if kind in PYTHON else complex)
    if scalar <= category(dtype):
        return dtype
    if scalar == 3 and dtype is torch.float64:
        return torch.complex128
    return (default_int(), default_float(), torch.complex64)[scalar - 1]


def result_dtype(*values: Any) -> torch.dtype:
    """Return the dtype to which these tensors and numbers are promoted."""
    strong = [value.dtype for value in values if isinstance(value, torch.Tensor)]
    weak = [type(value) for value in values if not isinstance(value, torch.Tensor)]
    if not strong:
        kinds = [kind if kind in PYTHON else float for kind in weak]
        return torch_dtype(max(kinds, key=KINDS.index))
    dtype = strong[0]
    for other in strong[1:]:
        if other is not dtype:
            dtype = promoted(dtype, other)
    for kind in weak:
        dtype = with_scalar(dtype, kind)
    return dtype


def promoted(a: torch.dtype, b: torch.dtype) -> torch.dtype:
    """Return the dtype to which two dtypes are promoted; also for `uint32`, for which torch has no rule."""
    unsigned = (torch.uint16, torch.uint32, torch.uint64)
    if a in unsigned or b in unsigned:
        floats = [dtype for dtype in (a, b) if dtype.is_floating_point or dtype.is_complex]
        if floats:
            return floats[0]
        return canonical(to_torch_dtype(np.promote_types(numpy_dtype(a), numpy_dtype(b)).name))
    return torch.promote_types(a, b)
