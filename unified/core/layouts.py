"""Where an input has its channels, and how wide its padding is: options that families of layers share.

`data_format=None` is `torch.nn`'s own layer: channels first, one or no batch dimension. With `"channels_first"` or
`"channels_last"` a layer takes any number of batch dimensions. Names with letters (`"NHWC"`, `"NCHW"`) mean the same.
"""

import math
from collections.abc import Sequence
from typing import Any

__all__ = [
    "PADDING_NAMES",
    "Pair",
    "batch_rank",
    "channel_axis",
    "check_data_format",
    "check_padding",
    "check_window_padding",
    "has_own_padding",
    "is_channels_last",
    "padding_for_size",
    "padding_pairs",
    "per_dimension",
    "spread_size",
    "transposed_pairs",
]

Pair = tuple[int, int]

PADDING_NAMES = ("SAME", "VALID")  # of XLA, which unlike torch's "same" and "valid" go with a stride
LETTERS = {1: ("NCW", "NWC"), 2: ("NCHW", "NHWC"), 3: ("NCDHW", "NDHWC")}


def check_data_format(data_format: str | None, dimensions: int | None = None) -> None:
    """Raise `ValueError` unless this names a layout of an input of `dimensions`; `None` for a layer of any number."""
    letters = LETTERS.get(dimensions or 0, tuple(name for pair in LETTERS.values() for name in pair))
    if data_format is not None and data_format not in ("channels_first", "channels_last", *letters):
        raise ValueError(
            f"data_format must be 'channels_first', 'channels_last', {', '.join(map(repr, letters))} or None, "
            f"got {data_format!r}"
        )


def is_channels_last(data_format: str | None) -> bool:
    """Return whether channels are the last dimension."""
    return data_format is not None and (data_format == "channels_last" or data_format.endswith("WC"))


def channel_axis(data_format: str | None, dimensions: int) -> int:
    """Return the axis of channels, counted from the end, of an input with this number of spatial dimensions."""
    return -1 if is_channels_last(data_format) else -1 - dimensions


def batch_rank(name: str, shape: Sequence[int], dimensions: int, data_format: str | None) -> int:
    """Return the number of batch dimensions of an input for a layer with a `data_format`."""
    if len(shape) <= dimensions:
        spatial = "LHDW"[0] if dimensions == 1 else ", ".join("DHW"[3 - dimensions :])
        order = f"{spatial}, C" if is_channels_last(data_format) else f"C, {spatial}"
        raise ValueError(f"{name} with data_format={data_format!r} takes (..., {order}), got shape {tuple(shape)}")
    return len(shape) - dimensions - 1


def per_dimension(name: str, value: Any, dimensions: int, *, repeats: bool = True) -> tuple[int, ...]:
    """Return one number for each dimension, for one number or a sequence of all, or of one if that `repeats`."""
    values = (value,) * dimensions if hasattr(value, "__index__") else tuple(value)
    values = values * dimensions if len(values) == 1 and repeats else values
    if len(values) != dimensions:
        raise ValueError(f"{name} must be one number or {dimensions} numbers, got {value!r}")
    return values


def _is_pairs(padding: Any) -> bool:
    return not isinstance(padding, (int, str)) and any(not hasattr(item, "__index__") for item in padding)


def has_own_padding(padding: Any) -> bool:
    """Return whether this is `"SAME"`, `"VALID"` or pairs, which no layer of `torch.nn` takes."""
    return padding in PADDING_NAMES if isinstance(padding, str) else _is_pairs(padding)


def check_padding(padding: Any, dimensions: int, others: tuple[str, ...] = ()) -> None:
    """Raise `ValueError` unless padding is numbers, a pair of numbers for each dimension, or one of the names."""
    names = (*others, *PADDING_NAMES)
    if isinstance(padding, str):
        if padding not in names:
            raise ValueError(f"padding must be numbers, pairs of numbers or one of {', '.join(names)}, got {padding!r}")
    elif _is_pairs(padding):
        pairs = tuple(padding)
        is_each_a_pair = all(isinstance(pair, (tuple, list)) and len(pair) == 2 for pair in pairs)
        if len(pairs) != dimensions or not is_each_a_pair:
            raise ValueError(
                f"padding must have a pair (before, after) for each of {dimensions} dimensions, got {padding!r}"
            )
        if any(not hasattr(width, "__index__") or width < 0 for pair in pairs for width in pair):
            raise ValueError(f"widths of padding must be integers and not negative, got {padding!r}")


