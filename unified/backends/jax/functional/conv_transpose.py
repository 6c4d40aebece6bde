"""Transposed convolutions."""

from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

from unified.backends.jax.functional.conv import add_channels, dimension_numbers, with_batches_of, with_one_batch
from unified.core.layouts import is_channels_last, per_dimension, transposed_pairs

__all__ = ["conv_transpose1d", "conv_transpose2d", "conv_transpose3d"]


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
    data_format: str | None = None,
) -> jax.Array:
    """Apply a transposed convolution, by one convolution of the input with zeros between its values.

    It is along the last `dimensions` of `(N, C, ...)` or `(C, ...)`, or those before the channels.
    """
    batch = with_one_batch("transposed convolution", input, dimensions, data_format)
    strides, extras, steps = (
        per_dimension(name, value, dimensions)
        for name, value in (("stride", stride), ("output_padding", output_padding), ("dilation", dilation))
    )
    cuts = transposed_pairs(padding, weight.shape[2:], strides, steps)
    if min(strides) < 1 or min(steps) < 1 or (not isinstance(padding, str) and min(map(min, cuts)) < 0):
        raise ValueError(
            f"stride and dilation must be positive and padding not negative, got {stride}, {dilation} and {padding}"
        )
    first, channel = (1, -1) if is_channels_last(data_format) else (2, 1)
    widths = []
    for size, kernel, step, (low, high), extra, spread in zip(
        batch.shape[first : first + dimensions], weight.shape[2:], strides, cuts, extras, steps, strict=True
    ):
        if not 0 <= extra < max(step, spread):
            raise ValueError(
                f"output_padding must be less than stride or dilation, got {extra} for stride={step}, dilation={spread}"
            )
        reach = spread * (kernel - 1)
        if (size - 1) * step - low - high + reach + extra + 1 < 0:
            raise ValueError(f"padding={padding} cuts off all of the output of a dimension of {size}")
        widths.append((reach - low, reach - high + extra))
    channels = weight.shape[0]
    if batch.shape[channel] != channels or channels % groups:
        raise ValueError(
            f"weight {weight.shape} takes {channels} channels in {groups} groups, got an input of shape {input.shape}"
        )
    if groups > 1:  # XLA groups the output channels of the weight, torch its input channels
        split = weight.reshape(groups, channels // groups, *weight.shape[1:])
        weight = jnp.moveaxis(split, 0, 1).reshape(channels // groups, groups * weight.shape[1], *weight.shape[2:])
    output = lax.conv_general_dilated(
        batch,
        lax.rev(weight, range(2, weight.ndim)),
        window_strides=(1,) * dimensions,
        padding=widths,
        lhs_dilation=strides,
        rhs_dilation=steps,
        dimension_numbers=dimension_numbers(dimensions, data_format, "IO"),
        feature_group_count=groups,
    )
    return with_batches_of(add_channels(output, bias, data_format), input)


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
