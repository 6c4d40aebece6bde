"""One model, written once, for PyTorch and JAX.

```python
import unified as u

def forward(x):
    return u.Linear(None, 10)(x)

net = u.transform(forward, backend="torch")     # a torch.nn.Module
net = u.transform(forward, backend="jax")       # pure init and apply
```

Importing this package imports neither framework. `transform` says what a model offers; every layer is
`unified.<Name of torch.nn>`.
"""

from typing import TYPE_CHECKING, Any

from unified import functional
from unified.core import cells, filters, initializers, layers, lifted, random
from unified.core.backends import available as available_backends
from unified.core.backends import set_backend
from unified.core.cells import *
from unified.core.checkpoint import describe, load, load_model, save
from unified.core.distribute import distribute
from unified.core.errors import (
    BackendError,
    CheckpointError,
    NoActiveTransformError,
    NotInitializedError,
    StructureChangedError,
    TransformBoundaryError,
)
from unified.core.layer import Layer
from unified.core.layers import *
from unified.core.lifted import *
from unified.core.model import Model
from unified.core.module import Module
from unified.core.params import Params
from unified.core.policy import Policy
from unified.core.show import display, summary
from unified.core.structure import VariableInfo
from unified.core.transform import transform
from unified.core.variables import (
    array_namespace,
    backend,
    current_path,
    get_parameter,
    get_state,
    is_initializing,
    is_training,
    next_rng_key,
    set_state,
    sow,
    wrap,
)

__version__ = "0.1.0"

__all__ = [
    "BackendError",
    "CheckpointError",
    "Layer",
    "Model",
    "Module",
    "NoActiveTransformError",
    "NotInitializedError",
    "Params",
    "Policy",
    "StructureChangedError",
    "TransformBoundaryError",
    "VariableInfo",
    "array_namespace",
    "available_backends",
    "backend",
    "current_path",
    "describe",
    "display",
    "distribute",
    "filters",
    "functional",
    "get_parameter",
    "get_state",
    "initializers",
    "is_initializing",
    "is_training",
    "load",
    "load_model",
    "next_rng_key",
    "random",
    "save",
    "set_backend",
    "set_state",
    "sow",
    "summary",
    "transform",
    "wrap",
    *cells.__all__,
    *layers.__all__,
    *lifted.__all__,
]

if not TYPE_CHECKING:  # checkers would take any name for an attribute

    def __getattr__(name: str) -> Any:
        """Return `Model` as `BlazeModule`, blaze's name for it, so that blaze code runs with `import unified as bl`.

        The name is not part of this package's API, and so neither in `__all__` nor in `dir`; `unified.compat.blaze` has
        blaze's API.
        """
        if name == "BlazeModule":
            return Model
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
