"""Fourier transforms, on torch."""

from collections.abc import Callable
from typing import Any

import torch

from unified.backends.torch.numpy.creation import place
from unified.backends.torch.numpy.operands import as_number, tensor

__all__ = [
    "fft",
    "fftfreq",
    "fftn",
    "fftshift",
    "hfft",
    "ifft",
    "ifftn",
    "ifftshift",
    "ihfft",
    "irfft",
    "irfftn",
    "rfft",
    "rfftfreq",
    "rfftn",
]

Tensor = torch.Tensor


def _one(function: Callable[..., Tensor]) -> Callable[..., Tensor]:
    def call(x: Any, *, n: int | None = None, axis: int = -1, norm: Any = "backward") -> Tensor:
        return function(tensor(x), n=n, dim=axis, norm=norm)

    return call


def _several(function: Callable[..., Tensor]) -> Callable[..., Tensor]:
    def call(x: Any, *, s: Any = None, axes: Any = None, norm: Any = "backward") -> Tensor:
        return function(tensor(x), s=s, dim=axes, norm=norm)

    return call


fft = _one(torch.fft.fft)
hfft = _one(torch.fft.hfft)
ifft = _one(torch.fft.ifft)
ihfft = _one(torch.fft.ihfft)
irfft = _one(torch.fft.irfft)
rfft = _one(torch.fft.rfft)
fftn = _several(torch.fft.fftn)
ifftn = _several(torch.fft.ifftn)
irfftn = _several(torch.fft.irfftn)
rfftn = _several(torch.fft.rfftn)


def _frequencies(function: Callable[..., Tensor]) -> Callable[..., Tensor]:
    def call(n: int, *, d: float = 1.0, dtype: Any = None, device: Any = None, like: Any = None) -> Tensor:
        asked, floating, device = place(dtype, device, like)
        return function(n, as_number(d), dtype=asked or floating, device=device)

    return call


fftfreq = _frequencies(torch.fft.fftfreq)
rfftfreq = _frequencies(torch.fft.rfftfreq)


def fftshift(x: Any, *, axes: Any = None) -> Tensor:
    return torch.fft.fftshift(tensor(x), axes)


def ifftshift(x: Any, *, axes: Any = None) -> Tensor:
    return torch.fft.ifftshift(tensor(x), axes)
