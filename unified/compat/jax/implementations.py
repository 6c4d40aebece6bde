"""Which module implements `jax.<name>` for a backend: `on_jax` is JAX itself, `on_torch` is JAX on tensors."""

import importlib
from typing import Any

__all__ = ["implementation"]


_FOUND: dict[tuple[str, str], Any] = {}


def implementation(backend: str, module: str) -> Any:
    """The module `jax.<module>` on the arrays of `backend`."""
    found = _FOUND.get((backend, module))
    if found is None:
        found = _FOUND[backend, module] = importlib.import_module(f"unified.compat.jax.on_{backend}").module(module)
    return found
