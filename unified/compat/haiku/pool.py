"""Max and average pooling.

Source: https://dm-haiku.readthedocs.io/en/latest/api.html#pooling
"""

import math
import warnings
from collections.abc import Sequence
from typing import Any

from unified.compat.haiku.module import Module
from unified.compat.jax import lax
from unified.compat.jax import numpy as jnp

__all__ = ["AvgPool", "MaxPool", "avg_pool", "max_pool"]

WARNING = (
    "window_shape or strides is one number, which counts for all axes but the first, taken for the batch, and the "
    "channels': under jax.vmap, which hides the batch axis, a spatial axis is left out. Write a size for each axis of "
    "one example: `max_pool(x, (2, 2, 1), (2, 2, 1), 'SAME')` in place of `max_pool(x, 2, 2, 'SAME')`"
)


def _size_per_axis(x: Any, size: int | Sequence[int], channel_axis: int | None) -> tuple[int, ...]:
    """Return a size for each axis; a single number is the size of all axes but batch and channels."""
    if not isinstance(size, int):
        return (1,) * (x.ndim - len(size)) + tuple(size)
    if channel_axis and not 0 <= abs(channel_axis) < x.ndim:
        raise ValueError(f"channel_axis={channel_axis} is no axis of an input of shape {x.shape}")
    if channel_axis and channel_axis < 0:
        channel_axis += x.ndim
    return (1, *(size if axis != channel_axis else 1 for axis in range(1, x.ndim)))


def _prepare(value: Any, window: Any, strides: Any, padding: str, channel_axis: int | None) -> tuple[Any, Any, Any]:
    if padding not in ("SAME", "VALID"):
        raise ValueError(f"pooling pads by padding='SAME' or padding='VALID', got padding={padding!r}")
    if any(isinstance(size, int) and size != 1 for size in (window, strides)):
        warnings.warn(WARNING, DeprecationWarning, stacklevel=3)
    value = jnp.asarray(value)
    return value, _size_per_axis(value, window, channel_axis), _size_per_axis(value, strides, channel_axis)


def max_pool(value: Any, window_shape: Any, strides: Any, padding: str, channel_axis: int | None = -1) -> Any:
    """Return the largest element of each window.

    Args:
        value: the array.
        window_shape: the size of a window along each axis or each of the last axes, or one number.
        strides: the step between windows, in the same form.
        padding: `"SAME"` or `"VALID"`.
        channel_axis: the channel axis, or `None` without one; used only if a size is one number.

    Shapes: `[N, *sizes, channels]` to the same with the number of windows along each axis.

    >>> import torch, unified.compat.haiku as hk
    >>> list(hk.max_pool(torch.ones(1, 4, 4, 3), (2, 2, 1), (2, 2, 1), "VALID").shape)
    [1, 2, 2, 3]
    """
    value, window, steps = _prepare(value, window_shape, strides, padding, channel_axis)
    return lax.reduce_window(value, -jnp.inf, lax.max, window, steps, padding)


def avg_pool(value: Any, window_shape: Any, strides: Any, padding: str, channel_axis: int | None = -1) -> Any:
    """Return the mean of each window; what lies in the padding does not count.

    Args:
        value: the array.
        window_shape: the size of a window along each axis or each of the last axes, or one number.
        strides: the step between windows, in the same form.
        padding: `"SAME"` or `"VALID"`.
        channel_axis: the channel axis, or `None` without one; used only if a size is one number.

    Shapes: `[N, *sizes, channels]` to the same with the number of windows along each axis.

    >>> import torch, unified.compat.haiku as hk
    >>> list(hk.avg_pool(torch.ones(1, 4, 4, 3), (2, 2, 1), (2, 2, 1), "VALID").shape)
    [1, 2, 2, 3]
    """
    value, window, steps = _prepare(value, window_shape, strides, padding, channel_axis)
    total = lax.reduce_window(value, 0.0, lax.add, window, steps, padding)
    if padding == "VALID":
        return total / math.prod(window)
    shape = [size if width != 1 else 1 for size, width in zip(value.shape, window, strict=True)]
    return total / lax.reduce_window(jnp.ones(shape, value.dtype), 0.0, lax.add, window, steps, padding)


class _Pool(Module):
    def __init__(
        self, window_shape: Any, strides: Any, padding: str, channel_axis: int | None = -1, name: str | None = None
    ) -> None:
        super().__init__(name=name)
        self.window_shape, self.strides, self.padding, self.channel_axis = window_shape, strides, padding, channel_axis


class MaxPool(_Pool):
    """The largest element of each window, as a module: `max_pool` with these options.

    Args:
        window_shape: the size of a window along each axis or each of the last axes, or one number.
        strides: the step between windows, in the same form.
        padding: `"SAME"` or `"VALID"`.
        channel_axis: the channel axis, or `None` without one; used only if a size is one number.
        name: the module's name.

    Shapes: `[N, *sizes, channels]` to the same with the number of windows along each axis.

    >>> import torch, unified.compat.haiku as hk
    >>> net = hk.transform(lambda x: hk.MaxPool((2, 2, 1), (2, 2, 1), "SAME")(x), backend="torch")
    >>> list(net.apply({}, None, torch.ones(1, 5, 5, 3)).shape)
    [1, 3, 3, 3]
    """

    def __call__(self, value: Any) -> Any:
        return max_pool(value, self.window_shape, self.strides, self.padding, self.channel_axis)


class AvgPool(_Pool):
    """The mean of each window, as a module: `avg_pool` with these options.

    Args:
        window_shape: the size of a window along each axis or each of the last axes, or one number.
        strides: the step between windows, in the same form.
        padding: `"SAME"` or `"VALID"`.
        channel_axis: the channel axis, or `None` without one; used only if a size is one number.
        name: the module's name.

    Shapes: `[N, *sizes, channels]` to the same with the number of windows along each axis.

    >>> import torch, unified.compat.haiku as hk
    >>> net = hk.transform(lambda x: hk.AvgPool((2, 2, 1), (2, 2, 1), "SAME")(x), backend="torch")
    >>> list(net.apply({}, None, torch.ones(1, 5, 5, 3)).shape)
    [1, 3, 3, 3]
    """

    def __call__(self, value: Any) -> Any:
        return avg_pool(value, self.window_shape, self.strides, self.padding, self.channel_axis)
