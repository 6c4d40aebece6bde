"""Max pooling."""

import functools
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from unified.backends.jax.functional.pooling_windows import (
    Windows,
    adaptive_bounds,
    adaptive_sizes,
    argmax_windows,
    check_input,
    reduce_windows,
    take_indices,
    windows_of,
)

__all__ = [
    "adaptive_max_pool1d",
    "adaptive_max_pool2d",
    "adaptive_max_pool3d",
    "max_pool1d",
    "max_pool2d",
    "max_pool3d",
]


def _max_pool(
    dimensions: int,
    input: jax.Array,
    kernel_size: Any,
    stride: Any,
    padding: Any,
    dilation: Any,
    ceil_mode: bool,
    return_indices: bool,
) -> Any:
    check_input(dimensions, input, dimensions + 1)
    windows = windows_of(input.shape[-dimensions:], kernel_size, stride, padding, dilation, ceil_mode)
    if not return_indices and all(w.dilation == 1 for w in windows):
        is_padded = any(w.before or w.after for w in windows) and jnp.issubdtype(input.dtype, jnp.floating)
        return _max_of_padded(input, windows) if is_padded else _max_of_windows(input, windows)
    # JAX has no gradient of dilated windows, and does not return indices.
    sizes = input.shape[-dimensions:]
    index = argmax_windows(input, [_window_indices(w, size) for w, size in zip(windows, sizes, strict=True)])
    largest = take_indices(input, index, dimensions)
    return (largest, index) if return_indices else largest


def _max_of_windows(input: jax.Array, windows: tuple[Windows, ...]) -> jax.Array:
    lowest = -np.inf if jnp.issubdtype(input.dtype, jnp.floating) else jnp.iinfo(input.dtype).min
    return reduce_windows(input, lowest, lax.max, windows)


@functools.partial(jax.custom_jvp, nondiff_argnums=(1,))
def _max_of_padded(input: jax.Array, windows: tuple[Windows, ...]) -> jax.Array:
    return _max_of_windows(input, windows)


@_max_of_padded.defjvp
def _max_of_padded_jvp(windows: tuple[Windows, ...], inputs: Any, tangents: Any) -> Any:
    """Differentiate with the edge as padding, which every window that reaches the padding contains too.

    So the largest values are the same, and the gradient of a window of -inf does not get lost in the padding.
    """

    def largest(input: jax.Array) -> jax.Array:
        widths = ((0, 0),) * (input.ndim - len(windows)) + tuple((w.before, w.after) for w in windows)
        return _max_of_windows(
            jnp.pad(input, widths, mode="edge"), tuple(w._replace(before=0, after=0) for w in windows)
        )

    return _max_of_padded(*inputs, windows), jax.jvp(largest, inputs, tangents)[1]


def _window_indices(windows: Windows, size: int) -> np.ndarray:
    """Return the indices of each window's values, with its first or last value in place of the padding."""
    start = np.arange(windows.number)[:, None] * windows.stride - windows.before
    index = start + np.arange(windows.kernel) * windows.dilation
    inside = (index >= 0) & (index < size)
    if not inside.any(1).all():
        raise ValueError(f"dilation={windows.dilation} and padding={windows.before} make a window with no value")
    first, last = np.where(inside, index, size).min(1), np.where(inside, index, -1).max(1)
    return np.clip(index, first[:, None], last[:, None])


def _adaptive_max_pool(dimensions: int, input: jax.Array, output_size: Any, return_indices: bool) -> Any:
    check_input(dimensions, input, dimensions)
    indices = []
    sizes = input.shape[-dimensions:]
    for size, count in zip(sizes, adaptive_sizes(output_size, sizes), strict=True):
        start, end = adaptive_bounds(size, count)
        width = np.max(end - start, initial=1)
        indices.append(np.minimum(start[:, None] + np.arange(width), end[:, None] - 1))
    index = argmax_windows(input, indices)
    largest = take_indices(input, index, dimensions)
    return (largest, index) if return_indices else largest


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
    return _max_pool(1, input, kernel_size, stride, padding, dilation, ceil_mode, return_indices)


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
    return _max_pool(2, input, kernel_size, stride, padding, dilation, ceil_mode, return_indices)


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
    return _max_pool(3, input, kernel_size, stride, padding, dilation, ceil_mode, return_indices)


def adaptive_max_pool1d(input: jax.Array, output_size: Any, return_indices: bool = False) -> Any:
    """Return the largest values of `output_size` windows that cover `(N, C, L)` or `(C, L)` evenly."""
    return _adaptive_max_pool(1, input, output_size, return_indices)


def adaptive_max_pool2d(input: jax.Array, output_size: Any, return_indices: bool = False) -> Any:
    """Return the largest values of `output_size` windows that cover `(N, C, H, W)` or `(C, H, W)` evenly."""
    return _adaptive_max_pool(2, input, output_size, return_indices)


def adaptive_max_pool3d(input: jax.Array, output_size: Any, return_indices: bool = False) -> Any:
    """Return the largest values of `output_size` windows that cover `(N, C, D, H, W)` or `(C, D, H, W)` evenly."""
    return _adaptive_max_pool(3, input, output_size, return_indices)
