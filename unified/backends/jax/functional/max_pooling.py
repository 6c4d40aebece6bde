"""Max pooling."""

import functools
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from unified.backends.jax.functional.broadcasting import along
from unified.backends.jax.functional.pad import pad_edges
from unified.backends.jax.functional.pooling_windows import (
    Windows,
    adaptive_bounds,
    adaptive_sizes,
    argmax_windows,
    check_input,
    reduce_windows,
    spatial_axes,
    take_indices,
    windows_of,
)
from unified.core.layouts import is_channels_last

__all__ = [
    "adaptive_max_pool1d",
    "adaptive_max_pool2d",
    "adaptive_max_pool3d",
    "max_pool1d",
    "max_pool2d",
    "max_pool3d",
]


def max_pool_over(
    dimensions: int,
    input: jax.Array,
    kernel_size: Any,
    stride: Any,
    padding: Any,
    dilation: Any,
    ceil_mode: bool,
    return_indices: bool,
    data_format: str | None = None,
) -> Any:
    """Return the largest value of each window of the last `dimensions`, or of those before the channels."""
    check_input(dimensions, input, dimensions + 1, data_format)
    axes = spatial_axes(dimensions, input, data_format)
    sizes = tuple(input.shape[axis] for axis in axes)
    windows = windows_of(sizes, kernel_size, stride, padding, dilation, ceil_mode)
    if not return_indices and all(w.dilation == 1 for w in windows):
        is_padded = any(w.before or w.after for w in windows) and jnp.issubdtype(input.dtype, jnp.floating)
        return _max_of_padded(input, windows, axes) if is_padded else max_of_windows(input, windows, axes)
    # JAX has no gradient of dilated windows, and does not return indices.
    indices = [_window_indices(w, size) for w, size in zip(windows, sizes, strict=True)]
    return largest_at(input, indices, return_indices, data_format)


def largest_at(input: jax.Array, indices: list[Any], return_indices: bool, data_format: str | None) -> Any:
    """Return the largest value of each window, whose values have these indices along each dimension."""
    is_last = is_channels_last(data_format)
    channels_first = jnp.moveaxis(input, -1, -1 - len(indices)) if is_last else input
    index = argmax_windows(channels_first, indices)
    largest = take_indices(channels_first, index, len(indices))
    if is_last:
        largest, index = (jnp.moveaxis(array, -1 - len(indices), -1) for array in (largest, index))
    return (largest, index) if return_indices else largest


def max_of_windows(input: jax.Array, windows: tuple[Windows, ...], axes: tuple[int, ...]) -> jax.Array:
    """Return the largest value of each window along `axes`."""
    lowest = -np.inf if jnp.issubdtype(input.dtype, jnp.floating) else jnp.iinfo(input.dtype).min
    return reduce_windows(input, lowest, lax.max, windows, axes)


@functools.partial(jax.custom_jvp, nondiff_argnums=(1, 2))
def _max_of_padded(input: jax.Array, windows: tuple[Windows, ...], axes: tuple[int, ...]) -> jax.Array:
    return max_of_windows(input, windows, axes)


@_max_of_padded.defjvp
def _max_of_padded_jvp(windows: tuple[Windows, ...], axes: tuple[int, ...], inputs: Any, tangents: Any) -> Any:
    """Differentiate with the edge as padding, which every window that reaches the padding contains too.

    So the largest values are the same, and the gradient of a window of -inf does not get lost in the padding.
    """

    def largest(input: jax.Array) -> jax.Array:
        widths = along(axes, input.ndim, [(w.before, w.after) for w in windows], (0, 0))
        unpadded = tuple(w._replace(before=0, after=0) for w in windows)
        return max_of_windows(pad_edges(input, widths), unpadded, axes)

    return _max_of_padded(*inputs, windows, axes), jax.jvp(largest, inputs, tangents)[1]


def _window_indices(windows: Windows, size: int) -> np.ndarray:
    """Return the indices of each window's values, with its first or last value in place of the padding."""
    start = np.arange(windows.number)[:, None] * windows.stride - windows.before
    index = start + np.arange(windows.kernel) * windows.dilation
    inside = (index >= 0) & (index < size)
    if not inside.any(1).all():
        raise ValueError(f"dilation={windows.dilation} and padding={windows.before} make a window with no value")
    first, last = np.where(inside, index, size).min(1), np.where(inside, index, -1).max(1)
    return np.clip(index, first[:, None], last[:, None])


def adaptive_max_pool_over(
    dimensions: int, input: jax.Array, output_size: Any, return_indices: bool, data_format: str | None = None
) -> Any:
    """Return the largest values of windows that cover the last `dimensions`, or those before the channels, evenly."""
    check_input(dimensions, input, dimensions, data_format)
    indices = []
    sizes = tuple(input.shape[axis] for axis in spatial_axes(dimensions, input, data_format))
    for size, count in zip(sizes, adaptive_sizes(output_size, sizes), strict=True):
        start, end = adaptive_bounds(size, count)
        width = np.max(end - start, initial=1)
        indices.append(np.minimum(start[:, None] + np.arange(width), end[:, None] - 1))
    return largest_at(input, indices, return_indices, data_format)


def max_pool1d(
    input: jax.Array,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    dilation: Any = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Any:
    """Return the largest value of each window of `(N, C, L)` or `(C, L)`; with `return_indices` also its index."""
    return max_pool_over(1, input, kernel_size, stride, padding, dilation, ceil_mode, return_indices)


def max_pool2d(
    input: jax.Array,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    dilation: Any = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Any:
    """Return the largest value of each window of `(N, C, H, W)` or `(C, H, W)`.

    With `return_indices` also return its index `h * W + w`.
    """
    return max_pool_over(2, input, kernel_size, stride, padding, dilation, ceil_mode, return_indices)


def max_pool3d(
    input: jax.Array,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    dilation: Any = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Any:
    """Return the largest value of each window of `(N, C, D, H, W)` or `(C, D, H, W)`.

    With `return_indices` also return its index `(d * H + h) * W + w`.
    """
    return max_pool_over(3, input, kernel_size, stride, padding, dilation, ceil_mode, return_indices)


def adaptive_max_pool1d(input: jax.Array, output_size: Any, return_indices: bool = False) -> Any:
    """Return the largest values of `output_size` windows that cover `(N, C, L)` or `(C, L)` evenly."""
    return adaptive_max_pool_over(1, input, output_size, return_indices)


def adaptive_max_pool2d(input: jax.Array, output_size: Any, return_indices: bool = False) -> Any:
    """Return the largest values of `output_size` windows that cover `(N, C, H, W)` or `(C, H, W)` evenly."""
    return adaptive_max_pool_over(2, input, output_size, return_indices)


def adaptive_max_pool3d(input: jax.Array, output_size: Any, return_indices: bool = False) -> Any:
    """Return the largest values of `output_size` windows that cover `(N, C, D, H, W)` or `(C, D, H, W)` evenly."""
    return adaptive_max_pool_over(3, input, output_size, return_indices)
