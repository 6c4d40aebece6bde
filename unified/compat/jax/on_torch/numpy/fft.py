"""`jax.numpy.fft` on tensors."""

from collections.abc import Callable
from typing import Any

import torch

from unified.compat.jax.on_torch.array import tensor
from unified.compat.jax.on_torch.behaviour import FIRST, NONE, Behaviour, jax_function
from unified.compat.jax.on_torch.dtypes import default_float, torch_dtype
from unified.compat.jax.on_torch.numpy.operands import as_float, axes_of

__all__ = [
    "fft",
    "fft2",
    "fftfreq",
    "fftn",
    "fftshift",
    "hfft",
    "ifft",
    "ifft2",
    "ifftn",
    "ifftshift",
    "ihfft",
    "irfft",
    "irfft2",
    "irfftn",
    "rfft",
    "rfft2",
    "rfftfreq",
    "rfftn",
]

BEHAVIOUR = Behaviour(operands=FIRST, weak=False)  # unless a decorator declares otherwise


def _single(a: Any) -> torch.Tensor:
    """Return the operand in floating-point numbers of 32 bits at least, as transforms need it."""
    x = as_float(a)
    return x.to(torch.float32) if x.dtype in (torch.float16, torch.bfloat16) else x


OF_REAL = (torch.fft.rfft, torch.fft.rfftn, torch.fft.ihfft)


def _refuse_halves(a: Any) -> None:
    if tensor(a).dtype in (torch.float16, torch.bfloat16):
        raise ValueError(f"a transform of real numbers takes those of 32 or 64 bits, got {tensor(a).dtype}")


def _along(transform: Callable[..., torch.Tensor]) -> Callable[..., torch.Tensor]:
    def along(a: Any, n: int | None = None, axis: int = -1, norm: str | None = None) -> torch.Tensor:
        x = _single(a)
        if transform in OF_REAL:
            _refuse_halves(a)
        return transform(x, n, axes_of(axis, x.dim())[0], norm)

    return along


def _over(transform: Callable[..., torch.Tensor], last_two: bool) -> Callable[..., torch.Tensor]:
    default = (-2, -1) if last_two else None

    def over(a: Any, s: Any = None, axes: Any = default, norm: str | None = None) -> torch.Tensor:
        x = _single(a)
        if not x.dim() and axes is None:
            return as_float(a) if transform is torch.fft.rfftn else torch.complex(x, torch.zeros_like(x))
        if transform in OF_REAL:
            _refuse_halves(a)
        return transform(x, s, axes if axes is None else axes_of(axes, x.dim()), norm)

    return over


def _frequencies(frequencies: Callable[..., torch.Tensor]) -> Callable[..., torch.Tensor]:
    @jax_function(operands=NONE)
    def of_size(n: int, d: Any = 1.0, *, dtype: Any = None, device: Any = None) -> torch.Tensor:
        distance = tensor(d)
        if distance.dim():
            raise ValueError(f"the distance is a number, got an array of {distance.dim()} axes")
        return frequencies(n, dtype=default_float() if dtype is None else torch_dtype(dtype)) / distance

    return of_size


def _shift(shift: Callable[..., torch.Tensor]) -> Callable[..., torch.Tensor]:
    @jax_function(weak=True)
    def shifted(x: Any, axes: Any = None) -> torch.Tensor:
        x = tensor(x)
        return shift(x, axes_of(axes, x.dim())) if x.dim() else x

    return shifted


fft, ifft, rfft, irfft = map(_along, (torch.fft.fft, torch.fft.ifft, torch.fft.rfft, torch.fft.irfft))
hfft, ihfft = _along(torch.fft.hfft), _along(torch.fft.ihfft)
fft2, ifft2 = _over(torch.fft.fftn, True), _over(torch.fft.ifftn, True)
rfft2, irfft2 = _over(torch.fft.rfftn, True), _over(torch.fft.irfftn, True)
fftn, ifftn = _over(torch.fft.fftn, False), _over(torch.fft.ifftn, False)
rfftn, irfftn = _over(torch.fft.rfftn, False), _over(torch.fft.irfftn, False)
fftfreq, rfftfreq = _frequencies(torch.fft.fftfreq), _frequencies(torch.fft.rfftfreq)
fftshift, ifftshift = _shift(torch.fft.fftshift), _shift(torch.fft.ifftshift)
