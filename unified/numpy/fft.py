"""Fourier transforms.

Written by `make generate` from the stub in tools/array_functions/.
"""

from collections.abc import Sequence
from typing import Never

from unified.core.annotations import Array, ArrayLike, ArrayT, Device, DType
from unified.core.array_functions import functions_of
from unified.core.array_results import Norm
from unified.core.scope import current
from unified.numpy.idioms import refuse_keywords

# fmt: off
__all__ = [
    "fft", "fftfreq", "fftn", "fftshift", "hfft", "ifft", "ifftn", "ifftshift", "ihfft", "irfft", "irfftn", "rfft",
    "rfftfreq", "rfftn",
]


def fft(x: ArrayT, /, *, n: int | None = None, axis: int = -1, norm: Norm = "backward", **idioms: Never) -> ArrayT:
    """Return the discrete Fourier transform along an axis."""
    if idioms:
        refuse_keywords("fft.fft", idioms)
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).fft.fft(
        x, n=n, axis=axis, norm=norm)

def fftfreq(
    n: int, /, *, d: float = 1.0, dtype: DType = None, device: Device = None, like: ArrayLike | None = None) -> Array:
    """Return the frequencies of `fft` of `n` samples at a distance of `d`."""
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(like)).fft.fftfreq(
        n, d=d, dtype=dtype, device=device, like=like)

def fftn(
    x: ArrayT, /, *, s: Sequence[int] | None = None, axes: Sequence[int] | None = None, norm: Norm = "backward",
    **idioms: Never) -> ArrayT:
    """Return the discrete Fourier transform over axes."""
    if idioms:
        refuse_keywords("fft.fftn", idioms)
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).fft.fftn(
        x, s=s, axes=axes, norm=norm)

def fftshift(x: ArrayT, /, *, axes: int | Sequence[int] | None = None, **idioms: Never) -> ArrayT:
    """Return `x` with the frequency zero in the middle."""
    if idioms:
        refuse_keywords("fft.fftshift", idioms)
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).fft.fftshift(x, axes=axes)

def hfft(x: ArrayT, /, *, n: int | None = None, axis: int = -1, norm: Norm = "backward", **idioms: Never) -> ArrayT:
    """Return the real Fourier transform of values that are symmetric, of which half are passed."""
    if idioms:
        refuse_keywords("fft.hfft", idioms)
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).fft.hfft(
        x, n=n, axis=axis, norm=norm)

def ifft(x: ArrayT, /, *, n: int | None = None, axis: int = -1, norm: Norm = "backward", **idioms: Never) -> ArrayT:
    """Return the inverse of `fft`."""
    if idioms:
        refuse_keywords("fft.ifft", idioms)
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).fft.ifft(
        x, n=n, axis=axis, norm=norm)

def ifftn(
    x: ArrayT, /, *, s: Sequence[int] | None = None, axes: Sequence[int] | None = None, norm: Norm = "backward",
    **idioms: Never) -> ArrayT:
    """Return the inverse of `fftn`."""
    if idioms:
        refuse_keywords("fft.ifftn", idioms)
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).fft.ifftn(
        x, s=s, axes=axes, norm=norm)

def ifftshift(x: ArrayT, /, *, axes: int | Sequence[int] | None = None, **idioms: Never) -> ArrayT:
    """Return `x` with the frequency zero at the beginning again."""
    if idioms:
        refuse_keywords("fft.ifftshift", idioms)
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).fft.ifftshift(x, axes=axes)

def ihfft(x: ArrayT, /, *, n: int | None = None, axis: int = -1, norm: Norm = "backward", **idioms: Never) -> ArrayT:
    """Return the inverse of `hfft`."""
    if idioms:
        refuse_keywords("fft.ihfft", idioms)
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).fft.ihfft(
        x, n=n, axis=axis, norm=norm)

def irfft(x: ArrayT, /, *, n: int | None = None, axis: int = -1, norm: Norm = "backward", **idioms: Never) -> ArrayT:
    """Return the inverse of `rfft`."""
    if idioms:
        refuse_keywords("fft.irfft", idioms)
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).fft.irfft(
        x, n=n, axis=axis, norm=norm)

def irfftn(
    x: ArrayT, /, *, s: Sequence[int] | None = None, axes: Sequence[int] | None = None, norm: Norm = "backward",
    **idioms: Never) -> ArrayT:
    """Return the inverse of `rfftn`."""
    if idioms:
        refuse_keywords("fft.irfftn", idioms)
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).fft.irfftn(
        x, s=s, axes=axes, norm=norm)

def rfft(x: ArrayT, /, *, n: int | None = None, axis: int = -1, norm: Norm = "backward", **idioms: Never) -> ArrayT:
    """Return the Fourier transform of real values, without the half that follows from the other."""
    if idioms:
        refuse_keywords("fft.rfft", idioms)
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).fft.rfft(
        x, n=n, axis=axis, norm=norm)

def rfftfreq(
    n: int, /, *, d: float = 1.0, dtype: DType = None, device: Device = None, like: ArrayLike | None = None) -> Array:
    """Return the frequencies of `rfft` of `n` samples at a distance of `d`."""
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(like)).fft.rfftfreq(
        n, d=d, dtype=dtype, device=device, like=like)

def rfftn(
    x: ArrayT, /, *, s: Sequence[int] | None = None, axes: Sequence[int] | None = None, norm: Norm = "backward",
    **idioms: Never) -> ArrayT:
    """Return the Fourier transform of real values over axes."""
    if idioms:
        refuse_keywords("fft.rfftn", idioms)
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).fft.rfftn(
        x, s=s, axes=axes, norm=norm)
