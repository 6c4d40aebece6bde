"""Fourier transforms."""

def fft(x: ArrayT, /, *, n: int | None = None, axis: int = -1, norm: Norm = "backward") -> ArrayT:
    """Return the discrete Fourier transform along an axis."""

def ifft(x: ArrayT, /, *, n: int | None = None, axis: int = -1, norm: Norm = "backward") -> ArrayT:
    """Return the inverse of `fft`."""

def rfft(x: ArrayT, /, *, n: int | None = None, axis: int = -1, norm: Norm = "backward") -> ArrayT:
    """Return the Fourier transform of real values, without the half that follows from the other."""

def irfft(x: ArrayT, /, *, n: int | None = None, axis: int = -1, norm: Norm = "backward") -> ArrayT:
    """Return the inverse of `rfft`."""

def hfft(x: ArrayT, /, *, n: int | None = None, axis: int = -1, norm: Norm = "backward") -> ArrayT:
    """Return the real Fourier transform of values that are symmetric, of which half are passed."""

def ihfft(x: ArrayT, /, *, n: int | None = None, axis: int = -1, norm: Norm = "backward") -> ArrayT:
    """Return the inverse of `hfft`."""

def fftn(
    x: ArrayT, /, *, s: Sequence[int] | None = None, axes: Sequence[int] | None = None, norm: Norm = "backward"
) -> ArrayT:
    """Return the discrete Fourier transform over axes."""

def ifftn(
    x: ArrayT, /, *, s: Sequence[int] | None = None, axes: Sequence[int] | None = None, norm: Norm = "backward"
) -> ArrayT:
    """Return the inverse of `fftn`."""

def rfftn(
    x: ArrayT, /, *, s: Sequence[int] | None = None, axes: Sequence[int] | None = None, norm: Norm = "backward"
) -> ArrayT:
    """Return the Fourier transform of real values over axes."""

def irfftn(
    x: ArrayT, /, *, s: Sequence[int] | None = None, axes: Sequence[int] | None = None, norm: Norm = "backward"
) -> ArrayT:
    """Return the inverse of `rfftn`."""

def fftfreq(
    n: int, /, *, d: float = 1.0, dtype: DType = None, device: Device = None, like: ArrayLike | None = None
) -> Array:
    """Return the frequencies of `fft` of `n` samples at a distance of `d`."""

def rfftfreq(
    n: int, /, *, d: float = 1.0, dtype: DType = None, device: Device = None, like: ArrayLike | None = None
) -> Array:
    """Return the frequencies of `rfft` of `n` samples at a distance of `d`."""

def fftshift(x: ArrayT, /, *, axes: int | Sequence[int] | None = None) -> ArrayT:
    """Return `x` with the frequency zero in the middle."""

def ifftshift(x: ArrayT, /, *, axes: int | Sequence[int] | None = None) -> ArrayT:
    """Return `x` with the frequency zero at the beginning again."""
