"""The torch backend: layers are the real `torch.nn` classes, in a tree of containers that mirrors the paths.

The tree of live modules is the only registry. `backend` is the framework as the core sees it, `model` holds what a user
gets, `frame` answers the core during a call and `init` during the first, `layers` makes a `torch.nn` layer from its
declaration, `script` exports to TorchScript, `prng` draws random numbers, `tree`
makes `Params` a pytree.
"""

from unified.backends.torch import tree
from unified.backends.torch.backend import TorchBackend, backend
from unified.backends.torch.model import TorchModel

__all__ = ["TorchBackend", "TorchModel", "backend"]

tree.register()
