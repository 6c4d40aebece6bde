"""Convolutions (cross-correlations, as in torch), channels first."""

from typing import Any

import jax
from jax import lax

from unified.backends.jax.functional.pad import pad_last

__all__ = ["conv1d", "conv2d", "conv3d", "convolve", "same_padding"]

LAYOUTS = {1: ("NCH", "OIH", "NCH"), 2: ("NCHW", "OIHW", "NCHW"), 3: ("NCDHW", "OIDHW", "NCDHW")}


def per_dimension(value: Any, dimensions: int) -> tuple[int, ...]:
    """One number for every dimension, or a tuple as it is."""
    if isinstance(value, int):
        return (value,) * dimensions
    value = tuple(value)
    return value * dimensions if len(value) == 1 else value


def same_padding(kernel: tuple[int, ...], dilation: tuple[int, ...]) -> list[tuple[int, int]]:
    """The widths that keep a size: the odd one goes after, as in torch."""
    totals = [step * (size - 1) for size, step in zip(kernel, dilation, strict=True)]
    return [(total // 2, total - total // 2) for total in totals]


def convolve(
    dimensions: int,
    input: jax.Array,
    weight: jax.Array,
    bias: jax.Array | None,
    stride: Any,
    padding: Any,
    dilation: Any,
    groups: int,
    padding_mode: str = "zeros",
) -> jax.Array:
    """A convolution over the last `dimensions` of `(N, C, ...)` or `(C, ...)`."""
    if input.ndim not in (dimensions + 1, dimensions + 2):
        raise ValueError(
            f"a {dimensions}d convolution takes an input of {dimensions + 1} or {dimensions + 2} dimensions, "
            f"got shape {input.shape}"
        )
    dilation = per_dimension(dilation, dimensions)
    if padding == "valid":
        widths = [(0, 0)] * dimensions
    elif padding == "same":
        widths = same_padding(weight.shape[2:], dilation)
    else:
        widths = [(width, width) for width in per_dimension(padding, dimensions)]
    batched = input.ndim == dimensions + 2
    if not batched:
        input = input[None]
    if padding_mode != "zeros":
        input, widths = pad_last(input, widths, padding_mode), [(0, 0)] * dimensions
    output = lax.conv_general_dilated(
        input,
        weight,
        window_strides=per_dimension(stride, dimensions),
        padding=widths,
        rhs_dilation=dilation,
        dimension_numbers=LAYOUTS[dimensions],
        feature_group_count=groups,
    )
    if bias is not None:
        output = output + lax.broadcast_in_dim(bias, (1, bias.shape[0], *(1,) * dimensions), (1,))
    return output if batched else output[0]


def conv1d(
    input: jax.Array,
    weight: jax.Array,
    bias: jax.Array | None = None,
    stride: Any = 1,
    padding: Any = 0,
    dilation: Any = 1,
    groups: int = 1,
) -> jax.Array:
    """A convolution of `(N, C, L)` or `(C, L)` with `(out, in / groups, L)`."""
    return convolve(1, input, weight, bias, stride, padding, dilation, groups)


def conv2d(
    input: jax.Array,
    weight: jax.Array,
    bias: jax.Array | None = None,
    stride: Any = 1,
    padding: Any = 0,
    dilation: Any = 1,
    groups: int = 1,
) -> jax.Array:
    """A convolution of `(N, C, H, W)` or `(C, H, W)` with `(out, in / groups, H, W)`."""
    return convolve(2, input, weight, bias, stride, padding, dilation, groups)


def conv3d(
    input: jax.Array,
    weight: jax.Array,
    bias: jax.Array | None = None,
    stride: Any = 1,
    padding: Any = 0,
    dilation: Any = 1,
    groups: int = 1,
) -> jax.Array:
    """A convolution of `(N, C, D, H, W)` or `(C, D, H, W)` with `(out, in / groups, D, H, W)`."""
    return convolve(3, input, weight, bias, stride, padding, dilation, groups)
