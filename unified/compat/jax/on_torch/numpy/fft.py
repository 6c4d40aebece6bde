"""`jax.numpy.fft` on tensors."""

from collections.abc import Callable
from typing import Any

import torch

from unified.compat.jax.on_torch.array import tensor
from unified.compat.jax.on_torch.behaviour import FIRST, Behaviour, jax_function
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

BEHAVIOUR = Behaviour(operands=FIRST)


def _along(transform: Callable[..., torch.Tensor]) -> Callable[..., torch.Tensor]:
    def along(a: Any, n: int | None = None, axis: int = -1, norm: str | None = None) -> torch.Tensor:
        return transform(as_float(a), n, axis, norm)

    return along


def _over(transform: Callable[..., torch.Tensor], last_two: bool) -> Callable[..., torch.Tensor]:
    default = (-2, -1) if last_two else None

    def over(a: Any, s: Any = None, axes: Any = default, norm: str | None = None) -> torch.Tensor:
        return transform(as_float(a), s, axes, norm)

    return over


def _frequencies(frequencies: Callable[..., torch.Tensor]) -> Callable[..., torch.Tensor]:
    def of_size(n: int, d: Any = 1.0, *, dtype: Any = None, device: Any = None) -> torch.Tensor:
        return frequencies(n, dtype=default_float() if dtype is None else torch_dtype(dtype)) / tensor(d)

    return of_size


def _shift(shift: Callable[..., torch.Tensor]) -> Callable[..., torch.Tensor]:
    def shifted(x: Any, axes: Any = None) -> torch.Tensor:
        x = tensor(x)
        return shift(x, axes_of(axes, x.dim()))

    return shifted


fft, ifft, rfft, irfft = map(_along, (torch.fft.fft, torch.fft.ifft, torch.fft.rfft, torch.fft.irfft))
hfft, ihfft = _along(torch.fft.hfft), _along(torch.fft.ihfft)
fft2, ifft2 = _over(torch.fft.fftn, True), _over(torch.fft.ifftn, True)
rfft2, irfft2 = _over(torch.fft.rfftn, True), _over(torch.fft.irfftn, True)
fftn, ifftn = _over(torch.fft.fftn, False), _over(torch.fft.ifftn, False)
rfftn, irfftn = _over(torch.fft.rfftn, False), _over(torch.fft.irfftn, False)
fftfreq, rfftfreq = _frequencies(torch.fft.fftfreq), _frequencies(torch.fft.rfftfreq)
fftshift, ifftshift = _shift(torch.fft.fftshift), _shift(torch.fft.ifftshift)
