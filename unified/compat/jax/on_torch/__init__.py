"""JAX's functions on tensors: what `unified.compat.jax` is on torch, a module for each of JAX's.

Most are written on tensors, and `module` puts the boundary around them that takes `Array`s apart and makes them again.
Those that are given trees, or functions of arrays, are written on `Array`s.
"""

import importlib
from types import FunctionType, SimpleNamespace
from typing import Any

__all__ = ["module"]

ON_ARRAYS = (
    "api_util", "boundary", "debug", "fused", "lax.collectives", "lax.control", "numpy.vectorized",
    "profiler", "toplevel", "transforms",
    "tree", "tree_util",
)  # fmt: skip


def module(name: str) -> Any:
    """`jax.<name>` on torch; `jax` itself for an empty name."""
    from unified.compat.jax.on_torch import methods
    from unified.compat.jax.on_torch.weak import bound

    path = f"{__name__}.{name or 'toplevel'}"
    try:
        own = importlib.import_module(path)
    except ModuleNotFoundError as error:
        if error.name is None or not path.startswith(error.name):
            raise
        return SimpleNamespace()
    found = {}
    for each in own.__all__:
        value = getattr(own, each)
        if isinstance(value, FunctionType) and value.__module__.removeprefix(f"{__name__}.") not in ON_ARRAYS:
            value = bound(value, each)
            value.__name__ = each
        found[each] = value
    return SimpleNamespace(**found)
