"""Where the windows of pooling lie, and what is taken from them."""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from unified.backends.jax.functional.conv import per_dimension

__all__ = [
    "Windows",
    "adaptive_bounds",
    "adaptive_sizes",
    "check_floating",
    "check_input",
    "first_largest",
    "numbers",
    "reduce_windows",
    "take_places",
    "values_along",
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


def check_input(dimensions: int, input: jax.Array, filled: int) -> None:
    """Raises `ValueError` unless the input has the right rank, and its last `filled` sizes are not 0."""
    if input.ndim not in (dimensions + 1, dimensions + 2):
        raise ValueError(f"{dimensions}d pooling takes {LAYOUTS[dimensions]}, got shape {input.shape}")
    if 0 in input.shape[-filled:]:
        raise ValueError(f"{dimensions}d pooling takes {LAYOUTS[dimensions]} that is not empty, got {input.shape}")


def check_floating(input: jax.Array) -> None:
    """Raises `TypeError` for an input of integers, whose means would be rounded."""
    if not jnp.issubdtype(input.dtype, jnp.inexact):
        raise TypeError(f"means are taken of floating-point values, got {input.dtype}")


def numbers(name: str, value: Any, dimensions: int) -> tuple[int, ...]:
    """`value`, one number or one for each dimension, as the latter."""
    result = per_dimension(value, dimensions)
    if len(result) != dimensions:
        raise ValueError(f"{name} must be one number or {dimensions}, got {value}")
    return result


def windows_of(
    sizes: tuple[int, ...], kernel: Any, stride: Any, padding: Any, dilation: Any, ceil_mode: bool
) -> tuple[Windows, ...]:
    """The windows along each dimension."""
    dimensions = len(sizes)
    kernel = numbers("kernel_size", kernel, dimensions)
    stride = kernel if stride is None or stride == () else numbers("stride", stride, dimensions)
    padding, dilation = numbers("padding", padding, dimensions), numbers("dilation", dilation, dimensions)
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
    return tuple(result)


def reduce_windows(input: jax.Array, initial: Any, operation: Any, windows: tuple[Windows, ...]) -> jax.Array:
    """The values of each window, which is not dilated, combined by `operation`; the padding holds `initial`."""
    rest = input.ndim - len(windows)
    output = lax.reduce_window(
        input,
        np.array(initial, input.dtype),
        operation,
        (1,) * rest + tuple(w.kernel for w in windows),
        (1,) * rest + tuple(w.stride for w in windows),
        ((0, 0),) * rest + tuple((w.before, w.after) for w in windows),
    )
    # Rounding the number of windows down leaves the end of the padding unused.
    return output[(..., *(slice(w.number) for w in windows))]


def adaptive_sizes(output_size: Any, sizes: tuple[int, ...]) -> tuple[int, ...]:
    """The output's sizes: `output_size` is one number or one for each dimension, and `None` keeps a size."""
    wanted = (output_size,) * len(sizes) if output_size is None or isinstance(output_size, int) else tuple(output_size)
    if output_size is None or len(wanted) != len(sizes) or any(count is not None and count < 0 for count in wanted):
        raise ValueError(f"output_size must be one number of windows or {len(sizes)}, got {output_size}")
    return tuple(size if count is None else count for count, size in zip(wanted, sizes, strict=True))


def adaptive_bounds(size: int, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Where each of `count` windows that cover `size` values evenly starts and ends."""
    place = np.arange(count)
    return place * size // count, -(-(place + 1) * size // count)


def values_along(input: jax.Array, places: Any, axis: int) -> jax.Array:
    """The values of windows along `axis`, as a new last dimension.

    `places` has the shape `(windows, values)`, or `(..., windows, values)` where every sample has its own windows.
    """
    *lead, count, width = places.shape
    lead = lead or [1]
    before, after = input.shape[:axis], input.shape[axis + 1 :]
    index = places.reshape(*lead, *(1,) * (axis - len(lead)), count * width, *(1,) * len(after))
    values = jnp.take_along_axis(input, index, axis, mode="promise_in_bounds")
    return jnp.moveaxis(values.reshape(*before, count, width, *after), axis + 1, -1)


def first_largest(input: jax.Array, places: list[Any]) -> jax.Array:
    """The index, such as `h * W + w`, of the largest value of each window, the first of equals.

    `places` says for each of the last dimensions where the windows' values are, as `values_along` takes it. Windows
    are products of intervals, so that the largest of each row is found first, and then the largest of these.
    """
    rest = input.ndim - len(places)
    values = lax.stop_gradient(input)
    index = jnp.arange(np.prod(input.shape[rest:]), dtype=jnp.result_type(int)).reshape(input.shape[rest:])
    index = jnp.broadcast_to(index, input.shape)
    for axis in reversed(range(rest, input.ndim)):
        values, index = (values_along(x, places[axis - rest], axis) for x in (values, index))
        best = jnp.argmax(values, -1, keepdims=True)
        values, index = (jnp.take_along_axis(x, best, -1, mode="promise_in_bounds")[..., 0] for x in (values, index))
    return index


def take_places(input: jax.Array, index: jax.Array, dimensions: int) -> jax.Array:
    """The values at `index`, which counts through the last `dimensions`."""
    flat, places = (lax.collapse(x, x.ndim - dimensions) for x in (input, index))
    return jnp.take_along_axis(flat, places, -1, mode="promise_in_bounds").reshape(index.shape)
