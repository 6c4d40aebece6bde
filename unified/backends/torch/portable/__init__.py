"""What draws random numbers in torch's own layers and functions, with the numbers that every backend draws.

A model made with `rng="portable"` uses these in place of `torch.nn`'s. A file for each family.
"""

from types import SimpleNamespace

import torch
from torch import nn

from unified.backends.torch.portable import activation, attention, dropout, pooling, recurrent

__all__ = ["FUNCTIONAL", "LAYERS"]

_FAMILIES = (activation, attention, dropout, pooling, recurrent)

LAYERS: dict[str, type[nn.Module]] = {name: layer for family in _FAMILIES for name, layer in family.LAYERS.items()}

_FUNCTIONS = {name: function for family in _FAMILIES for name, function in family.FUNCTIONS.items()}

FUNCTIONAL = SimpleNamespace(**{**vars(torch.nn.functional), **_FUNCTIONS})
