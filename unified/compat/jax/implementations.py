"""Which module implements `jax.<name>` for a backend: `on_jax` is JAX itself, `on_torch` is JAX on tensors."""

import importlib
from typing import Any

__all__ = ["implementation"]


_MODULES: dict[tuple[str, str], Any] = {}


def implementation(backend: str, module: str) -> Any:
    """Return the module `jax.<module>` for the arrays of `backend`."""
    loaded = _MODULES.get((backend, module))
    if loaded is None:
        loaded = _MODULES[backend, module] = importlib.import_module(f"unified.compat.jax.on_{backend}").module(module)
    return loaded
