"""Convolutions and transposed convolutions in any layout, with paddings of XLA's, and gaps between inputs."""

from collections.abc import Sequence
from typing import Any

import torch
import torch.nn.functional as F
from torch import nn

from unified.backends.torch.options.layout import Arranged, as_torch, from_torch
from unified.core.layouts import (
    has_own_padding,
    is_channels_last,
    padding_for_size,
    padding_pairs,
    per_dimension,
    spread_size,
    transposed_pairs,
)

__all__ = ["LAYERS", "pad_pairs"]

CONVOLUTIONS: dict[int, Any] = {1: F.conv1d, 2: F.conv2d, 3: F.conv3d}
TRANSPOSED: dict[int, Any] = {1: F.conv_transpose1d, 2: F.conv_transpose2d, 3: F.conv_transpose3d}


def pad_pairs(x: torch.Tensor, pairs: Sequence[tuple[int, int]], mode: str = "constant", value: Any = 0) -> Any:
    """Pad the last dimensions by a pair of widths each, in their order."""
    widths = [width for pair in reversed(pairs) for width in pair]
    return F.pad(x, widths, mode, value) if mode == "constant" else F.pad(x, widths, mode)


def _spread(x: torch.Tensor, gaps: Sequence[int]) -> torch.Tensor:
    """Put zeros between the values of the last dimensions: `gaps` are the steps from one to the next."""
    for axis, gap in enumerate(gaps, x.dim() - len(gaps)):
        if gap > 1:
            size = spread_size(x.shape[axis], gap)
            zeros = [0, 0] * (x.dim() - axis - 1) + [0, gap - 1]
            x = F.pad(x.unsqueeze(axis + 1), zeros).flatten(axis, axis + 1)
            x = x.narrow(axis, 0, size)
    return x


class _Padded(Arranged):
    """A convolution whose padding may be `"SAME"`, `"VALID"` or pairs.

    Sequences with channels last are images of height one: torch's kernels know their memory format, and copy others.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Any,
        stride: Any = 1,
        padding: Any = 0,
        *args: Any,
        **kwargs: Any,
    ) -> None:
        is_own = has_own_padding(padding)
        self.padding: Any  # annotated here, since TorchScript reads the annotations of a class
        self.kernel_size: tuple[int, ...]
        super().__init__(in_channels, out_channels, kernel_size, stride, 0 if is_own else padding, *args, **kwargs)
        if is_own:
            self.padding = padding if isinstance(padding, str) else tuple(map(tuple, padding))


class _Conv(_Padded):
    def __init__(self, *args: Any, input_dilation: Any = 1, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.input_dilation = per_dimension("input_dilation", input_dilation, len(self.kernel_size))

    def forward(self, input: torch.Tensor) -> torch.Tensor:
        layer: Any = self
        dimensions = len(self.kernel_size)
        x = as_torch(f"{dimensions}d convolution", input, dimensions, self.data_format)
        x = _spread(x, self.input_dilation)
        pairs = padding_pairs(self.padding, x.shape[2:], self.kernel_size, layer.stride, layer.dilation)
        if layer.padding_mode != "zeros":
            x, pairs = pad_pairs(x, pairs, layer.padding_mode), [(0, 0)] * dimensions
        if any(low != high for low, high in pairs):
            x, pairs = pad_pairs(x, pairs), [(0, 0)] * dimensions
        widths = [low for low, _ in pairs]
        if dimensions == 1 and is_channels_last(self.data_format):
            stride, dilation = (1, *layer.stride), (1, *layer.dilation)
            weight = layer.weight.unsqueeze(2)
            output = F.conv2d(x.unsqueeze(2), weight, layer.bias, stride, (0, *widths), dilation, layer.groups).squeeze(
                2
            )
        else:
            convolve = CONVOLUTIONS[dimensions]
            output = convolve(x, layer.weight, layer.bias, layer.stride, widths, layer.dilation, layer.groups)
        return from_torch(output, input, self.data_format)

    def extra_repr(self) -> str:
        gaps = [f"input_dilation={self.input_dilation}"] if max(self.input_dilation) > 1 else []
        return ", ".join([super().extra_repr(), *gaps])


class Conv1d(_Conv, nn.Conv1d):
    pass


class Conv2d(_Conv, nn.Conv2d):
    pass


class Conv3d(_Conv, nn.Conv3d):
    pass


def _as_numbers(low: int, high: int, stride: int, dilation: int) -> tuple[int, int, int, int]:
    """Return the padding and the output padding of a transposed convolution, and what is cut off it at both ends.

    Together they remove `low` and `high` steps from its output, or add steps where `high` is negative.
    """
    if high > low:
        return low, 0, 0, high - low
    if low - high < max(stride, dilation):
        return low, low - high, 0, 0
    kept = max(high, 0)
    return kept, kept - high, low - kept, 0


class _ConvTranspose(_Padded):
    def forward(self, input: torch.Tensor, output_size: Any = None) -> torch.Tensor:
        layer: Any = self
        dimensions = len(self.kernel_size)
        x = as_torch(f"{dimensions}d transposed convolution", input, dimensions, self.data_format)
        pairs = transposed_pairs(self.padding, self.kernel_size, layer.stride, layer.dilation)
        extras = layer.output_padding
        if output_size is not None:
            extras = padding_for_size(
                output_size, x.shape[2:], self.kernel_size, layer.stride, self.padding, layer.dilation
            )
        widths = [
            _as_numbers(low, high - extra, step, spread)
            for (low, high), extra, step, spread in zip(pairs, extras, layer.stride, layer.dilation, strict=True)
        ]
        padding, more = [width[0] for width in widths], [width[1] for width in widths]
        stride, groups, dilation = layer.stride, layer.groups, layer.dilation
        if dimensions == 1 and is_channels_last(self.data_format):
            x, weight = x.unsqueeze(2), layer.weight.unsqueeze(2)
            stride, dilation = (1, *stride), (1, *dilation)
            output = F.conv_transpose2d(x, weight, layer.bias, stride, (0, *padding), (0, *more), groups, dilation)
            output = output.squeeze(2)
        else:
            transposed = TRANSPOSED[dimensions]
            output = transposed(x, layer.weight, layer.bias, stride, padding, more, groups, dilation)
        for axis, (_, _, before, after) in enumerate(widths, 2):
            if before or after:
                output = output.narrow(axis, before, output.shape[axis] - before - after)
        return from_torch(output, input, self.data_format)


class ConvTranspose1d(_ConvTranspose, nn.ConvTranspose1d):
    pass


class ConvTranspose2d(_ConvTranspose, nn.ConvTranspose2d):
    pass


class ConvTranspose3d(_ConvTranspose, nn.ConvTranspose3d):
    pass


LAYERS: dict[type[nn.Module], type[nn.Module]] = {
    getattr(nn, cls.__name__): cls
    for cls in (Conv1d, Conv2d, Conv3d, ConvTranspose1d, ConvTranspose2d, ConvTranspose3d)
}
