"""Networks with explicit params: `output, params = layer(params, x)`.

A module is a Python object at a path of a graph; all arrays lie in `unified.Params`, which a call takes and returns.
There is no context: the transforms of both frameworks (`jax.jit`, `jax.grad`, `torch.compile`, `torch.func.grad`) take
functions of params as they are.

```python
import unified.explicit as bx

graph = bx.Graph("net")
rng = bx.Rng(graph.child("rng"))
hidden = bx.Linear(graph.child("hidden"), None, 32)
dropout = bx.Dropout(graph.child("dropout"), 0.1, rng=rng)

params = rng.seed(bx.params(seed=42, backend="jax"), seed=7)
y, params = hidden(params, x)                    # unlocked params grow
y, params = dropout(params, y, is_training=True)
params = params.locked()
```

Every layer of `unified` is here, with the graph as its first argument; `LSTM`, `GRU` and `Sequential` are recurrences
and a sequence of modules, and those of `torch.nn` by these names are in `unified.explicit.layers`.

Source: the API of `blox` (`jax-blox` on PyPI).
"""

from typing import Any

from unified.core import backends
from unified.core.params import Params
from unified.explicit import layers
from unified.explicit.display import display
from unified.explicit.graph import Graph
from unified.explicit.layer import LayerModule
from unified.explicit.layers import *
from unified.explicit.module import Module
from unified.explicit.recurrent import GRU, LSTM, GRUState, LSTMState
from unified.explicit.rng import Rng
from unified.explicit.scans import dynamic_scan, static_scan
from unified.explicit.sequences import RecurrenceBase, SequenceBase
from unified.explicit.sequential import Sequential

__all__ = [
    "GRU",
    "LSTM",
    "GRUState",
    "Graph",
    "LSTMState",
    "LayerModule",
    "Module",
    "Params",
    "RecurrenceBase",
    "Rng",
    "SequenceBase",
    "Sequential",
    "display",
    "dynamic_scan",
    "layers",
    "params",
    "static_scan",
]
__all__ += layers.__all__


def params(seed: Any = None, backend: str | None = None) -> Params:
    """Return empty params, unlocked: calls add the variables of their modules.

    Args:
        seed: an integer or a key that first values follow from, with the path of each variable; `None` if modules have
            an `rng=` that is seeded.
        backend: the framework of the variables; `None` for that of the first inputs.

    Raises:
        BackendError: there is no such framework.

    On torch variables are plain tensors; `params.unfreeze()` returns those that require gradients, for
    `loss.backward()` and optimizers.

    >>> import torch, unified.explicit as bx
    >>> _, params = bx.Linear(bx.Graph("net").child("out"), None, 2)(bx.params(seed=0), torch.ones(1, 3))
    >>> params = params.locked()
    >>> params
    Params(2 variables, 8 values, torch)
      net/out/weight  float32[2, 3]
      net/out/bias    float32[2]
    """
    if backend is not None:
        backends.load(backend)  # raises unless it is there
    return Params.growing(seed, backend)
