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
    """Return the discrete Fourier transform along an axis.

    Args:
        x: an array of any shape, real or complex.
        n: the size to which the axis is cut or padded with zeros first.
        axis: the axis.
        norm: which transform is divided by the size: the inverse for `"backward"`, this one for `"forward"`, and both
            by its square root for `"ortho"`.

    Returns:
        A complex array.

    Source: array API standard 2024.12, `fft.fft`.

    >>> import torch, unified.numpy as unp
    >>> unp.fft.fft(torch.tensor([3.0, 1.0])).real
    tensor([4., 2.])
    """
    if idioms:
        refuse_keywords("fft.fft", idioms)
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).fft.fft(
        x, n=n, axis=axis, norm=norm)

def fftfreq(
    n: int, /, *, d: float = 1.0, dtype: DType = None, device: Device = None, like: ArrayLike | None = None) -> Array:
    """Return the frequencies of `fft`, in cycles per unit of `d`.

    Args:
        n: the number of samples.
        d: their distance.
        dtype: the dtype.
        device: the device.
        like: an array whose framework, device and floating-point dtype are taken.

    Returns:
        A vector `(n,)`: zero, the positive frequencies, then the negative ones.

    Source: array API standard 2024.12, `fft.fftfreq`.

    >>> import torch, unified.numpy as unp
    >>> unp.fft.fftfreq(4, like=torch.ones(1))
    tensor([ 0.0000,  0.2500, -0.5000, -0.2500])
    """
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(like)).fft.fftfreq(
        n, d=d, dtype=dtype, device=device, like=like)

def fftn(
    x: ArrayT, /, *, s: Sequence[int] | None = None, axes: Sequence[int] | None = None, norm: Norm = "backward",
    **idioms: Never) -> ArrayT:
    """Return the discrete Fourier transform over axes.

    Args:
        x: an array of any shape, real or complex.
        s: the sizes to which the axes are cut or padded with zeros first.
        axes: the axes; by default the last `len(s)`, or all.
        norm: which transform is divided by the sizes, as in `fft`.

    Returns:
        A complex array.

    Source: array API standard 2024.12, `fft.fftn`.

    >>> import torch, unified.numpy as unp
    >>> unp.fft.fftn(torch.ones(2, 2)).real
    tensor([[4., 0.],
            [0., 0.]])
    """
    if idioms:
        refuse_keywords("fft.fftn", idioms)
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).fft.fftn(
        x, s=s, axes=axes, norm=norm)

def fftshift(x: ArrayT, /, *, axes: int | Sequence[int] | None = None, **idioms: Never) -> ArrayT:
    """Return `x` with the frequency zero in the middle.

    Args:
        x: an array of any shape.
        axes: the axes that are shifted; by default all.

    Source: array API standard 2024.12, `fft.fftshift`.

    >>> import torch, unified.numpy as unp
    >>> unp.fft.fftshift(torch.tensor([0, 1, -2, -1]))
    tensor([-2, -1,  0,  1])
    """
    if idioms:
        refuse_keywords("fft.fftshift", idioms)
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).fft.fftshift(x, axes=axes)

def hfft(x: ArrayT, /, *, n: int | None = None, axis: int = -1, norm: Norm = "backward", **idioms: Never) -> ArrayT:
    """Return the real Fourier transform of values that are symmetric, of which half are passed.

    Args:
        x: a complex array of any shape.
        n: the size of the result along the axis; by default `2 * (m - 1)` for `m` elements.
        axis: the axis.
        norm: which transform is divided by the size, as in `fft`.

    Returns:
        A real array.

    Source: array API standard 2024.12, `fft.hfft`.

    >>> import torch, unified.numpy as unp
    >>> unp.fft.hfft(torch.tensor([1.0 + 0j, 2.0, 3.0]))
    tensor([ 8., -2.,  0., -2.])
    """
    if idioms:
        refuse_keywords("fft.hfft", idioms)
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).fft.hfft(
        x, n=n, axis=axis, norm=norm)

