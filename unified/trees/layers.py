"""Every declared layer as a module: `Linear(2, 5)`, `BatchNorm2d(3)`, ...; `layers.pyi` is what type checkers see."""

from unified.core import layers as declared
from unified.trees.layer import layer_class

globals().update({name: layer_class(getattr(declared, name)) for name in declared.__all__ if name != "Sequential"})

__all__ = [name for name in declared.__all__ if name != "Sequential"]
