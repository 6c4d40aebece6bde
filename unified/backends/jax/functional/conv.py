"""Convolutions (cross-correlations, as in torch)."""

import math
from typing import Any

import jax
from jax import lax

from unified.backends.jax.functional.pad import pad_spatial
from unified.core.layouts import (
    PADDING_NAMES,
    batch_rank,
    has_own_padding,
    is_channels_last,
    padding_pairs,
    per_dimension,
    spread_size,
)

__all__ = [
    "add_channels",
    "conv1d",
    "conv2d",
    "conv3d",
    "convolve",
    "dimension_numbers",
    "with_batches_of",
    "with_one_batch",
]

SPATIAL = {1: "H", 2: "HW", 3: "DHW"}


def dimension_numbers(dimensions: int, data_format: str | None, weight: str) -> tuple[str, str, str]:
    """Return the layouts of input, weight and output; `weight` names the weight's first two dimensions."""
    spatial = SPATIAL[dimensions]
    array = f"N{spatial}C" if is_channels_last(data_format) else f"NC{spatial}"
    return array, f"{weight}{spatial}", array


def with_one_batch(what: str, input: jax.Array, dimensions: int, data_format: str | None) -> jax.Array:
    """Return the input with all its batch dimensions as one."""
    if data_format is None and input.ndim not in (dimensions + 1, dimensions + 2):
        raise ValueError(
            f"a {dimensions}d {what} takes an input of {dimensions + 1} or {dimensions + 2} dimensions, "
            f"got shape {input.shape}"
        )
    rank = batch_rank(f"a {dimensions}d {what}", input.shape, dimensions, data_format)
    return input if rank == 1 else input.reshape(math.prod(input.shape[:rank]), *input.shape[rank:])


def with_batches_of(output: jax.Array, input: jax.Array) -> jax.Array:
    """Return an output of one batch dimension with those of the input."""
    lead = input.shape[: input.ndim - output.ndim + 1]
    return output if len(lead) == 1 else output.reshape(*lead, *output.shape[1:])


def add_channels(output: jax.Array, bias: jax.Array | None, data_format: str | None) -> jax.Array:
    """Add a number for each channel."""
    if bias is None:
        return output
    axis = output.ndim - 1 if is_channels_last(data_format) else 1
    shape = tuple(bias.shape[0] if position == axis else 1 for position in range(output.ndim))
    return output + lax.broadcast_in_dim(bias, shape, (axis,))


def _check_padding(padding: Any, mode: str, stride: tuple[int, ...], dilation: tuple[int, ...]) -> None:
    """Raise `ValueError` for a padding that torch rejects."""
    if min(stride) < 1 or min(dilation) < 1:
        raise ValueError(f"stride and dilation must be positive, got stride={stride}, dilation={dilation}")
    if isinstance(padding, str):
        if padding not in ("same", "valid", *PADDING_NAMES):
            raise ValueError(f"padding must be numbers, 'same' or 'valid', got {padding!r}")
        if padding == "same" and max(stride) > 1:
            raise ValueError(f"padding='same' needs a stride of 1, got stride={stride}")
    elif not has_own_padding(padding) and mode == "zeros" and min(per_dimension("padding", padding, len(stride))) < 0:
        raise ValueError(f"padding must not be negative, got {padding}")


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
    data_format: str | None = None,
    input_dilation: Any = 1,
) -> jax.Array:
    """Convolve the last `dimensions` of `(N, C, ...)` or `(C, ...)`, or those before the channels."""
    batch = with_one_batch("convolution", input, dimensions, data_format)
    stride, dilation = per_dimension("stride", stride, dimensions), per_dimension("dilation", dilation, dimensions)
    spread = per_dimension("input_dilation", input_dilation, dimensions)
    _check_padding(padding, padding_mode, stride, dilation)
    first = 1 if is_channels_last(data_format) else 2
    kernel = weight.shape[2:]
    sizes = tuple(map(spread_size, batch.shape[first : first + dimensions], spread))
    widths = padding_pairs(padding, sizes, kernel, stride, dilation)
    if padding_mode != "zeros":
        batch = pad_spatial(batch, widths, padding_mode, first)
        sizes, widths = batch.shape[first : first + dimensions], [(0, 0)] * dimensions
    for size, span, step, (low, high) in zip(sizes, kernel, dilation, widths, strict=True):
        if step * (span - 1) + 1 > size + low + high:
            raise ValueError(
                f"a kernel of {span} (dilation {step}) does not fit an input of {size} padded by {low} and {high}"
            )
    output = lax.conv_general_dilated(
        batch,
        weight,
        window_strides=stride,
        padding=widths,
        lhs_dilation=spread,
        rhs_dilation=dilation,
        dimension_numbers=dimension_numbers(dimensions, data_format, "OI"),
        feature_group_count=groups,
    )
    return with_batches_of(add_channels(output, bias, data_format), input)


def conv1d(
    input: jax.Array,
    weight: jax.Array,
    bias: jax.Array | None = None,
    stride: Any = 1,
    padding: Any = 0,
    dilation: Any = 1,
    groups: int = 1,
) -> jax.Array:
    """Convolve `(N, C, L)` or `(C, L)` with `(out, in / groups, L)`."""
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
    """Convolve `(N, C, H, W)` or `(C, H, W)` with `(out, in / groups, H, W)`."""
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
    """Convolve `(N, C, D, H, W)` or `(C, D, H, W)` with `(out, in / groups, D, H, W)`."""
    return convolve(3, input, weight, bias, stride, padding, dilation, groups)
