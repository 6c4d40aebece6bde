"""JAX's functions on tensors: what `unified.compat.jax` is on torch, a module for each of JAX's.

Most are written on tensors, and `module` puts the boundary around them that makes tensors of arguments and `Array`s of
results. Functions of trees and of functions are written on `Array`s. `behaviour.py` is where they declare which.
"""

import importlib
from types import FunctionType, SimpleNamespace
from typing import Any

__all__ = ["module"]


def module(name: str) -> Any:
    """Return the module `jax.<name>` on torch; `jax` itself for an empty name."""
    from unified.compat.jax.on_torch import einops, methods
    from unified.compat.jax.on_torch.weak import bound

    path = f"{__name__}.{name or 'toplevel'}"
    try:
        implementation = importlib.import_module(path)
    except ModuleNotFoundError as error:
        if error.name is None or not path.startswith(error.name):
            raise
        return SimpleNamespace()
    functions = {}
    for each in implementation.__all__:
        value = getattr(implementation, each)
        if isinstance(value, FunctionType) and value.__module__.startswith(f"{__name__}."):
            if "<locals>" in value.__qualname__ and value.__name__ not in implementation.__all__:
                value.__name__ = each  # of a function that another made
            called = bound(value)
            if called is not value:
                called.__name__ = each
            value = called
        functions[each] = value
    return SimpleNamespace(**functions)
