"""What draws random numbers in torch's own layers and functions, with the numbers that every backend draws.

A model made with `rng="portable"` uses these in place of `torch.nn`'s.
"""

from types import SimpleNamespace

import torch
from torch import nn

from unified.core.distributions import Bernoulli
from unified.core.scope import here

__all__ = ["FUNCTIONAL", "LAYERS"]


def _drop(input: torch.Tensor, p: float, inplace: bool, path: str | None) -> torch.Tensor:
    scope = here("dropout of a model with rng='portable'")
    path = scope.path if path is None else path
    keep = scope.frame.sample(Bernoulli(1 - p), tuple(input.shape), "bool", path, scope.frame.draw_index(path))
    output = torch.where(keep, input / (1 - p) if p < 1 else input, torch.zeros_like(input))
    return input.copy_(output) if inplace else output


def dropout(input: torch.Tensor, p: float = 0.5, training: bool = True, inplace: bool = False) -> torch.Tensor:
    """`torch.nn.functional.dropout`, with the mask drawn at the current scope."""
    if not 0 <= p <= 1:
        raise ValueError(f"a dropout probability lies between 0 and 1, got {p}")
    return _drop(input, p, inplace, None) if training and p > 0 else input


class Dropout(nn.Dropout):
    """`torch.nn.Dropout`, with the mask drawn at the layer's path."""

    def forward(self, input: torch.Tensor) -> torch.Tensor:
        if not self.training or self.p == 0:
            return input
        return _drop(input, self.p, self.inplace, self.__dict__["_path"])


LAYERS: dict[str, type[nn.Module]] = {"Dropout": Dropout}

FUNCTIONAL = SimpleNamespace(**{**vars(torch.nn.functional), "dropout": dropout})
