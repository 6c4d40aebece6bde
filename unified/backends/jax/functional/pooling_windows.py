"""The windows of pooling: their positions, and reductions over them."""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from unified.backends.jax.functional.broadcasting import along
from unified.backends.jax.functional.checks import is_less
from unified.backends.jax.functional.split_arrays import reshape, take
from unified.core.layouts import (
    batch_rank,
    check_window_padding,
    has_own_padding,
    is_channels_last,
    padding_pairs,
    per_dimension,
)

__all__ = [
    "Windows",
    "adaptive_bounds",
    "adaptive_sizes",
    "argmax_windows",
    "check_input",
    "numbers",
    "reduce_windows",
    "spatial_axes",
    "take_indices",
    "window_values",
    "windows_of",
]

LAYOUTS = {1: "(N, C, L) or (C, L)", 2: "(N, C, H, W) or (C, H, W)", 3: "(N, C, D, H, W) or (C, D, H, W)"}


class Windows(NamedTuple):
    """The windows along one dimension."""

    kernel: int
    stride: int
    before: int  # padding
    after: int  # padding that the last window reaches
    dilation: int
    number: int


def check_input(dimensions: int, input: jax.Array, nonempty: int, data_format: str | None = None) -> None:
    """Raise `ValueError` unless the input has the right rank, and its last `nonempty` sizes are not 0."""
    if data_format is not None:
        rank = batch_rank(f"{dimensions}d pooling", input.shape, dimensions, data_format)
        if nonempty and 0 in input.shape[rank:]:
            raise ValueError(f"{dimensions}d pooling takes inputs without empty dimensions, got shape {input.shape}")
        return
    if input.ndim not in (dimensions + 1, dimensions + 2):
        raise ValueError(f"{dimensions}d pooling takes {LAYOUTS[dimensions]}, got shape {input.shape}")
    if 0 in input.shape[input.ndim - nonempty :]:
        raise ValueError(
            f"{dimensions}d pooling takes {LAYOUTS[dimensions]} without empty dimensions, got {input.shape}"
        )


def numbers(name: str, value: Any, dimensions: int) -> tuple[int, ...]:
    """Return `value`, one number or one for each dimension, as a number for each dimension."""
    return per_dimension(name, value, dimensions)


def spatial_axes(dimensions: int, input: jax.Array, data_format: str | None) -> tuple[int, ...]:
    """Return the axes that windows extend along."""
    end = input.ndim - (1 if is_channels_last(data_format) else 0)
    return tuple(range(end - dimensions, end))


def windows_of(
    sizes: tuple[int, ...], kernel: Any, stride: Any, padding: Any, dilation: Any, ceil_mode: bool
) -> tuple[Windows, ...]:
    """Return the windows along each dimension."""
    dimensions = len(sizes)
    kernel = numbers("kernel_size", kernel, dimensions)
    stride = kernel if stride is None or stride == () else numbers("stride", stride, dimensions)
    dilation = numbers("dilation", dilation, dimensions)
    if has_own_padding(padding):
        pairs = padding_pairs(padding, sizes, kernel, stride, dilation)
        check_window_padding(pairs, kernel, dilation)
        return tuple(map(_padded_windows, sizes, kernel, stride, dilation, pairs))
    padding = numbers("padding", padding, dimensions)
    result = []
    for size, k, s, p, d in zip(sizes, kernel, stride, padding, dilation, strict=True):
        if min(k, s, d) < 1:
            raise ValueError(f"kernel_size, stride and dilation must be positive, got {k}, {s} and {d}")
        span = d * (k - 1) + 1
        if not 0 <= p <= k // 2:
            raise ValueError(f"padding can be at most half of kernel_size, got padding={p}, kernel_size={k}")
        count = (size + 2 * p - span + (s - 1 if ceil_mode else 0)) // s + 1
        if ceil_mode and (count - 1) * s >= size + p:  # a window must not start in the padding after the input
            count -= 1
        if is_less(count, 1):
            raise ValueError(f"a window of {span} does not fit an input of {size} padded by {p}")
        result.append(Windows(k, s, p, jax.core.max_dim((count - 1) * s + span - size - p, 0), d, count))
    return tuple(result)


