"""Convolutions (cross-correlations, as in torch), channels first."""

from typing import Any

import jax
from jax import lax

from unified.backends.jax.functional.pad import pad_last

__all__ = ["conv1d", "conv2d", "conv3d", "convolve", "same_padding"]

LAYOUTS = {1: ("NCH", "OIH", "NCH"), 2: ("NCHW", "OIHW", "NCHW"), 3: ("NCDHW", "OIDHW", "NCDHW")}


def per_dimension(value: Any, dimensions: int) -> tuple[int, ...]:
    """Return `value` as a tuple with a number for each dimension."""
    if isinstance(value, int):
        return (value,) * dimensions
    value = tuple(value)
    return value * dimensions if len(value) == 1 else value


def same_padding(kernel: tuple[int, ...], dilation: tuple[int, ...]) -> list[tuple[int, int]]:
    """Return the padding widths that keep a size; of an odd total, the larger half is after, as in torch."""
    totals = [step * (size - 1) for size, step in zip(kernel, dilation, strict=True)]
    return [(total // 2, total - total // 2) for total in totals]


def _padding_widths(
    padding: Any, mode: str, kernel: tuple[int, ...], stride: tuple[int, ...], dilation: tuple[int, ...]
) -> list[tuple[int, int]]:
    """Return the widths of the padding before and after each dimension."""
    if min(stride) < 1 or min(dilation) < 1:
        raise ValueError(f"stride and dilation must be positive, got stride={stride}, dilation={dilation}")
    if padding == "valid":
        return [(0, 0)] * len(kernel)
    if padding == "same":
        if max(stride) > 1:
            raise ValueError(f"padding='same' needs a stride of 1, got stride={stride}")
        return same_padding(kernel, dilation)
    if isinstance(padding, str):
        raise ValueError(f"padding must be numbers, 'same' or 'valid', got {padding!r}")
    widths = per_dimension(padding, len(kernel))
    if mode == "zeros" and min(widths) < 0:
        raise ValueError(f"padding must not be negative, got {padding}")
    return [(width, width) for width in widths]


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
    """Convolve the last `dimensions` of `(N, C, ...)` or `(C, ...)`."""
    if input.ndim not in (dimensions + 1, dimensions + 2):
        raise ValueError(
            f"a {dimensions}d convolution takes an input of {dimensions + 1} or {dimensions + 2} dimensions, "
            f"got shape {input.shape}"
        )
    stride, dilation = per_dimension(stride, dimensions), per_dimension(dilation, dimensions)
    widths = _padding_widths(padding, padding_mode, weight.shape[2:], stride, dilation)
    batched = input.ndim == dimensions + 2
    if not batched:
        input = input[None]
    if padding_mode != "zeros":
        input, widths = pad_last(input, widths, padding_mode), [(0, 0)] * dimensions
    for size, kernel, step, (low, high) in zip(input.shape[2:], weight.shape[2:], dilation, widths, strict=True):
        if step * (kernel - 1) + 1 > size + low + high:
            raise ValueError(
                f"a kernel of {kernel} (dilation {step}) does not fit an input of {size} padded by {low} and {high}"
            )
    output = lax.conv_general_dilated(
        input,
        weight,
        window_strides=stride,
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
