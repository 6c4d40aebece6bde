"""Types for annotations: arrays and trees of either framework, and the models that `unified.transform` makes.

```python
from unified.typing import Array, TorchModel

def train(net: TorchModel[Array], x: Array) -> None: ...
```

A model's parameter is the type of what the function returns. Its class is imported, and its framework, when it is asked
for.
"""

from typing import TYPE_CHECKING, Any

from unified.core.annotations import (
    Array,
    ArrayLike,
    ArrayT,
    Device,
    DType,
    HasParams,
    InitFn,
    LayerInitFn,
    LayerOptions,
    Mesh,
    Metadata,
    Path,
    PyTree,
    ShapeLike,
)
from unified.core.bound import BoundModel
from unified.core.filters import Filter
from unified.core.initializers import Initializer
from unified.core.model import Model

if TYPE_CHECKING:
    from unified.backends.jax.model import JaxModel
    from unified.backends.torch.model import TorchModel

__all__ = [
    "Array",
    "ArrayLike",
    "ArrayT",
    "BoundModel",
    "DType",
    "Device",
    "Filter",
    "HasParams",
    "InitFn",
    "Initializer",
    "JaxModel",
    "LayerInitFn",
    "LayerOptions",
    "Mesh",
    "Metadata",
    "Model",
    "Path",
    "PyTree",
    "ShapeLike",
    "TorchModel",
]


def __getattr__(name: str) -> Any:
    if name == "TorchModel":
        from unified.backends.torch.model import TorchModel

        return TorchModel
    if name == "JaxModel":
        from unified.backends.jax.model import JaxModel

        return JaxModel
    raise AttributeError(f"unified.typing has no attribute {name!r}")
