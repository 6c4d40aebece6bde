"""Sliding windows, and pixel and channel shuffles."""

import math
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from unified.backends.jax.functional.split_arrays import reshape
from unified.core.layouts import is_channels_last, per_dimension

__all__ = ["channel_shuffle", "fold", "pixel_shuffle", "pixel_unshuffle", "unfold"]


def _window_indices(
    sizes: tuple[int, ...], kernel_size: Any, dilation: Any, padding: Any, stride: Any
) -> tuple[list[np.ndarray], tuple[int, ...]]:
    """Return the row and column indices of the windows in the padded image, each `(span, count)`, and the padding."""
    kernel, steps, pads, strides = (
        per_dimension(name, value, 2)
        for name, value in (
            ("kernel_size", kernel_size),
            ("dilation", dilation),
            ("padding", padding),
            ("stride", stride),
        )
    )
    if min(*kernel, *steps, *strides) < 1 or min(pads) < 0:
        raise ValueError(
            "kernel_size, dilation and stride must be positive and padding not negative, got "
            f"{kernel_size}, {dilation}, {stride} and {padding}"
        )
    indices = []
    for size, span, step, pad, jump in zip(sizes, kernel, steps, pads, strides, strict=True):
        count = (size + 2 * pad - step * (span - 1) - 1) // jump + 1
        if count < 1:
            raise ValueError(f"a window of {span} (dilation {step}) does not fit {size} padded by {pad}")
        indices.append(np.arange(span)[:, None] * step + np.arange(count) * jump)
    return indices, pads


def unfold(input: jax.Array, kernel_size: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1) -> jax.Array:
    """Return the windows of `(N, C, H, W)` or `(C, H, W)` as columns: `(N, C * kernel_height * kernel_width, L)`."""
    if input.ndim not in (3, 4):
        raise ValueError(f"unfold takes (N, C, H, W) or (C, H, W), got shape {input.shape}")
    batched = input.ndim == 4
    images = input if batched else input[None]
    (rows, columns), pads = _window_indices(images.shape[2:], kernel_size, dilation, padding, stride)
    padded = jnp.pad(images, [(0, 0), (0, 0), *((pad, pad) for pad in pads)])
    windows = padded[:, :, rows[:, None, :, None], columns[None, :, None, :]]
    count, channels = images.shape[:2]
    spans = rows.shape[0] * columns.shape[0]
    output = reshape(windows, count, channels * spans, rows.shape[1] * columns.shape[1])
    return output if batched else output[0]


