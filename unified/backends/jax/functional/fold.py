"""Sliding windows, and pixel and channel shuffles."""

import math
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from unified.backends.jax.functional.conv import per_dimension

__all__ = ["channel_shuffle", "fold", "pixel_shuffle", "pixel_unshuffle", "unfold"]


def _window_indices(
    sizes: tuple[int, ...], kernel_size: Any, dilation: Any, padding: Any, stride: Any
) -> tuple[list[np.ndarray], tuple[int, ...]]:
    """Return the row and column indices of the windows in the padded image, each `(span, count)`, and the padding."""
    kernel, steps, pads, strides = (per_dimension(value, 2) for value in (kernel_size, dilation, padding, stride))
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
    output = windows.reshape(count, channels * spans, rows.shape[1] * columns.shape[1])
    return output if batched else output[0]


def fold(
    input: jax.Array, output_size: Any, kernel_size: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1
) -> jax.Array:
    """Sum windows `(N, C * kernel_height * kernel_width, L)` at the positions from which `unfold` takes them."""
    if input.ndim not in (2, 3):
        raise ValueError(f"fold takes (N, C * kernel, L) or (C * kernel, L), got shape {input.shape}")
    batched = input.ndim == 3
    windows = input if batched else input[None]
    height, width = per_dimension(output_size, 2)
    (rows, columns), pads = _window_indices((height, width), kernel_size, dilation, padding, stride)
    (tall, down), (wide, across) = rows.shape, columns.shape
    count, length = windows.shape[0], windows.shape[2]
    if windows.shape[1] % (tall * wide) or length != down * across:
        raise ValueError(
            f"windows of {tall} x {wide} of an output of {height} x {width} are "
            f"(N, C * {tall * wide}, {down * across}), got shape {input.shape}"
        )
    parts = windows.reshape(count, windows.shape[1] // (tall * wide), tall, wide, down, across)
    padded = jnp.zeros((count, parts.shape[1], height + 2 * pads[0], width + 2 * pads[1]), input.dtype)
    total = padded.at[:, :, rows[:, None, :, None], columns[None, :, None, :]].add(parts)
    output = total[:, :, pads[0] : pads[0] + height, pads[1] : pads[1] + width]
    return output if batched else output[0]


def pixel_shuffle(input: jax.Array, upscale_factor: int) -> jax.Array:
    """Rearrange `(..., C * r * r, H, W)` to `(..., C, H * r, W * r)`."""
    factor = upscale_factor
    if input.ndim < 3 or factor < 1 or input.shape[-3] % factor**2:
        raise ValueError(f"pixel_shuffle by {factor} takes (..., C * {factor**2}, H, W), got shape {input.shape}")
    *batch, channels, height, width = input.shape
    parts = input.reshape(math.prod(batch), channels // factor**2, factor, factor, height, width)
    return parts.transpose(0, 1, 4, 2, 5, 3).reshape(*batch, channels // factor**2, height * factor, width * factor)


def pixel_unshuffle(input: jax.Array, downscale_factor: int) -> jax.Array:
    """Rearrange `(..., C, H * r, W * r)` to `(..., C * r * r, H, W)`."""
    factor = downscale_factor
    if input.ndim < 3 or factor < 1 or input.shape[-2] % factor or input.shape[-1] % factor:
        raise ValueError(
            f"pixel_unshuffle by {factor} takes (..., C, H, W) with sizes that it divides, got shape {input.shape}"
        )
    *batch, channels, height, width = input.shape
    parts = input.reshape(math.prod(batch), channels, height // factor, factor, width // factor, factor)
    shape = (*batch, channels * factor**2, height // factor, width // factor)
    return parts.transpose(0, 1, 3, 5, 2, 4).reshape(shape)


def channel_shuffle(input: jax.Array, groups: int) -> jax.Array:
    """Interleave the channels of the groups of `(N, C, ...)`."""
    if input.ndim < 3 or groups < 1 or input.shape[1] % groups:
        raise ValueError(f"channel_shuffle in {groups} groups takes (N, C, ...), got shape {input.shape}")
    count, channels, *rest = input.shape
    parts = input.reshape(count, groups, channels // groups, math.prod(rest))
    return parts.swapaxes(1, 2).reshape(input.shape)
