"""Pooling, channels first."""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from unified.backends.jax.functional.conv import per_dimension

__all__ = ["adaptive_avg_pool2d", "avg_pool2d", "max_pool2d"]


class Windows(NamedTuple):
    """The windows along one dimension."""

    kernel: int
    stride: int
    before: int  # padding
    after: int  # padding that the last window reaches
    dilation: int
    number: int


def _check_images(input: jax.Array) -> None:
    if input.ndim not in (3, 4) or 0 in input.shape[-3:]:
        raise ValueError(f"pooling takes (N, C, H, W) or (C, H, W), where only N may be 0, got shape {input.shape}")


def _windows(
    sizes: tuple[int, ...], kernel: Any, stride: Any, padding: Any, dilation: Any, ceil_mode: bool
) -> list[Windows]:
    """The windows along each dimension."""
    dimensions = len(sizes)
    kernel = per_dimension(kernel, dimensions)
    stride = kernel if stride is None or stride == () else per_dimension(stride, dimensions)
    padding, dilation = per_dimension(padding, dimensions), per_dimension(dilation, dimensions)
    result = []
    for size, k, s, p, d in zip(sizes, kernel, stride, padding, dilation, strict=True):
        if min(k, s, d) < 1:
            raise ValueError(f"kernel_size, stride and dilation must be positive, got {k}, {s} and {d}")
        span = d * (k - 1) + 1
        if not 0 <= p <= k // 2:
            raise ValueError(f"padding can be at most half of kernel_size, got padding={p}, kernel_size={k}")
        count = (size + 2 * p - span + (s - 1 if ceil_mode else 0)) // s + 1
        if ceil_mode and (count - 1) * s >= size + p:  # the last window would start past the edge
            count -= 1
        if count < 1:
            raise ValueError(f"a window of {span} does not fit an input of {size} padded by {p}")
        result.append(Windows(k, s, p, max((count - 1) * s + span - size - p, 0), d, count))
    return result


def _reduce(input: jax.Array, initial: Any, operation: Any, windows: list[Windows]) -> jax.Array:
    rest = input.ndim - len(windows)
    output = lax.reduce_window(
        input,
        initial,
        operation,
        (1,) * rest + tuple(w.kernel for w in windows),
        (1,) * rest + tuple(w.stride for w in windows),
        ((0, 0),) * rest + tuple((w.before, w.after) for w in windows),
    )
    # Rounding the number of windows down leaves the end of the padding unused.
    return output[(..., *(slice(w.number) for w in windows))]


def _lowest(dtype: Any) -> Any:
    return -np.inf if jnp.issubdtype(dtype, jnp.floating) else jnp.iinfo(dtype).min


def max_pool2d(
    input: jax.Array,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    dilation: Any = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Any:
    """The largest value of each window of `(N, C, H, W)` or `(C, H, W)`, and its index `h * W + w` if asked for."""
    _check_images(input)
    windows = _windows(input.shape[-2:], kernel_size, stride, padding, dilation, ceil_mode)
    if not return_indices and all(w.dilation == 1 for w in windows):
        return _reduce(input, np.array(_lowest(input.dtype), input.dtype), lax.max, windows)
    # JAX has no gradient of a dilated window: these are gathered, and one value of each is taken.
    place, inside = _places(windows, input.shape[-2:])
    if not inside.any(-1).all():
        raise ValueError(f"dilation={dilation} and padding={padding} make a window with no value of {input.shape}")
    flat = input.reshape(*input.shape[:-2], -1)
    values = flat.at[..., place].get(mode="promise_in_bounds")
    if not inside.all():
        values = jnp.where(inside, values, _lowest(input.dtype))
    best = jnp.argmax(values, -1, keepdims=True)
    if not inside.all():  # in a window of -inf the padding is as large
        first = np.argmax(inside, -1)[..., None]
        best = jnp.where(jnp.take_along_axis(jnp.broadcast_to(inside, values.shape), best, -1), best, first)
    largest = jnp.take_along_axis(values, best, -1)[..., 0]
    if not return_indices:
        return largest
    index = jnp.take_along_axis(jnp.broadcast_to(place, values.shape), best, -1)[..., 0]
    return largest, index.astype(jnp.result_type(int))


def _places(windows: list[Windows], sizes: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    """For each window the indices `h * W + w` of its values, and which of them are inside the input."""
    along = [np.arange(w.number)[:, None] * w.stride - w.before + np.arange(w.kernel) * w.dilation for w in windows]
    rows, columns = along[0][:, None, :, None], along[1][None, :, None, :]
    height, width = sizes
    inside = (rows >= 0) & (rows < height) & (columns >= 0) & (columns < width)
    place = np.where(inside, rows * width + columns, 0)
    flat = (*place.shape[:2], -1)
    return place.reshape(flat), inside.reshape(flat)


def avg_pool2d(
    input: jax.Array,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
) -> jax.Array:
    """The mean of each window of `(N, C, H, W)` or `(C, H, W)`."""
    _check_images(input)
    _check_floating(input)
    if divisor_override == 0:
        raise ValueError("divisor_override must not be zero")
    windows = _windows(input.shape[-2:], kernel_size, stride, padding, 1, ceil_mode)
    total = _reduce(input, np.array(0, input.dtype), lax.add, windows)
    if divisor_override is not None:
        return total / divisor_override
    counts = []
    for window, size in zip(windows, input.shape[-2:], strict=True):
        start = np.arange(window.number) * window.stride - window.before
        end = np.minimum(start + window.kernel, size + window.before)
        counts.append(end - start if count_include_pad else np.minimum(end, size) - np.maximum(start, 0))
    divisor = counts[0][:, None] * counts[1]
    return total / (divisor.flat[0].item() if np.all(divisor == divisor.flat[0]) else divisor.astype(input.dtype))


def _check_floating(input: jax.Array) -> None:
    if not jnp.issubdtype(input.dtype, jnp.inexact):
        raise TypeError(f"means are taken of floating-point values, got {input.dtype}")


def _averages(size: int, count: int) -> np.ndarray:
    """The matrix `(size, count)` that averages `size` values into `count` windows."""
    start = np.arange(count) * size // count
    end = -(-(np.arange(count) + 1) * size // count)
    place = np.arange(size)[:, None]
    return ((place >= start) & (place < end)) / (end - start)


def adaptive_avg_pool2d(input: jax.Array, output_size: Any) -> jax.Array:
    """Means of as many windows as `output_size` asks for, that cover `(N, C, H, W)` or `(C, H, W)` evenly."""
    if input.ndim not in (3, 4) or 0 in input.shape[-2:]:
        raise ValueError(f"pooling takes (N, C, H, W) or (C, H, W) with values to pool, got shape {input.shape}")
    _check_floating(input)
    wanted = (output_size, output_size) if isinstance(output_size, int) else tuple(output_size)
    if len(wanted) != 2 or any(count is not None and count < 0 for count in wanted):
        raise ValueError(f"output_size must be one or two numbers of rows and columns, got {output_size}")
    sizes = tuple(size if count is None else count for count, size in zip(wanted, input.shape[-2:], strict=True))
    if sizes == (1, 1):
        return jnp.mean(input, (-2, -1), keepdims=True)
    if all(count and size % count == 0 for count, size in zip(sizes, input.shape[-2:], strict=True)):
        return avg_pool2d(input, tuple(size // count for count, size in zip(sizes, input.shape[-2:], strict=True)))
    rows, columns = (
        jnp.asarray(_averages(size, count), input.dtype) for count, size in zip(sizes, input.shape[-2:], strict=True)
    )
    return jnp.einsum("...hw,hi,wj->...ij", input, rows, columns)
