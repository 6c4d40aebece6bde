"""Dropout, also of channels, and alpha dropout."""

from typing import Any

import torch
from torch import nn

from unified.backends.torch.portable.drawing import draw, drop
from unified.core.distributions import Bernoulli
from unified.core.draws import DROPOUT
from unified.core.dropout import alpha_constants, channel_mask, check_dropout

__all__ = ["FUNCTIONS", "LAYERS"]


def dropout(
    input: torch.Tensor, p: float = 0.5, training: bool = True, inplace: bool = False, path: str | None = None
) -> torch.Tensor:
    """Compute `torch.nn.functional.dropout`, with the mask drawn at the current scope."""
    check_dropout(p)
    return drop(input, p, inplace, path) if training and p > 0 else input


def _channel_dropout(name: str) -> Any:
    """Return the function `name` of `torch.nn.functional`, which drops channels."""

    def channel_dropout(
        input: torch.Tensor, p: float = 0.5, training: bool = True, inplace: bool = False, path: str | None = None
    ) -> torch.Tensor:
        check_dropout(p)
        shape = channel_mask(name, tuple(input.shape))
        return drop(input, p, inplace, path, shape) if training and p > 0 else input

    return channel_dropout


def _alpha(drops_channels: bool) -> Any:
    """Return `alpha_dropout`, or `feature_alpha_dropout` if it drops channels."""

    def alpha_dropout(
        input: torch.Tensor, p: float = 0.5, training: bool = False, inplace: bool = False, path: str | None = None
    ) -> torch.Tensor:
        check_dropout(p)
        if not training or p == 0:
            return input
        shape = channel_mask("feature_alpha_dropout", tuple(input.shape)) if drops_channels else tuple(input.shape)
        keep = draw(Bernoulli(1 - p), shape, "bool", path, DROPOUT)
        scale, dropped, shift = alpha_constants(p)
        output = torch.where(keep, input * scale + shift, torch.full_like(input, dropped))
        return input.copy_(output) if inplace else output

    return alpha_dropout


FUNCTIONS = {
    "dropout": dropout,
    "dropout1d": _channel_dropout("dropout1d"),
    "dropout2d": _channel_dropout("dropout2d"),
    "dropout3d": _channel_dropout("dropout3d"),
    "alpha_dropout": _alpha(False),
    "feature_alpha_dropout": _alpha(True),
}


def _layer(base: type[nn.Module], function: Any) -> type[nn.Module]:
    """Return the class `base`, with the mask drawn at the layer's path."""

    def forward(self: Any, input: torch.Tensor) -> torch.Tensor:
        return function(input, self.p, self.training, self.inplace, self.__dict__["_path"])

    return type(base.__name__, (base,), {"forward": forward, "__module__": __name__, "__doc__": base.__doc__})


Dropout = _layer(nn.Dropout, FUNCTIONS["dropout"])
Dropout1d = _layer(nn.Dropout1d, FUNCTIONS["dropout1d"])
Dropout2d = _layer(nn.Dropout2d, FUNCTIONS["dropout2d"])
Dropout3d = _layer(nn.Dropout3d, FUNCTIONS["dropout3d"])
AlphaDropout = _layer(nn.AlphaDropout, FUNCTIONS["alpha_dropout"])
FeatureAlphaDropout = _layer(nn.FeatureAlphaDropout, FUNCTIONS["feature_alpha_dropout"])

LAYERS: dict[str, type[nn.Module]] = {
    layer.__name__: layer for layer in (Dropout, Dropout1d, Dropout2d, Dropout3d, AlphaDropout, FeatureAlphaDropout)
}
