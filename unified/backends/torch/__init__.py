"""The torch backend: layers are the real `torch.nn` classes, in a tree of containers that mirrors the paths.

The tree of live modules is the only registry. `backend` is the framework as the core sees it, `model` the module that
`transform` returns. `frame` serves the core during a call, `init` during the first one, and `lifted` runs transforms of
parts of a body. `layers` constructs `torch.nn` layers from their declarations, `prng` draws random numbers, `script`
exports to TorchScript, and `tree` registers `Params` as a pytree.
"""

from unified.backends.torch import tree
from unified.backends.torch.backend import TorchBackend, backend
from unified.backends.torch.model import TorchModel

__all__ = ["TorchBackend", "TorchModel", "backend"]

tree.register()