def fold(
    input: jax.Array, output_size: Any, kernel_size: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1
) -> jax.Array:
    """Sum windows `(N, C * kernel_height * kernel_width, L)` at the positions from which `unfold` takes them."""
    if input.ndim not in (2, 3):
        raise ValueError(f"fold takes (N, C * kernel, L) or (C * kernel, L), got shape {input.shape}")
    batched = input.ndim == 3
    windows = input if batched else input[None]
    height, width = per_dimension("output_size", output_size, 2)
    (rows, columns), pads = _window_indices((height, width), kernel_size, dilation, padding, stride)
    (tall, down), (wide, across) = rows.shape, columns.shape
    count, length = windows.shape[0], windows.shape[2]
    if windows.shape[1] % (tall * wide) or length != down * across:
        raise ValueError(
            f"windows of {tall} x {wide} of an output of {height} x {width} are "
            f"(N, C * {tall * wide}, {down * across}), got shape {input.shape}"
        )
    parts = reshape(windows, count, windows.shape[1] // (tall * wide), tall, wide, down, across)
    padded = jnp.zeros((parts.shape[1], height + 2 * pads[0], width + 2 * pads[1]), input.dtype)
    total = jax.vmap(padded.at[:, rows[:, None, :, None], columns[None, :, None, :]].add)(parts)
    output = total[:, :, pads[0] : pads[0] + height, pads[1] : pads[1] + width]
    return output if batched else output[0]


def pixel_shuffle(input: jax.Array, upscale_factor: int) -> jax.Array:
    """Rearrange `(..., C * r * r, H, W)` to `(..., C, H * r, W * r)`."""
    return pixel_shuffle_in(input, upscale_factor, None)


def pixel_shuffle_in(input: jax.Array, factor: int, data_format: str | None) -> jax.Array:
    """Compute `pixel_shuffle` for an input with its channels where `data_format` says."""
    is_last = is_channels_last(data_format)
    order = f"H, W, C * {factor**2}" if is_last else f"C * {factor**2}, H, W"
    if input.ndim < 3 or factor < 1 or input.shape[-1 if is_last else -3] % factor**2:
        raise ValueError(f"pixel_shuffle by {factor} takes (..., {order}), got shape {input.shape}")
    batch, count = input.shape[:-3], math.prod(input.shape[:-3])
    if is_last:
        height, width, channels = (*input.shape[-3:-1], input.shape[-1] // factor**2)
        parts = reshape(input, count, height, width, channels, factor, factor).transpose(0, 1, 4, 2, 5, 3)
        return reshape(parts, *batch, height * factor, width * factor, channels)
    channels, height, width = (input.shape[-3] // factor**2, *input.shape[-2:])
    parts = reshape(input, count, channels, factor, factor, height, width).transpose(0, 1, 4, 2, 5, 3)
    return reshape(parts, *batch, channels, height * factor, width * factor)


def pixel_unshuffle(input: jax.Array, downscale_factor: int) -> jax.Array:
    """Rearrange `(..., C, H * r, W * r)` to `(..., C * r * r, H, W)`."""
    return pixel_unshuffle_in(input, downscale_factor, None)


def pixel_unshuffle_in(input: jax.Array, factor: int, data_format: str | None) -> jax.Array:
    """Compute `pixel_unshuffle` for an input with its channels where `data_format` says."""
    is_last = is_channels_last(data_format)
    rows, columns = (-3, -2) if is_last else (-2, -1)
    if input.ndim < 3 or factor < 1 or input.shape[rows] % factor or input.shape[columns] % factor:
        order = "H, W, C" if is_last else "C, H, W"
        raise ValueError(
            f"pixel_unshuffle by {factor} takes (..., {order}) with sizes that it divides, got shape {input.shape}"
        )
    batch, count = input.shape[:-3], math.prod(input.shape[:-3])
    height, width, channels = (
        input.shape[rows] // factor,
        input.shape[columns] // factor,
        input.shape[-1 if is_last else -3],
    )
    if is_last:
        parts = reshape(input, count, height, factor, width, factor, channels).transpose(0, 1, 3, 5, 2, 4)
        return reshape(parts, *batch, height, width, channels * factor**2)
    parts = reshape(input, count, channels, height, factor, width, factor).transpose(0, 1, 3, 5, 2, 4)
    return reshape(parts, *batch, channels * factor**2, height, width)


def channel_shuffle(input: jax.Array, groups: int) -> jax.Array:
    """Interleave the channels of the groups of `(N, C, ...)`."""
    return channel_shuffle_in(input, groups, None)


def channel_shuffle_in(input: jax.Array, groups: int, data_format: str | None) -> jax.Array:
    """Compute `channel_shuffle` for an input with its channels where `data_format` says."""
    axis = -1 if is_channels_last(data_format) else 1
    if input.ndim < 3 or groups < 1 or input.shape[axis] % groups:
        order = "N, ..., C" if axis == -1 else "N, C, ..."
        raise ValueError(f"channel_shuffle in {groups} groups takes ({order}), got shape {input.shape}")
    channels = input.shape[axis] // groups
    if axis == -1:
        return reshape(reshape(input, *input.shape[:-1], groups, channels).swapaxes(-1, -2), *input.shape)
    parts = reshape(input, input.shape[0], groups, channels, math.prod(input.shape[2:]))
    return reshape(parts.swapaxes(1, 2), *input.shape)