def ifft(x: ArrayT, /, *, n: int | None = None, axis: int = -1, norm: Norm = "backward", **idioms: Never) -> ArrayT:
    """Return the inverse of `fft`.

    Args:
        x: an array of any shape, real or complex.
        n: the size to which the axis is cut or padded with zeros first.
        axis: the axis.
        norm: which transform is divided by the size, as in `fft`.

    Returns:
        A complex array.

    Source: array API standard 2024.12, `fft.ifft`.

    >>> import torch, unified.numpy as unp
    >>> unp.fft.ifft(torch.tensor([4.0, 2.0])).real
    tensor([3., 1.])
    """
    if idioms:
        refuse_keywords("fft.ifft", idioms)
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).fft.ifft(
        x, n=n, axis=axis, norm=norm)

def ifftn(
    x: ArrayT, /, *, s: Sequence[int] | None = None, axes: Sequence[int] | None = None, norm: Norm = "backward",
    **idioms: Never) -> ArrayT:
    """Return the inverse of `fftn`.

    Args:
        x: an array of any shape, real or complex.
        s: the sizes to which the axes are cut or padded with zeros first.
        axes: the axes; by default the last `len(s)`, or all.
        norm: which transform is divided by the sizes, as in `fft`.

    Returns:
        A complex array.

    Source: array API standard 2024.12, `fft.ifftn`.

    >>> import torch, unified.numpy as unp
    >>> unp.fft.ifftn(torch.tensor([[4.0, 0.0], [0.0, 0.0]])).real
    tensor([[1., 1.],
            [1., 1.]])
    """
    if idioms:
        refuse_keywords("fft.ifftn", idioms)
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).fft.ifftn(
        x, s=s, axes=axes, norm=norm)

def ifftshift(x: ArrayT, /, *, axes: int | Sequence[int] | None = None, **idioms: Never) -> ArrayT:
    """Return `x` with the frequency zero at the beginning again.

    Args:
        x: an array of any shape.
        axes: the axes that are shifted; by default all.

    Source: array API standard 2024.12, `fft.ifftshift`.

    >>> import torch, unified.numpy as unp
    >>> unp.fft.ifftshift(torch.tensor([-2, -1, 0, 1]))
    tensor([ 0,  1, -2, -1])
    """
    if idioms:
        refuse_keywords("fft.ifftshift", idioms)
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).fft.ifftshift(x, axes=axes)

def ihfft(x: ArrayT, /, *, n: int | None = None, axis: int = -1, norm: Norm = "backward", **idioms: Never) -> ArrayT:
    """Return the inverse of `hfft`.

    Args:
        x: a real array of any shape.
        n: the size to which the axis is cut or padded with zeros first.
        axis: the axis.
        norm: which transform is divided by the size, as in `fft`.

    Returns:
        A complex array with `n // 2 + 1` elements along the axis.

    Source: array API standard 2024.12, `fft.ihfft`.

    >>> import torch, unified.numpy as unp
    >>> unp.fft.ihfft(torch.tensor([8.0, -2.0, 0.0, -2.0])).real
    tensor([1., 2., 3.])
    """
    if idioms:
        refuse_keywords("fft.ihfft", idioms)
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).fft.ihfft(
        x, n=n, axis=axis, norm=norm)

def irfft(x: ArrayT, /, *, n: int | None = None, axis: int = -1, norm: Norm = "backward", **idioms: Never) -> ArrayT:
    """Return the inverse of `rfft`.

    Args:
        x: a complex array of any shape.
        n: the size of the result along the axis; by default `2 * (m - 1)` for `m` elements.
        axis: the axis.
        norm: which transform is divided by the size, as in `fft`.

    Returns:
        A real array.

    Source: array API standard 2024.12, `fft.irfft`.

    >>> import torch, unified.numpy as unp
    >>> unp.fft.irfft(torch.tensor([4.0 + 0j, 0.0, 0.0]))
    tensor([1., 1., 1., 1.])
    """
    if idioms:
        refuse_keywords("fft.irfft", idioms)
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).fft.irfft(
        x, n=n, axis=axis, norm=norm)

