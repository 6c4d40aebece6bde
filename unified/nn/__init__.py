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
