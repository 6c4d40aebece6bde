"""Average pooling."""

import functools
import math
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from unified.backends.jax.functional.broadcasting import along, with_rank
from unified.backends.jax.functional.checks import check_floating
from unified.backends.jax.functional.pooling_windows import (
    adaptive_bounds,
    adaptive_sizes,
    check_input,
    reduce_windows,
    spatial_axes,
    window_values,
    windows_of,
)
from unified.backends.jax.functional.split_arrays import reshape
from unified.core.layouts import has_own_padding

__all__ = [
    "adaptive_avg_pool1d",
    "adaptive_avg_pool2d",
    "adaptive_avg_pool3d",
    "avg_pool1d",
    "avg_pool2d",
    "avg_pool3d",
]


def avg_pool_over(
    dimensions: int,
    input: jax.Array,
    kernel_size: Any,
    stride: Any,
    padding: Any,
    ceil_mode: bool,
    count_include_pad: bool,
    divisor_override: int | None = None,
    data_format: str | None = None,
) -> jax.Array:
    """Return the mean of each window of the last `dimensions`, or of those before the channels."""
    check_input(dimensions, input, dimensions + 1, data_format)
    check_floating("average pooling", input)
    if divisor_override == 0:
        raise ValueError("divisor_override must not be zero")
    axes = spatial_axes(dimensions, input, data_format)
    sizes = tuple(input.shape[axis] for axis in axes)
    windows = windows_of(sizes, kernel_size, stride, padding, 1, ceil_mode)
    if (
        dimensions == 3
        and not has_own_padding(padding)
        and any(w.kernel > size for w, size in zip(windows, sizes, strict=True))
    ):
        raise ValueError(f"a window of avg_pool3d must fit the input {sizes} without its padding, got {kernel_size}")
    total = reduce_windows(input, 0, lax.add, windows, axes)
    if divisor_override is not None:
        return total / divisor_override
    is_pairs = has_own_padding(padding)
    if not ceil_mode and not is_pairs and (count_include_pad or not any(w.before for w in windows)):
        return total / math.prod(w.kernel for w in windows)  # also for sizes that are symbols of jax.export
    counts = []
    for window, size in zip(windows, sizes, strict=True):
        start = np.arange(window.number) * window.stride - window.before
        # With ceil_mode a window may extend over the padding too, and these values never count.
        end = np.minimum(start + window.kernel, size + (window.after if is_pairs else window.before))
        counts.append(end - start if count_include_pad else np.minimum(end, size) - np.maximum(start, 0))
    divisor = functools.reduce(np.multiply.outer, counts)
    if divisor.size == 0 or np.all(divisor == divisor.flat[0]):
        return total / (divisor.flat[0].item() if divisor.size else 1)
    return total / divisor.astype(input.dtype).reshape(along(axes, total.ndim, divisor.shape, 1))


def adaptive_avg_pool_over(
    dimensions: int, input: jax.Array, output_size: Any, data_format: str | None = None
) -> jax.Array:
    """Return the means of windows that cover the last `dimensions`, or those before the channels, evenly."""
    check_input(dimensions, input, 0, data_format)
    check_floating("average pooling", input)
    first, *_ = spatial_axes(dimensions, input, data_format)
    lead, sizes, rest = input.shape[:first], input.shape[first : first + dimensions], input.shape[first + dimensions :]
    counts = adaptive_sizes(output_size, sizes)
    if any(count != 1 for count in counts):  # torch computes one mean of no values: NaN
        check_input(dimensions, input, dimensions, data_format)
    if 0 in counts:
        return jnp.zeros((*lead, *counts, *rest), input.dtype)
    # Along a dimension that divides evenly, a window is an axis after a reshape: one mean reduces them all.
    split = [
        (count, size // count) if size % count == 0 else (size, 1) for size, count in zip(sizes, counts, strict=True)
    ]
    axes = tuple(first + 2 * i + 1 for i in range(dimensions))
    output = jnp.mean(reshape(input, *lead, *(part for pair in split for part in pair), *rest), axes)
    reduced = output.shape[first : first + dimensions]
    for axis, (size, count) in enumerate(zip(reduced, counts, strict=True), first):
        if size != count:
            output = _uneven_means(output, axis, *adaptive_bounds(size, count))
    return output


def _uneven_means(input: jax.Array, axis: int, start: np.ndarray, end: np.ndarray) -> jax.Array:
    """Return the means of windows of different sizes along `axis`."""
    index = start[:, None] + np.arange(np.max(end - start))
    inside = index < end[:, None]
    shape = (len(start), *(1,) * (input.ndim - axis - 1))
    values = window_values(input, np.minimum(index, end[:, None] - 1), axis)
    total = jnp.sum(values, -1, where=with_rank(inside.reshape(*shape, -1), values.ndim))
    return total / with_rank((end - start).reshape(shape).astype(input.dtype), total.ndim)


def avg_pool1d(
    input: jax.Array,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
) -> jax.Array:
    """Return the mean of each window of `(N, C, L)` or `(C, L)`."""
    return avg_pool_over(1, input, kernel_size, stride, padding, ceil_mode, count_include_pad)


def avg_pool2d(
    input: jax.Array,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
) -> jax.Array:
    """Return the mean of each window of `(N, C, H, W)` or `(C, H, W)`."""
    return avg_pool_over(2, input, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override)


def avg_pool3d(
    input: jax.Array,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
) -> jax.Array:
    """Return the mean of each window of `(N, C, D, H, W)` or `(C, D, H, W)`."""
    return avg_pool_over(3, input, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override)


def adaptive_avg_pool1d(input: jax.Array, output_size: Any) -> jax.Array:
    """Return the means of `output_size` windows that cover `(N, C, L)` or `(C, L)` evenly."""
    return adaptive_avg_pool_over(1, input, output_size)


def adaptive_avg_pool2d(input: jax.Array, output_size: Any) -> jax.Array:
    """Return the means of `output_size` windows that cover `(N, C, H, W)` or `(C, H, W)` evenly."""
    return adaptive_avg_pool_over(2, input, output_size)


def adaptive_avg_pool3d(input: jax.Array, output_size: Any) -> jax.Array:
    """Return the means of `output_size` windows that cover `(N, C, D, H, W)` or `(C, D, H, W)` evenly."""
    return adaptive_avg_pool_over(3, input, output_size)
