"""Networks as objects, with the names and the semantics of `torch.nn`, on PyTorch and on JAX.

```python
import unified as u
import unified.nn as nn
import unified.functional as F

net = u.build(Net, 16, backend="jax", rng=0)
```

A class that was written for PyTorch runs on JAX when its imports are these. Importing this package imports neither
framework.
"""

from typing import TYPE_CHECKING, Any

from unified.core.missing import unknown_name
from unified.nn import init, layers
from unified.nn.construction import build, seed
from unified.nn.containers import ModuleDict, ModuleList, ParameterDict, ParameterList, Sequential
from unified.nn.declare import Buffer, Parameter, param, var
from unified.nn.flags import flag, flags
from unified.nn.layers import *
from unified.nn.module import Module
from unified.nn.node import Node
from unified.nn.random import Stream
from unified.nn.state import filter, merge, partition, pop, state, update
from unified.nn.transforms import grad, jit, remat, scan, value_and_grad, vmap

__all__ = [
    "Buffer",
    "Module",
    "ModuleDict",
    "ModuleList",
    "Node",
    "Parameter",
    "ParameterDict",
    "ParameterList",
    "Sequential",
    "Stream",
    "build",
    "filter",
    "flag",
    "flags",
    "grad",
    "init",
    "jit",
    "merge",
    "param",
    "partition",
    "pop",
    "remat",
    "scan",
    "seed",
    "state",
    "update",
    "value_and_grad",
    "var",
    "vmap",
]
__all__ += layers.__all__

ELSEWHERE = {
    "functional": ". Write `import unified.functional as F`",
    "utils": (
        ". Of torch.nn.utils: weights that each call computes (weight_norm, spectral_norm) are u.weight_norm and "
        "u.spectral_norm of the inline style, and packed sequences are torch's alone: pad, and mask what is beyond the "
        "lengths. Gradients are clipped by torch.nn.utils on torch, and by optax on JAX"
    ),
}

if not TYPE_CHECKING:  # checkers would take any name for an attribute

    def __getattr__(name: str) -> Any:
        if name in ELSEWHERE:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}{ELSEWHERE[name]}", name=name)
        raise unknown_name(__name__, name, __all__)
