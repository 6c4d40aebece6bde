"""Layers without windows, in any layout: dropout of channels, PReLU, resizing, shuffles and norms of a sample."""

from typing import Any

import torch
from torch import nn

from unified.backends.torch import portable
from unified.backends.torch.options.layout import Arranged, as_torch, channels_second, from_torch
from unified.core.layouts import is_channels_last

__all__ = ["LAYERS"]


class _Second(Arranged):
    """A layer of `(N, C, ...)`, for inputs `(N, ..., C)`."""

    def forward(self, input: torch.Tensor) -> torch.Tensor:
        if not channels_second(input, self.data_format):
            return super().forward(input)
        return super().forward(input.movedim(-1, 1)).movedim(1, -1)


class _Image(Arranged):
    """A layer of `(..., C, H, W)`, for inputs `(..., H, W, C)`."""

    def forward(self, input: torch.Tensor) -> torch.Tensor:
        if not is_channels_last(self.data_format):
            return super().forward(input)
        return super().forward(input.movedim(-1, -3)).movedim(-3, -1)


class _ChannelDropout(Arranged):
    """Dropout of the channels of any number of samples."""

    dimensions: int
    portable_class: type[nn.Module]  # which draws the same numbers everywhere

    def forward(self, input: torch.Tensor) -> torch.Tensor:
        x = as_torch(f"dropout{self.dimensions}d", input, self.dimensions, self.data_format)
        return from_torch(super().forward(x), input, self.data_format)


LAYERS: dict[type[nn.Module], type[nn.Module]] = {}


def _register(name: str, arrangement: type[Arranged], base: type[nn.Module], **members: Any) -> None:
    """Make the class `name` of this module: the layer `base`, arranged in this way."""
    cls = type(name, (arrangement, base), {"__module__": __name__, **members})
    globals()[name] = LAYERS[base] = cls


for _name in ("PReLU", "Upsample", "UpsamplingNearest2d", "UpsamplingBilinear2d", "ChannelShuffle"):
    _register(_name, _Second, getattr(nn, _name))
_register("LocalResponseNorm", _Second, nn.LocalResponseNorm)
for _name in ("PixelShuffle", "PixelUnshuffle"):
    _register(_name, _Image, getattr(nn, _name))
for _name, _arrangement, _members in (
    ("Dropout1d", _ChannelDropout, {"dimensions": 1}),
    ("Dropout2d", _ChannelDropout, {"dimensions": 2}),
    ("Dropout3d", _ChannelDropout, {"dimensions": 3}),
    ("FeatureAlphaDropout", _Second, {}),
):
    _shown = {"_get_name": lambda self, name=_name: name}
    _register(f"Portable{_name}", _arrangement, portable.LAYERS[_name], **_members, **_shown)
    _portable: Any = LAYERS[portable.LAYERS[_name]]
    _portable.portable_class = _portable
    _register(_name, _arrangement, getattr(nn, _name), **_members, portable_class=_portable)