def irfftn(
    x: ArrayT, /, *, s: Sequence[int] | None = None, axes: Sequence[int] | None = None, norm: Norm = "backward",
    **idioms: Never) -> ArrayT:
    """Return the inverse of `rfftn`.

    Args:
        x: a complex array of any shape.
        s: the sizes of the result along the axes; by default `2 * (m - 1)` for `m` elements along the last.
        axes: the axes; by default the last `len(s)`, or all.
        norm: which transform is divided by the sizes, as in `fft`.

    Returns:
        A real array.

    Source: array API standard 2024.12, `fft.irfftn`.

    >>> import torch, unified.numpy as unp
    >>> unp.fft.irfftn(torch.ones(2, 3, dtype=torch.complex64)).shape
    torch.Size([2, 4])
    """
    if idioms:
        refuse_keywords("fft.irfftn", idioms)
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).fft.irfftn(
        x, s=s, axes=axes, norm=norm)

def rfft(x: ArrayT, /, *, n: int | None = None, axis: int = -1, norm: Norm = "backward", **idioms: Never) -> ArrayT:
    """Return the Fourier transform of real values, without the half that follows from the other.

    Args:
        x: a real array of any shape.
        n: the size to which the axis is cut or padded with zeros first.
        axis: the axis.
        norm: which transform is divided by the size, as in `fft`.

    Returns:
        A complex array with `n // 2 + 1` elements along the axis.

    Source: array API standard 2024.12, `fft.rfft`.

    >>> import torch, unified.numpy as unp
    >>> unp.fft.rfft(torch.tensor([1.0, 2.0, 3.0, 4.0])).shape
    torch.Size([3])
    """
    if idioms:
        refuse_keywords("fft.rfft", idioms)
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).fft.rfft(
        x, n=n, axis=axis, norm=norm)

def rfftfreq(
    n: int, /, *, d: float = 1.0, dtype: DType = None, device: Device = None, like: ArrayLike | None = None) -> Array:
    """Return the frequencies of `rfft`, in cycles per unit of `d`.

    Args:
        n: the number of samples.
        d: their distance.
        dtype: the dtype.
        device: the device.
        like: an array whose framework, device and floating-point dtype are taken.

    Returns:
        A vector `(n // 2 + 1,)`.

    Source: array API standard 2024.12, `fft.rfftfreq`.

    >>> import torch, unified.numpy as unp
    >>> unp.fft.rfftfreq(4, like=torch.ones(1))
    tensor([0.0000, 0.2500, 0.5000])
    """
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(like)).fft.rfftfreq(
        n, d=d, dtype=dtype, device=device, like=like)

def rfftn(
    x: ArrayT, /, *, s: Sequence[int] | None = None, axes: Sequence[int] | None = None, norm: Norm = "backward",
    **idioms: Never) -> ArrayT:
    """Return the Fourier transform of real values over axes.

    Args:
        x: a real array of any shape.
        s: the sizes to which the axes are cut or padded with zeros first.
        axes: the axes; by default the last `len(s)`, or all.
        norm: which transform is divided by the sizes, as in `fft`.

    Returns:
        A complex array, with `n // 2 + 1` elements along the last of the axes.

    Source: array API standard 2024.12, `fft.rfftn`.

    >>> import torch, unified.numpy as unp
    >>> unp.fft.rfftn(torch.ones(2, 4)).shape
    torch.Size([2, 3])
    """
    if idioms:
        refuse_keywords("fft.rfftn", idioms)
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).fft.rfftn(
        x, s=s, axes=axes, norm=norm)
