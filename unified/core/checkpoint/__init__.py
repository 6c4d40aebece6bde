"""Saving and loading: safetensors files that hold variables, what is known of them, and the model's graph.

```python
u.save("model.safetensors", net)                       # a torch model, or Params of either framework
params = u.load("model.safetensors", "jax")            # Params of either framework
net = u.load_model("model.safetensors", forward, x)    # a model with these values
```

A file is never trusted: nothing in it is unpickled, and nothing is imported that the caller does not name.
"""

from unified.core.checkpoint.header import Header
from unified.core.checkpoint.load import describe, load, load_model
from unified.core.checkpoint.save import save

__all__ = ["Header", "describe", "load", "load_model", "save"]
