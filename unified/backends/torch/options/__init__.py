"""Layers of `torch.nn` with the options that torch's own lack: layouts, paddings, and norms over mapped axes.

Each is a class that derives from torch's of the same name, with its variables, hooks and `state_dict`. A layer without
options is torch's own.
"""

from torch import nn

from unified.backends.torch.options import channels, conv, norm, pooling

__all__ = ["LAYERS"]

# By the class that computes the layer without options: torch's, or the one that draws the same numbers everywhere.
LAYERS: dict[type[nn.Module], type[nn.Module]] = {
    base: cls for family in (channels, conv, norm, pooling) for base, cls in family.LAYERS.items()
}