def spread_size(size: int, gap: int) -> int:
    """Return the size of a dimension with `gap` steps between its values."""
    return max((size - 1) * gap + 1, 0)


def padding_pairs(
    padding: Any, sizes: Sequence[int], kernel: Sequence[int], stride: Sequence[int], dilation: Sequence[int]
) -> list[Pair]:
    """Return the widths before and after each dimension.

    `"SAME"` makes `ceil(size / stride)` outputs; of an odd total the larger half is after, as in XLA.
    """
    if padding in ("VALID", "valid"):
        return [(0, 0)] * len(kernel)
    if padding in ("SAME", "same"):
        pairs = []
        for size, span, step, spread in zip(sizes, kernel, stride, dilation, strict=True):
            outputs = -(-size // step)
            total = max((outputs - 1) * step + spread * (span - 1) + 1 - size, 0)
            pairs.append((total // 2, total - total // 2))
        return pairs
    if _is_pairs(padding):
        return [(low, high) for low, high in padding]
    return [(width, width) for width in per_dimension("padding", padding, len(kernel))]


def check_window_padding(pairs: Sequence[Pair], kernel: Sequence[int], dilation: Sequence[int]) -> None:
    """Raise `ValueError` if a window of pooling could lie in the padding alone."""
    for (low, high), span, step in zip(pairs, kernel, dilation, strict=True):
        if max(low, high) > step * (span - 1):
            raise ValueError(
                f"widths of padding must be less than the window of {step * (span - 1) + 1}, got {(low, high)}"
            )


def transposed_pairs(padding: Any, kernel: Sequence[int], stride: Sequence[int], dilation: Sequence[int]) -> list[Pair]:
    """Return the steps that a transposed convolution removes at each end of its output; negative ones are added.

    `"SAME"` makes `size * stride` outputs and `"VALID"` all that the kernel reaches, at least `stride` for each input:
    those of `jax.lax.conv_transpose`.
    """
    if padding not in PADDING_NAMES:
        return padding_pairs(padding, (), kernel, stride, dilation)
    pairs = []
    for span, step, spread in zip(kernel, stride, dilation, strict=True):
        reach = spread * (span - 1)
        total = reach + step - 1 + (max(reach + 1 - step, 0) if padding == "VALID" else 0)
        before = reach if padding == "VALID" or step > reach else math.ceil(total / 2)
        pairs.append((reach - before, reach - (total - before)))
    return pairs


def padding_for_size(
    output_size: Sequence[int],
    sizes: Sequence[int],
    kernel: Sequence[int],
    stride: Any,
    padding: Any,
    dilation: Any,
    batch: int = 2,
) -> tuple[int, ...]:
    """Return the `output_padding` of a transposed convolution for an output of `output_size` from an input of `sizes`.

    `output_size` may also be the whole shape, channels first, with up to `batch` dimensions before the sizes.
    """
    dimensions = len(sizes)
    target_sizes = tuple(output_size)
    if dimensions < len(target_sizes) <= dimensions + batch:
        target_sizes = target_sizes[-dimensions:]
    if len(target_sizes) != dimensions:
        raise ValueError(f"output_size must have {dimensions} sizes, or be the whole shape, got {output_size}")
    strides, steps = per_dimension("stride", stride, dimensions), per_dimension("dilation", dilation, dimensions)
    pairs = transposed_pairs(padding, kernel, strides, steps)
    extras = []
    for target, size, span, step, (low, high), spread in zip(
        target_sizes, sizes, kernel, strides, pairs, steps, strict=True
    ):
        least = (size - 1) * step - low - high + spread * (span - 1) + 1
        if not least <= target <= least + step - 1:
            raise ValueError(
                f"output_size of a dimension of {size} must lie between {least} and {least + step - 1}, got {target}"
            )
        extras.append(target - least)
    return tuple(extras)
