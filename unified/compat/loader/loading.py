"""`unified.compat.load`: a library that is written in JAX, on either framework."""

import importlib
import importlib.util
from types import ModuleType

from unified.compat.loader.finder import install
from unified.compat.loader.packages import ROOT, add_package
from unified.core import backends

__all__ = ["load"]


def load(name: str, backend: str | None = None) -> ModuleType:
    """Return a library that is written in JAX, on a backend.

    On JAX it is the library itself. On torch it is the library's installed source, loaded once more over
    `unified.compat.jax`; neither JAX nor the library itself is imported, and both stay what they are. Its functions
    take tensors and return them, or `Array`s, which are what JAX's arrays are on torch.

    >>> import torch
    >>> optax = load("optax", "torch")
    >>> state = optax.adam(0.1).init({"w": torch.zeros(2)})
    >>> state[0].mu["w"]
    tensor([0., 0.])

    Args:
        name: the name by which the library is imported, `optax` or `flax.linen`.
        backend: `"torch"` or `"jax"`; `None` for the default backend.

    Raises:
        ModuleNotFoundError: the library, or something that it needs, is not installed.
        BackendError: the backend is unknown or not installed. Functions of the library raise it where they call a
            function of JAX that torch has not.
    """
    chosen = backends.load(backends.default_name() if backend is None else backend).name
    top = name.partition(".")[0]
    if importlib.util.find_spec(top) is None and top != "jax":
        raise ModuleNotFoundError(
            f"no module named {top!r}: install the library ({top}) without its requirement of JAX, or with it; "
            f"unified loads its source",
            name=top,
        )
    if chosen == "jax":
        return importlib.import_module(name)
    from unified.compat.loader.view import view

    install()
    if top != "jax":
        add_package(top)
    return view(importlib.import_module(f"{ROOT}.{name}"))