def _padded_windows(size: int, kernel: int, stride: int, dilation: int, pair: tuple[int, int]) -> Windows:
    """Return the windows along a dimension that is padded by these widths."""
    (low, high), span = pair, dilation * (kernel - 1) + 1
    if min(kernel, stride, dilation) < 1:
        raise ValueError(f"kernel_size, stride and dilation must be positive, got {kernel}, {stride} and {dilation}")
    count = (size + low + high - span) // stride + 1
    if is_less(count, 1):
        raise ValueError(f"a window of {span} does not fit an input of {size} padded by {low} and {high}")
    return Windows(kernel, stride, low, jax.core.max_dim((count - 1) * stride + span - size - low, 0), dilation, count)


def reduce_windows(
    input: jax.Array, initial: Any, operation: Any, windows: tuple[Windows, ...], axes: tuple[int, ...]
) -> jax.Array:
    """Reduce the values of each window by `operation`, with padding of `initial`; windows must not be dilated."""
    output = lax.reduce_window(
        input,
        np.array(initial, input.dtype),
        operation,
        along(axes, input.ndim, [w.kernel for w in windows], 1),
        along(axes, input.ndim, [w.stride for w in windows], 1),
        along(axes, input.ndim, [(w.before, w.after) for w in windows], (0, 0)),
    )
    # Rounding the number of windows down leaves the end of the padding unused.
    return output[along(axes, input.ndim, [slice(w.number) for w in windows], slice(None))]


def adaptive_sizes(output_size: Any, sizes: tuple[int, ...]) -> tuple[int, ...]:
    """Return the output's sizes: `output_size` is one number or one for each dimension, and `None` keeps a size."""
    counts = (output_size,) * len(sizes) if output_size is None or isinstance(output_size, int) else tuple(output_size)
    if output_size is None or len(counts) != len(sizes) or any(count is not None and count < 0 for count in counts):
        raise ValueError(f"output_size must be one number of windows or {len(sizes)}, got {output_size}")
    return tuple(size if count is None else count for count, size in zip(counts, sizes, strict=True))


def adaptive_bounds(size: int, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the starts and the ends of `count` windows that cover `size` values evenly."""
    window = np.arange(count)
    return window * size // count, -(-(window + 1) * size // count)


def window_values(input: jax.Array, indices: Any, axis: int) -> jax.Array:
    """Return the values of windows along `axis`, as a new last dimension.

    `indices` has the shape `(windows, values)`, or `(..., windows, values)` if each sample has its own windows.
    """
    *lead, count, width = indices.shape
    before, after = input.shape[:axis], input.shape[axis + 1 :]
    if not lead:
        values = take(input, indices.reshape(-1), axis)
        return jnp.moveaxis(reshape(values, *before, count, width, *after), axis + 1, -1)
    index = indices.reshape(*lead, *(1,) * (axis - len(lead)), count * width, *(1,) * len(after))
    values = jnp.take_along_axis(input, index, axis, mode="promise_in_bounds")
    return jnp.moveaxis(reshape(values, *before, count, width, *after), axis + 1, -1)


def argmax_windows(input: jax.Array, indices: list[Any]) -> jax.Array:
    """Return the index, such as `h * W + w`, of the largest value of each window, the first of equal ones.

    `indices` are those of the windows' values along each of the last dimensions, as `window_values` takes them. Windows
    are products of intervals, so that the largest of each row comes first, and then the largest of these.
    """
    rest = input.ndim - len(indices)
    values = lax.stop_gradient(input)
    index = jnp.arange(np.prod(input.shape[rest:]), dtype=jnp.result_type(int)).reshape(input.shape[rest:])
    index = jnp.broadcast_to(index, input.shape)
    for axis in reversed(range(rest, input.ndim)):
        values, index = (window_values(x, indices[axis - rest], axis) for x in (values, index))
        best = jnp.argmax(values, -1, keepdims=True)
        is_best = lax.broadcasted_iota(best.dtype, values.shape, values.ndim - 1) == best
        values = jnp.take_along_axis(values, best, -1, mode="promise_in_bounds")[..., 0]
        index = jnp.sum(jnp.where(is_best, index, 0), -1, dtype=index.dtype)  # `vmap` maps no gather of a constant
    return index


def take_indices(input: jax.Array, index: jax.Array, dimensions: int) -> jax.Array:
    """Return the values at `index`, which counts through the last `dimensions`."""
    flat, indices = (lax.collapse(x, x.ndim - dimensions) for x in (input, index))
    return reshape(jnp.take_along_axis(flat, indices, -1, mode="promise_in_bounds"), *index.shape)
