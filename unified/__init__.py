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

from typing import Any

from unified import functional
from unified.core import initializers, layers, random
from unified.core.backends import available as available_backends
from unified.core.backends import set_backend
from unified.core.errors import (
    BackendError,
    NoActiveTransformError,
    NotInitializedError,
    StructureChangedError,
    TransformBoundaryError,
)
from unified.core.layer import Layer
from unified.core.layers import *
from unified.core.module import Module
from unified.core.params import Params
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
    wrap,
)

__version__ = "0.1.0"

# The classes of models, by name, for annotations and isinstance; each loads its framework when it is asked for.
_MODELS = {"TorchModel": "torch", "BlazeModule": "torch", "JaxModel": "jax"}

__all__ = [
    "BackendError",
    "Layer",
    "Module",
    "NoActiveTransformError",
    "NotInitializedError",
    "Params",
    "StructureChangedError",
    "TransformBoundaryError",
    "VariableInfo",
    "array_namespace",
    "available_backends",
    "backend",
    "current_path",
    "functional",
    "get_parameter",
    "get_state",
    "initializers",
    "is_initializing",
    "is_training",
    "next_rng_key",
    "random",
    "set_backend",
    "set_state",
    "transform",
    "wrap",
    *layers.__all__,
]


def __getattr__(name: str) -> Any:
    if name not in _MODELS:
        raise AttributeError(f"module 'unified' has no attribute {name!r}")
    import importlib

    model = importlib.import_module(f"unified.backends.{_MODELS[name]}.model")
    return getattr(model, "JaxModel" if name == "JaxModel" else "TorchModel")
