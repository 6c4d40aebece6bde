"""Pooling, channels first."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from unified.backends.jax.functional.conv import per_dimension

__all__ = ["adaptive_avg_pool2d", "avg_pool2d", "max_pool2d"]


def _windows(
    sizes: tuple[int, ...], kernel: Any, stride: Any, padding: Any, dilation: Any, ceil_mode: bool
) -> list[tuple[int, int, int, int, int, int]]:
    """For each dimension: kernel, stride, padding before, padding after, dilation, number of windows."""
    dimensions = len(sizes)
    kernel = per_dimension(kernel, dimensions)
    stride = kernel if stride is None or stride == () else per_dimension(stride, dimensions)
    padding, dilation = per_dimension(padding, dimensions), per_dimension(dilation, dimensions)
    result = []
    for size, k, s, p, d in zip(sizes, kernel, stride, padding, dilation, strict=True):
        if p > k // 2:
            raise ValueError(f"padding can be at most half of the kernel's size, got padding={p}, kernel_size={k}")
        span = d * (k - 1) + 1
        count = (size + 2 * p - span + (s - 1 if ceil_mode else 0)) // s + 1
        if ceil_mode and (count - 1) * s >= size + p:  # the last window would start past the edge
            count -= 1
        if count < 1:
            raise ValueError(f"a window of {span} does not fit an input of {size} padded by {p}")
        after = max((count - 1) * s + span - size - p, 0)
        result.append((k, s, p, after, d, count))
    return result


def _reduce(input: jax.Array, initial: Any, operation: Any, windows: list[tuple[int, ...]]) -> jax.Array:
    rest = input.ndim - len(windows)
    kernel, stride, before, after, dilation, count = (tuple(column) for column in zip(*windows, strict=True))
    output = lax.reduce_window(
        input,
        initial,
        operation,
        (1,) * rest + kernel,
        (1,) * rest + stride,
        ((0, 0),) * rest + tuple(zip(before, after, strict=True)),
        window_dilation=(1,) * rest + dilation,
    )
    # Rounding the number of windows down leaves the end of the padding unused.
    return output[(..., *(slice(n) for n in count))]


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
    windows = _windows(input.shape[-2:], kernel_size, stride, padding, dilation, ceil_mode)
    if not return_indices:
        return _reduce(input, np.array(_lowest(input.dtype), input.dtype), lax.max, windows)
    places = []
    for (k, s, p, _, d, count), size in zip(windows, input.shape[-2:], strict=True):
        place = np.arange(count)[:, None] * s - p + np.arange(k) * d
        places.append((np.clip(place, 0, size - 1), (place >= 0) & (place < size)))
    (rows, rows_inside), (columns, columns_inside) = places
    rows, columns = rows[:, None, :, None], columns[None, :, None, :]
    inside = rows_inside[:, None, :, None] & columns_inside[None, :, None, :]
    shape = np.broadcast_shapes(rows.shape, columns.shape)
    flat = (*shape[:2], shape[2] * shape[3])
    values = jnp.where(inside, input[..., rows, columns], _lowest(input.dtype)).reshape(*input.shape[:-2], *flat)
    best = jnp.argmax(values, -1, keepdims=True)
    index = np.broadcast_to(rows * input.shape[-1] + columns, shape).reshape(flat)
    found = jnp.take_along_axis(jnp.broadcast_to(index, values.shape), best, -1)[..., 0]
    return jnp.take_along_axis(values, best, -1)[..., 0], found.astype(jnp.result_type(int))


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
    windows = _windows(input.shape[-2:], kernel_size, stride, padding, 1, ceil_mode)
    total = _reduce(input, np.array(0, input.dtype), lax.add, windows)
    if divisor_override is not None:
        return total / divisor_override
    counts = []
    for (k, s, p, _, _, count), size in zip(windows, input.shape[-2:], strict=True):
        start = np.arange(count) * s - p
        end = np.minimum(start + k, size + p)
        counts.append(end - start if count_include_pad else np.minimum(end, size) - np.maximum(start, 0))
    divisor = counts[0][:, None] * counts[1]
    return total / (divisor.flat[0].item() if np.all(divisor == divisor.flat[0]) else divisor.astype(input.dtype))


def _averages(size: int, count: int) -> np.ndarray:
    """The matrix `(size, count)` that averages `size` values into `count` windows."""
    start = np.arange(count) * size // count
    end = -(-(np.arange(count) + 1) * size // count)
    place = np.arange(size)[:, None]
    return ((place >= start) & (place < end)) / (end - start)


def adaptive_avg_pool2d(input: jax.Array, output_size: Any) -> jax.Array:
    """Means of as many windows as `output_size` asks for, that cover `(N, C, H, W)` or `(C, H, W)` evenly."""
    wanted = (output_size, output_size) if isinstance(output_size, int) or output_size is None else tuple(output_size)
    sizes = tuple(size if count is None else count for count, size in zip(wanted, input.shape[-2:], strict=True))
    if sizes == (1, 1):
        return jnp.mean(input, (-2, -1), keepdims=True)
    if all(size % count == 0 for count, size in zip(sizes, input.shape[-2:], strict=True)):
        return avg_pool2d(input, tuple(size // count for count, size in zip(sizes, input.shape[-2:], strict=True)))
    rows, columns = (
        jnp.asarray(_averages(size, count), input.dtype)
        for count, size in zip(sizes, input.shape[-2:], strict=True)
    )
    return jnp.einsum("...hw,hi,wj->...ij", input, rows, columns)
