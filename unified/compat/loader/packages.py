"""Which packages are loaded a second time: those that are written in JAX."""

import functools
import importlib.metadata
import re
import sys

__all__ = ["HAIKU", "LIBRARIES", "ROOT", "add_package", "is_jax_library", "new_name"]

ROOT = "unified.compat.on_torch"
LIBRARIES = "unified.compat.libraries"
HAIKU = "unified.compat.haiku"

KNOWN = {"blox", "chex", "distrax", "flarejax", "flax", "haiku", "jmp", "jraph", "mctx", "optax", "rlax"}
# Packages of many kinds of arrays, whose names or requirements tell nothing: `jax` is one of several that they know.
OTHERS = {"einops", "equinox", "jaxlib", "jaxtyping", "optree", "orbax", "treescope", "torch", "unified"}
NEEDS_JAX = re.compile(r"^jax(lib)?\b(?!.*\bextra\b)", re.IGNORECASE)


def add_package(name: str) -> None:
    """Take a top-level package for one that is written in JAX."""
    KNOWN.add(name)
    is_jax_library.cache_clear()


@functools.cache
def is_jax_library(name: str) -> bool:
    """Return whether a top-level package is written in JAX: it is known to be, or its distribution requires JAX."""
    if name in KNOWN or name in OTHERS or name in sys.stdlib_module_names:
        return name in KNOWN
    try:
        requirements = importlib.metadata.distribution(name).requires or []
    except (importlib.metadata.PackageNotFoundError, ValueError):
        return False
    return any(NEEDS_JAX.match(requirement) for requirement in requirements)


def new_name(name: str, importer: str = "") -> str:
    """Return the name that an import of `name` has in a copy; `importer` is the package that imports it.

    >>> new_name("jax.numpy"), new_name("optax"), new_name("numpy")
    ('unified.compat.on_torch.jax.numpy', 'unified.compat.on_torch.optax', 'numpy')

    Haiku is ours, but for its own modules, which import each other:

    >>> new_name("haiku.nets"), new_name("haiku._src", "haiku")
    ('unified.compat.haiku.nets', 'unified.compat.on_torch.haiku._src')
    """
    top, dot, rest = name.partition(".")
    if top == "haiku" and importer != "haiku":
        return HAIKU + dot + rest
    return f"{ROOT}.{name}" if top in ("jax", "jaxlib") or is_jax_library(top) else name
