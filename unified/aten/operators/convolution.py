"""Convolutions, padding and windows."""

from typing import Any

import jax

from unified.aten.table import operator
from unified.backends.jax import functional as F
from unified.backends.jax.functional.conv import convolve
from unified.backends.jax.functional.conv_transpose import transpose_convolve


@operator("convolution.default")
def convolution(
    x: jax.Array,
    weight: jax.Array,
    bias: jax.Array | None,
    stride: Any,
    padding: Any,
    dilation: Any,
    transposed: bool,
    output_padding: Any,
    groups: int,
) -> jax.Array:
    """Convolve `(N, C, ...)`, or apply the transpose of a convolution."""
    axes = weight.ndim - 2
    if transposed:
        return transpose_convolve(axes, x, weight, bias, stride, padding, output_padding, groups, dilation)
    return convolve(axes, x, weight, bias, stride, padding, dilation, groups)


@operator("constant_pad_nd.default")
def constant_pad(x: jax.Array, pad: Any, value: Any = 0) -> jax.Array:
    """Pad the last axes, from the last on, with a value; negative widths crop."""
    return F.pad(x, pad, "constant", value)


@operator("pad.default")
def pad(x: jax.Array, pad: Any, mode: str = "constant", value: Any = None) -> jax.Array:
    """Pad the last axes, from the last on."""
    return F.pad(x, pad, mode, value)


@operator("reflection_pad1d.default", "reflection_pad2d.default", "reflection_pad3d.default")
def reflection_pad(x: jax.Array, pad: Any) -> jax.Array:
    """Pad with the values on the other side of the edge."""
    return F.pad(x, pad, "reflect")


@operator("replication_pad1d.default", "replication_pad2d.default", "replication_pad3d.default")
def replication_pad(x: jax.Array, pad: Any) -> jax.Array:
    """Pad with the values at the edge."""
    return F.pad(x, pad, "replicate")


@operator("im2col.default")
def im2col(x: jax.Array, kernel: Any, dilation: Any, padding: Any, stride: Any) -> jax.Array:
    """Return the windows of images as columns."""
    return F.unfold(x, kernel, dilation, padding, stride)


@operator("col2im.default")
def col2im(x: jax.Array, size: Any, kernel: Any, dilation: Any, padding: Any, stride: Any) -> jax.Array:
    """Return the sum of windows at their places in an image."""
    return F.fold(x, size, kernel, dilation, padding, stride)


operator("pixel_shuffle.default")(F.pixel_shuffle)
operator("pixel_unshuffle.default")(F.pixel_unshuffle)
operator("channel_shuffle.default")(F.channel_shuffle)
