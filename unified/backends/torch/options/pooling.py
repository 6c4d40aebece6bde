"""Pooling in any layout, with paddings of XLA's."""

from typing import Any

import torch
import torch.nn.functional as F
from torch import nn

from unified.backends.torch.options.conv import pad_pairs
from unified.backends.torch.options.layout import Arranged, as_torch, from_torch
from unified.core import layers as declarations
from unified.core.layouts import (
    Pair,
    check_window_padding,
    has_own_padding,
    is_channels_last,
    padding_pairs,
    per_dimension,
)

__all__ = ["LAYERS"]

MAX: dict[int, Any] = {1: F.max_pool1d, 2: F.max_pool2d, 3: F.max_pool3d}
AVERAGE: dict[int, Any] = {1: F.avg_pool1d, 2: F.avg_pool2d, 3: F.avg_pool3d}


class _Pool(Arranged):
    """Pooling by torch's own layer, in another layout."""

    @property
    def dimensions(self) -> int:
        """The number of dimensions that windows extend along."""
        base = next(cls for cls in type(self).__mro__ if cls.__module__.startswith("torch.nn"))
        return int(getattr(declarations, base.__name__).dimensions)

    def forward(self, input: torch.Tensor) -> Any:
        x = as_torch(f"{self.dimensions}d pooling", input, self.dimensions, self.data_format)
        return from_torch(self._pool(x), input, self.data_format)

    def _pool(self, x: torch.Tensor) -> Any:
        return super().forward(x)


class _PaddedPool(_Pool):
    """Pooling whose padding may be `"SAME"`, `"VALID"` or pairs."""

    def __init__(self, kernel_size: Any, stride: Any = None, padding: Any = 0, *args: Any, **kwargs: Any) -> None:
        is_own = has_own_padding(padding)
        self.padding: Any  # annotated here, since TorchScript reads the annotations of a class
        super().__init__(kernel_size, stride, 0 if is_own else padding, *args, **kwargs)
        if is_own:
            self.padding = padding if isinstance(padding, str) else tuple(map(tuple, padding))

    def _windows(self, x: torch.Tensor, dilation: Any) -> tuple[Any, Any, list[Pair], bool]:
        """Return kernel, stride and widths of padding, and whether torch's kernels take these widths."""
        layer: Any = self
        kernel = per_dimension("kernel_size", layer.kernel_size, self.dimensions)
        stride = per_dimension("stride", layer.stride, self.dimensions)
        spread = per_dimension("dilation", dilation, self.dimensions)
        pairs = padding_pairs(self.padding, x.shape[2:], kernel, stride, spread)
        if not has_own_padding(self.padding):  # which torch's kernels check
            return kernel, stride, pairs, True
        check_window_padding(pairs, kernel, spread)
        is_native = all(low == high <= span // 2 for (low, high), span in zip(pairs, kernel, strict=True))
        return kernel, stride, pairs, is_native


class _MaxPool(_PaddedPool):
    def _pool(self, x: torch.Tensor) -> Any:
        layer: Any = self
        is_sequence = self.dimensions == 1 and is_channels_last(self.data_format)
        if not has_own_padding(self.padding) and not is_sequence:
            return super()._pool(x)
        kernel, stride, pairs, is_native = self._windows(x, layer.dilation)
        spread = per_dimension("dilation", layer.dilation, self.dimensions)
        if is_sequence:  # an image of height one: torch's kernel knows its memory format, and copies sequences
            x, kernel, stride, spread = x.unsqueeze(2), (1, *kernel), (1, *stride), (1, *spread)
            pairs = [(0, 0), *pairs]
        sizes = x.shape[2:]
        if not is_native:
            lowest = -torch.inf if x.is_floating_point() else torch.iinfo(x.dtype).min
            x = pad_pairs(x, pairs, value=lowest)
        widths = [low if is_native else 0 for low, _ in pairs]
        output = MAX[len(kernel)](x, kernel, stride, widths, spread, layer.ceil_mode, layer.return_indices)
        values, index = output if layer.return_indices else (output, None)
        if index is not None and not is_native:
            index = _without_padding(index, x.shape[2:], sizes, pairs)
        if is_sequence:
            values, index = values.squeeze(2), None if index is None else index.squeeze(2)
        return values if index is None else (values, index)


def _without_padding(index: torch.Tensor, padded: Any, sizes: Any, pairs: list[Pair]) -> torch.Tensor:
    """Return indices into an array without padding, for those into the padded one."""
    places = []
    for size in reversed(padded):
        places.append(index % size)
        index = index // size
    result = torch.zeros_like(index)
    for place, size, (low, _) in zip(reversed(places), sizes, pairs, strict=True):
        result = result * size + place - low
    return result


class MaxPool1d(_MaxPool, nn.MaxPool1d):
    pass


class MaxPool2d(_MaxPool, nn.MaxPool2d):
    pass


class MaxPool3d(_MaxPool, nn.MaxPool3d):
    pass


class _AvgPool(_PaddedPool):
    def _pool(self, x: torch.Tensor) -> Any:
        layer: Any = self
        if not has_own_padding(self.padding):
            return super()._pool(x)
        kernel, stride, pairs, is_native = self._windows(x, 1)
        widths = [low if is_native else 0 for low, _ in pairs]
        divisor = getattr(self, "divisor_override", None)
        more = {} if divisor is None else {"divisor_override": divisor}
        pool = AVERAGE[self.dimensions]
        if is_native:
            return pool(x, kernel, stride, widths, count_include_pad=layer.count_include_pad, **more)
        output = pool(pad_pairs(x, pairs), kernel, stride, widths, **more)
        if layer.count_include_pad or divisor is not None:
            return output
        inside = pad_pairs(x.new_ones(1, 1, *x.shape[2:]), pairs)
        return output / pool(inside, kernel, stride)


class AvgPool1d(_AvgPool, nn.AvgPool1d):
    pass


class AvgPool2d(_AvgPool, nn.AvgPool2d):
    pass


class AvgPool3d(_AvgPool, nn.AvgPool3d):
    pass


def _arranged(name: str) -> type[nn.Module]:
    """Return the class of torch's layer `name` in any layout."""
    return type(name, (_Pool, getattr(nn, name)), {"__module__": __name__})


AdaptiveAvgPool1d = _arranged("AdaptiveAvgPool1d")
AdaptiveAvgPool2d = _arranged("AdaptiveAvgPool2d")
AdaptiveAvgPool3d = _arranged("AdaptiveAvgPool3d")
AdaptiveMaxPool1d = _arranged("AdaptiveMaxPool1d")
AdaptiveMaxPool2d = _arranged("AdaptiveMaxPool2d")
AdaptiveMaxPool3d = _arranged("AdaptiveMaxPool3d")
LPPool1d = _arranged("LPPool1d")
LPPool2d = _arranged("LPPool2d")
LPPool3d = _arranged("LPPool3d")

LAYERS: dict[type[nn.Module], type[nn.Module]] = {
    getattr(nn, cls.__name__): cls
    for cls in (
        *(MaxPool1d, MaxPool2d, MaxPool3d, AvgPool1d, AvgPool2d, AvgPool3d),
        *(AdaptiveAvgPool1d, AdaptiveAvgPool2d, AdaptiveAvgPool3d),
        *(AdaptiveMaxPool1d, AdaptiveMaxPool2d, AdaptiveMaxPool3d),
        *(LPPool1d, LPPool2d, LPPool3d),
    )
}
