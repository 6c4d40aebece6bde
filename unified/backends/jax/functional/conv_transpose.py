"""Transposed convolutions, channels first."""

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

from unified.backends.jax.functional.conv import per_dimension

__all__ = ["conv_transpose1d", "conv_transpose2d", "conv_transpose3d"]

LAYOUTS = {1: ("NCH", "IOH", "NCH"), 2: ("NCHW", "IOHW", "NCHW"), 3: ("NCDHW", "IODHW", "NCDHW")}


def transpose_convolve(
    dimensions: int,
    input: jax.Array,
    weight: jax.Array,
    bias: jax.Array | None,
    stride: Any,
    padding: Any,
    output_padding: Any,
    groups: int,
    dilation: Any,
) -> jax.Array:
    """Apply a transposed convolution to the last `dimensions` of `(N, C, ...)` or `(C, ...)`, by one convolution."""
    if input.ndim not in (dimensions + 1, dimensions + 2):
        raise ValueError(
            f"a {dimensions}d transposed convolution takes an input of {dimensions + 1} or {dimensions + 2} "
            f"dimensions, got shape {input.shape}"
        )
    strides, pads, extras, steps = (
        per_dimension(value, dimensions) for value in (stride, padding, output_padding, dilation)
    )
    if min(strides) < 1 or min(steps) < 1 or min(pads) < 0:
        raise ValueError(
            f"stride and dilation must be positive and padding not negative, got {stride}, {dilation} and {padding}"
        )
    widths = []
    for size, kernel, step, pad, extra, spread in zip(
        input.shape[-dimensions:], weight.shape[2:], strides, pads, extras, steps, strict=True
    ):
        if not 0 <= extra < max(step, spread):
            raise ValueError(
                f"output_padding must be less than stride or dilation, got {extra} for stride={step}, dilation={spread}"
            )
        reach = spread * (kernel - 1)
        if (size - 1) * step - 2 * pad + reach + extra + 1 < 0:
            raise ValueError(f"padding={pad} cuts off all of the output of a dimension of {size}")
        widths.append((reach - pad, reach - pad + extra))
    batched = input.ndim == dimensions + 2
    if not batched:
        input = input[None]
    channels = weight.shape[0]
    if input.shape[1] != channels or channels % groups:
        raise ValueError(
            f"weight {weight.shape} takes {channels} channels in {groups} groups, got an input of shape {input.shape}"
        )
    if groups > 1:  # XLA groups the output channels of the weight, torch its input channels
        split = weight.reshape(groups, channels // groups, *weight.shape[1:])
        weight = jnp.moveaxis(split, 0, 1).reshape(channels // groups, groups * weight.shape[1], *weight.shape[2:])
    output = lax.conv_general_dilated(
        input,
        lax.rev(weight, range(2, weight.ndim)),
        window_strides=(1,) * dimensions,
        padding=widths,
        lhs_dilation=strides,
        rhs_dilation=steps,
        dimension_numbers=LAYOUTS[dimensions],
        feature_group_count=groups,
    )
    if bias is not None:
        output = output + lax.broadcast_in_dim(bias, (1, bias.shape[0], *(1,) * dimensions), (1,))
    return output if batched else output[0]


def padding_for_size(
    output_size: Sequence[int],
    sizes: tuple[int, ...],
    kernel: tuple[int, ...],
    stride: Any,
    padding: Any,
    dilation: Any,
) -> tuple[int, ...]:
    """Return the `output_padding` for an output of `output_size` from an input of `sizes`."""
    dimensions = len(sizes)
    target_sizes = tuple(output_size)
    if len(target_sizes) in (dimensions + 1, dimensions + 2):
        target_sizes = target_sizes[-dimensions:]
    if len(target_sizes) != dimensions:
        raise ValueError(f"output_size must have {dimensions} sizes, or be the whole shape, got {output_size}")
    strides, pads, steps = (per_dimension(value, dimensions) for value in (stride, padding, dilation))
    extras = []
    for target, size, span, step, pad, spread in zip(target_sizes, sizes, kernel, strides, pads, steps, strict=True):
        least = (size - 1) * step - 2 * pad + spread * (span - 1) + 1
        if not least <= target <= least + step - 1:
            raise ValueError(
                f"output_size of a dimension of {size} must lie between {least} and {least + step - 1}, got {target}"
            )
        extras.append(target - least)
    return tuple(extras)


def conv_transpose1d(
    input: jax.Array,
    weight: jax.Array,
    bias: jax.Array | None = None,
    stride: Any = 1,
    padding: Any = 0,
    output_padding: Any = 0,
    groups: int = 1,
    dilation: Any = 1,
) -> jax.Array:
    """Apply a transposed convolution of `(in, out / groups, L)` to `(N, C, L)` or `(C, L)`."""
    return transpose_convolve(1, input, weight, bias, stride, padding, output_padding, groups, dilation)


def conv_transpose2d(
    input: jax.Array,
    weight: jax.Array,
    bias: jax.Array | None = None,
    stride: Any = 1,
    padding: Any = 0,
    output_padding: Any = 0,
    groups: int = 1,
    dilation: Any = 1,
) -> jax.Array:
    """Apply a transposed convolution of `(in, out / groups, H, W)` to `(N, C, H, W)` or `(C, H, W)`."""
    return transpose_convolve(2, input, weight, bias, stride, padding, output_padding, groups, dilation)


def conv_transpose3d(
    input: jax.Array,
    weight: jax.Array,
    bias: jax.Array | None = None,
    stride: Any = 1,
    padding: Any = 0,
    output_padding: Any = 0,
    groups: int = 1,
    dilation: Any = 1,
) -> jax.Array:
    """Apply a transposed convolution of `(in, out / groups, D, H, W)` to `(N, C, D, H, W)` or `(C, D, H, W)`."""
    return transpose_convolve(3, input, weight, bias, stride, padding, output_padding, groups, dilation)
