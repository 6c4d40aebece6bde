"""Pooling over random windows."""

from torch import nn

__all__ = ["FUNCTIONS", "LAYERS"]

LAYERS: dict[str, type[nn.Module]] = {}

FUNCTIONS: dict[str, object] = {}
