"""Functions of unsigned integers of 16, 32 and 64 bits, for which most of torch's kernels are missing.

Where a kernel is missing, the function computes in `int64`, and its results become unsigned again: modulo the width,
as unsigned arithmetic is. Integers of 64 bits are right below 2**63; above, in sums, products and bits.
"""

import functools
from collections.abc import Callable, Iterator
from typing import Any

import torch

from unified.compat.jax.on_torch import tracing
from unified.compat.jax.on_torch.dtypes import promoted

__all__ = ["UNSIGNED", "widening"]

UNSIGNED = (torch.uint16, torch.uint32, torch.uint64)
INTEGERS = (*UNSIGNED, torch.bool, torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64)


@torch.compiler.assume_constant_result
def _meeting(*dtypes: torch.dtype) -> torch.dtype:
    """Return the dtype to which all are promoted; it is looked up in NumPy, which torch.compile would trace."""
    return functools.reduce(promoted, dtypes)


def widening(function: Callable[..., Any], dtype: torch.dtype | None = None) -> Callable[..., Any]:
    """Return a function of tensors that also computes where torch has no kernel for unsigned integers.

    Its integers then are of `dtype`, by default that to which all arguments are promoted.
    """

    @functools.wraps(function)
    def run(*args: Any, **kwargs: Any) -> Any:
        if tracing.is_tracing() and any(value.dtype in UNSIGNED for value in _tensors((*args, *kwargs.values()))):
            return tracing.opaque(functools.partial(_called, run), (args, kwargs))
        if torch.compiler.is_compiling():  # which finds a missing kernel when the compiled code runs
            dtypes = [value.dtype for value in _tensors((*args, *kwargs.values()))]
            if any(each in UNSIGNED for each in dtypes):
                return _compute_wide(function, args, kwargs, dtype or _meeting(*dtypes))
        try:
            return function(*args, **kwargs)
        except (NotImplementedError, RuntimeError, TypeError):
            dtypes = [value.dtype for value in _tensors((*args, *kwargs.values()))]
            if not any(dtype in UNSIGNED for dtype in dtypes):
                raise
        return _compute_wide(function, args, kwargs, dtype or _meeting(*dtypes))

    return run


def _called(function: Callable[..., Any], args: Any, kwargs: Any) -> Any:
    return function(*args, **kwargs)


def _compute_wide(function: Callable[..., Any], args: Any, kwargs: Any, dtype: torch.dtype) -> Any:
    """Return the results of a function in `int64`, as integers of `dtype`."""
    wide = [_mapped(value, _widened) for value in args]
    result = function(*wide, **{name: _mapped(value, _widened) for name, value in kwargs.items()})
    return _mapped(result, lambda t: _narrowed(t, dtype) if t.dtype is torch.int64 and dtype in INTEGERS else t)


def _tensors(value: Any) -> Iterator[torch.Tensor]:
    if isinstance(value, torch.Tensor):
        yield value
    elif isinstance(value, (tuple, list)):
        for item in value:
            yield from _tensors(item)


def _mapped(value: Any, change: Callable[[torch.Tensor], torch.Tensor]) -> Any:
    if isinstance(value, torch.Tensor):
        return change(value)
    if isinstance(value, (tuple, list)):
        items = [_mapped(item, change) for item in value]
        return type(value)(*items) if hasattr(value, "_fields") else type(value)(items)
    return value


def _widened(value: torch.Tensor) -> torch.Tensor:
    return value.to(torch.int64) if value.dtype in UNSIGNED else value


def _narrowed(value: torch.Tensor, dtype: torch.dtype) -> torch.Tensor:
    bits = torch.iinfo(dtype).bits
    return (value & ((1 << bits) - 1) if bits < 64 else value).to(dtype)
