"""Networks as trees: classes whose fields make their constructor, immutable, and pytrees of torch and of JAX.

```python
import unified.trees as ut

class Block(ut.Module):
    norm: ut.LayerNorm
    linear: ut.Linear

    def __call__(self, x):
        return x + self.linear(self.norm(x))

model = ut.fill(Block(ut.LayerNorm(8), ut.Linear(8, 8)), rng=0, backend="jax")
y = model(x)                                                  # evaluates
y, model = ut.apply(model, x, training=True, rng=key)         # trains: returns the model with its new state
gradient = jax.grad(loss)(model, x)                           # torch.func.grad on torch
```

Importing this package imports neither framework.
"""

from unified.trees.applying import apply
from unified.trees.editing import tree_at
from unified.trees.fields import field, var
from unified.trees.layer import Layer
from unified.trees.layers import *
from unified.trees.layers import __all__ as _layers
from unified.trees.module import BoundMethod, Module, replace
from unified.trees.saving import load, save
from unified.trees.sequential import Sequential
from unified.trees.variables import combine, fill, load_params, params, partition
from unified.trees.wrappers import Checkpoint, Grad, Jit, ValueAndGrad, VMap

__all__ = [
    "BoundMethod",
    "Checkpoint",
    "Grad",
    "Jit",
    "Layer",
    "Module",
    "Sequential",
    "VMap",
    "ValueAndGrad",
    "apply",
    "combine",
    "field",
    "fill",
    "load",
    "load_params",
    "params",
    "partition",
    "replace",
    "save",
    "tree_at",
    "var",
]
__all__ += _layers


def _name_classes() -> None:
    """Give the public classes the name that users import them by, which errors, pickles and files show."""
    for name in __all__:
        value = globals()[name]
        if isinstance(value, type):
            value.__module__ = "unified.trees"


_name_classes()
