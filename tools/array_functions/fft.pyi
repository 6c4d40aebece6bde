"""Fourier transforms."""

def fft(x: ArrayT, /, *, n: int | None = None, axis: int = -1, norm: Norm = "backward") -> ArrayT:
    """Return the discrete Fourier transform along an axis.

    Args:
        x: an array of any shape, real or complex.
        n: the size to which the axis is cut or padded with zeros first.
        axis: the axis.
        norm: which transform is divided by the size: the inverse for `"backward"`, this one for `"forward"`, and both
            by its square root for `"ortho"`.

    Returns:
        A complex array.

    >>> unp.fft.fft(torch.tensor([3.0, 1.0])).real
    tensor([4., 2.])
    """

def ifft(x: ArrayT, /, *, n: int | None = None, axis: int = -1, norm: Norm = "backward") -> ArrayT:
    """Return the inverse of `fft`.

    Args:
        x: an array of any shape, real or complex.
        n: the size to which the axis is cut or padded with zeros first.
        axis: the axis.
        norm: which transform is divided by the size, as in `fft`.

    Returns:
        A complex array.

    >>> unp.fft.ifft(torch.tensor([4.0, 2.0])).real
    tensor([3., 1.])
    """

def rfft(x: ArrayT, /, *, n: int | None = None, axis: int = -1, norm: Norm = "backward") -> ArrayT:
    """Return the Fourier transform of real values, without the half that follows from the other.

    Args:
        x: a real array of any shape.
        n: the size to which the axis is cut or padded with zeros first.
        axis: the axis.
        norm: which transform is divided by the size, as in `fft`.

    Returns:
        A complex array with `n // 2 + 1` elements along the axis.

    >>> unp.fft.rfft(torch.tensor([1.0, 2.0, 3.0, 4.0])).shape
    torch.Size([3])
    """

def irfft(x: ArrayT, /, *, n: int | None = None, axis: int = -1, norm: Norm = "backward") -> ArrayT:
    """Return the inverse of `rfft`.

    Args:
        x: a complex array of any shape.
        n: the size of the result along the axis; by default `2 * (m - 1)` for `m` elements.
        axis: the axis.
        norm: which transform is divided by the size, as in `fft`.

    Returns:
        A real array.

    >>> unp.fft.irfft(torch.tensor([4.0 + 0j, 0.0, 0.0]))
    tensor([1., 1., 1., 1.])
    """

def hfft(x: ArrayT, /, *, n: int | None = None, axis: int = -1, norm: Norm = "backward") -> ArrayT:
    """Return the real Fourier transform of values that are symmetric, of which half are passed.

    Args:
        x: a complex array of any shape.
        n: the size of the result along the axis; by default `2 * (m - 1)` for `m` elements.
        axis: the axis.
        norm: which transform is divided by the size, as in `fft`.

    Returns:
        A real array.

    >>> unp.fft.hfft(torch.tensor([1.0 + 0j, 2.0, 3.0]))
    tensor([ 8., -2.,  0., -2.])
    """

def ihfft(x: ArrayT, /, *, n: int | None = None, axis: int = -1, norm: Norm = "backward") -> ArrayT:
    """Return the inverse of `hfft`.

    Args:
        x: a real array of any shape.
        n: the size to which the axis is cut or padded with zeros first.
        axis: the axis.
        norm: which transform is divided by the size, as in `fft`.

    Returns:
        A complex array with `n // 2 + 1` elements along the axis.

    >>> unp.fft.ihfft(torch.tensor([8.0, -2.0, 0.0, -2.0])).real
    tensor([1., 2., 3.])
    """

def fftn(
    x: ArrayT, /, *, s: Sequence[int] | None = None, axes: Sequence[int] | None = None, norm: Norm = "backward"
) -> ArrayT:
    """Return the discrete Fourier transform over axes.

    Args:
        x: an array of any shape, real or complex.
        s: the sizes to which the axes are cut or padded with zeros first.
        axes: the axes; by default the last `len(s)`, or all.
        norm: which transform is divided by the sizes, as in `fft`.

    Returns:
        A complex array.

    >>> unp.fft.fftn(torch.ones(2, 2)).real
    tensor([[4., 0.],
            [0., 0.]])
    """

