"""Flax on PyTorch: models of Flax as `nn.Module`s, and their variables as `unified.Params`.

Flax itself, linen and nnx, is loaded by `unified.compat.load("flax.linen", "torch")`, or runs under `unified run`;
docs/flax.md has both.
"""

from unified.compat.flax.params import from_params, to_params
from unified.compat.flax.to_torch import flax_to_torch

__all__ = ["flax_to_torch", "from_params", "to_params"]
