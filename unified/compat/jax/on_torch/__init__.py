"""JAX's functions on tensors: what `unified.compat.jax` is on torch, a module for each of JAX's.

Most are written on tensors, and `module` puts the boundary around them that makes tensors of arguments and `Array`s of
results. Functions of trees and of functions are written on `Array`s. `behaviour.py` is where they declare which.
"""

import importlib
from types import FunctionType, SimpleNamespace
from typing import Any

__all__ = ["module"]


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
    result = {}
    for each in own.__all__:
        value = getattr(own, each)
        if isinstance(value, FunctionType) and value.__module__.startswith(f"{__name__}."):
            called = bound(value)
            if called is not value:
                called.__name__ = each
            value = called
        result[each] = value
    return SimpleNamespace(**result)