def ifftn(
    x: ArrayT, /, *, s: Sequence[int] | None = None, axes: Sequence[int] | None = None, norm: Norm = "backward"
) -> ArrayT:
    """Return the inverse of `fftn`.

    Args:
        x: an array of any shape, real or complex.
        s: the sizes to which the axes are cut or padded with zeros first.
        axes: the axes; by default the last `len(s)`, or all.
        norm: which transform is divided by the sizes, as in `fft`.

    Returns:
        A complex array.

    >>> unp.fft.ifftn(torch.tensor([[4.0, 0.0], [0.0, 0.0]])).real
    tensor([[1., 1.],
            [1., 1.]])
    """

def rfftn(
    x: ArrayT, /, *, s: Sequence[int] | None = None, axes: Sequence[int] | None = None, norm: Norm = "backward"
) -> ArrayT:
    """Return the Fourier transform of real values over axes.

    Args:
        x: a real array of any shape.
        s: the sizes to which the axes are cut or padded with zeros first.
        axes: the axes; by default the last `len(s)`, or all.
        norm: which transform is divided by the sizes, as in `fft`.

    Returns:
        A complex array, with `n // 2 + 1` elements along the last of the axes.

    >>> unp.fft.rfftn(torch.ones(2, 4)).shape
    torch.Size([2, 3])
    """

def irfftn(
    x: ArrayT, /, *, s: Sequence[int] | None = None, axes: Sequence[int] | None = None, norm: Norm = "backward"
) -> ArrayT:
    """Return the inverse of `rfftn`.

    Args:
        x: a complex array of any shape.
        s: the sizes of the result along the axes; by default `2 * (m - 1)` for `m` elements along the last.
        axes: the axes; by default the last `len(s)`, or all.
        norm: which transform is divided by the sizes, as in `fft`.

    Returns:
        A real array.

    >>> unp.fft.irfftn(torch.ones(2, 3, dtype=torch.complex64)).shape
    torch.Size([2, 4])
    """

def fftfreq(
    n: int, /, *, d: float = 1.0, dtype: DType = None, device: Device = None, like: ArrayLike | None = None
) -> Array:
    """Return the frequencies of `fft`, in cycles per unit of `d`.

    Args:
        n: the number of samples.
        d: their distance.
        dtype: the dtype.
        device: the device.
        like: an array whose framework, device and floating-point dtype are taken.

    Returns:
        A vector `(n,)`: zero, the positive frequencies, then the negative ones.

    >>> unp.fft.fftfreq(4, like=torch.ones(1))
    tensor([ 0.0000,  0.2500, -0.5000, -0.2500])
    """

def rfftfreq(
    n: int, /, *, d: float = 1.0, dtype: DType = None, device: Device = None, like: ArrayLike | None = None
) -> Array:
    """Return the frequencies of `rfft`, in cycles per unit of `d`.

    Args:
        n: the number of samples.
        d: their distance.
        dtype: the dtype.
        device: the device.
        like: an array whose framework, device and floating-point dtype are taken.

    Returns:
        A vector `(n // 2 + 1,)`.

    >>> unp.fft.rfftfreq(4, like=torch.ones(1))
    tensor([0.0000, 0.2500, 0.5000])
    """

def fftshift(x: ArrayT, /, *, axes: int | Sequence[int] | None = None) -> ArrayT:
    """Return `x` with the frequency zero in the middle.

    Args:
        x: an array of any shape.
        axes: the axes that are shifted; by default all.

    >>> unp.fft.fftshift(torch.tensor([0, 1, -2, -1]))
    tensor([-2, -1,  0,  1])
    """

def ifftshift(x: ArrayT, /, *, axes: int | Sequence[int] | None = None) -> ArrayT:
    """Return `x` with the frequency zero at the beginning again.

    Args:
        x: an array of any shape.
        axes: the axes that are shifted; by default all.

    >>> unp.fft.ifftshift(torch.tensor([-2, -1, 0, 1]))
    tensor([ 0,  1, -2, -1])
    """
