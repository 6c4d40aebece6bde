"""The random layers and functions of `torch.nn`, with the same random numbers as on every backend.

A model of `rng="portable"` uses these in place of torch's own. There is a file for each family.
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
