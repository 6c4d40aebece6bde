"""Norms in any layout, without a scale, or with statistics over lanes and processes."""

from typing import Any

import torch
from torch import nn

from unified.backends.torch import synced
from unified.backends.torch.options.layout import Arranged, as_torch, channels_second, from_torch, in_memory_format
from unified.core.layers import norm as declarations

__all__ = ["LAYERS"]


class _Unscaled(nn.Module):
    """A norm that may lack its `weight`."""

    def __init__(self, *args: Any, weight: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not weight:
            self.register_parameter("weight", None)


class _BatchNorm(_Unscaled, Arranged):
    def _axis(self, input: torch.Tensor) -> int:
        """Return the axis of channels, counted from the end."""
        declaration = getattr(declarations, type(self).__name__)
        return int(declaration.axis_of(self.data_format, input.dim()))

    def forward(self, input: torch.Tensor) -> torch.Tensor:
        if self.data_format is None:
            return super().forward(input)
        axis = self._axis(input)
        if input.dim() < max(2, -axis):
            raise ValueError(
                f"{type(self).__name__} with data_format={self.data_format!r} takes at least {max(2, -axis)} "
                f"dimensions, got shape {tuple(input.shape)}"
            )
        return in_memory_format(super().forward, input.movedim(axis, 1)).movedim(1, axis)

    def _check_input_dim(self, input: torch.Tensor) -> None:
        if self.data_format is None:
            super()._check_input_dim(input)  # type: ignore[misc]


class BatchNorm1d(_BatchNorm, synced.BatchNorm1d):
    pass


class BatchNorm2d(_BatchNorm, synced.BatchNorm2d):
    pass


class BatchNorm3d(_BatchNorm, synced.BatchNorm3d):
    pass


class SyncBatchNorm(_BatchNorm, synced.SyncBatchNorm):
    pass


class LayerNorm(_Unscaled, synced.LayerNorm):
    pass


class GroupNorm(_Unscaled, Arranged, nn.GroupNorm):
    def forward(self, input: torch.Tensor) -> torch.Tensor:
        if not channels_second(input, self.data_format):
            return super().forward(input)
        return in_memory_format(super().forward, input.movedim(-1, 1)).movedim(1, -1)


class _InstanceNorm(_Unscaled, Arranged):
    dimensions: int

    def forward(self, input: torch.Tensor) -> torch.Tensor:
        if self.data_format is None:
            return super().forward(input)
        x = as_torch(type(self).__name__, input, self.dimensions, self.data_format)
        return from_torch(super().forward(x), input, self.data_format)


class InstanceNorm1d(_InstanceNorm, nn.InstanceNorm1d):
    dimensions = 1


class InstanceNorm2d(_InstanceNorm, nn.InstanceNorm2d):
    dimensions = 2


class InstanceNorm3d(_InstanceNorm, nn.InstanceNorm3d):
    dimensions = 3


LAYERS: dict[type[nn.Module], type[nn.Module]] = {
    getattr(nn, cls.__name__): cls
    for cls in (
        *(BatchNorm1d, BatchNorm2d, BatchNorm3d, SyncBatchNorm, LayerNorm, GroupNorm, synced.RMSNorm),
        *(InstanceNorm1d, InstanceNorm2d, InstanceNorm3d),
    )
}
