"""The names of JAX and Haiku that `unified.compat` has on both frameworks, and the libraries that it loads on torch."""

import importlib
from collections.abc import Collection
from types import ModuleType

from unified.compat.haiku.absent import ABSENT
from unified.compat.jax.names import NAMES
from unified.compat.loader.jax_names import MODULES
from unified.compat.loader.packages import LIBRARIES, is_jax_library

__all__ = ["PACKAGES", "absent_names", "is_covered", "new_package", "why_not"]

PACKAGES = {"jax": "unified.compat.jax", "haiku": "unified.compat.haiku"}

# Packages that are written in JAX, in whole or in part, and that are not loaded on torch.
STAYING = {
    "jaxlib": "it is JAX's compiled part",
    "equinox": "it is not among the libraries that are loaded on torch; unified.compat.load('equinox') tries it",
    "orbax": "it writes JAX's arrays; hk.save and u.save write tensors",
    "tensorflow_probability.substrates.jax": "it is not loaded on torch",
}


def new_package(name: str, own: Collection[str] = ()) -> str | None:
    """Return what takes the place of a package; `None` for one that is not written in JAX.

    >>> new_package("jax"), new_package("optax"), new_package("numpy"), new_package("optax", own={"optax"})
    ('unified.compat.jax', 'unified.compat.libraries.optax', None, None)

    Args:
        name: a top-level package.
        own: the packages and modules that are being ported, which keep their names.
    """
    if name in own:
        return None
    return PACKAGES.get(name) or (f"{LIBRARIES}.{name}" if is_jax_library(name) else None)


def absent_names(module: str) -> list[str]:
    """Return the names, by their full paths, that a module has in JAX or Haiku and that are not covered."""
    names = [*ABSENT] if module == "haiku" else MODULES.get(module, "").split()
    return [f"{module}.{name}" for name in names if "." not in name and why_not(f"{module}.{name}") is not None]


def is_covered(name: str) -> bool:
    """Return whether a name by its full path, such as `jax.numpy.sum`, is available on torch.

    >>> is_covered("jax.numpy.sum"), is_covered("haiku.nets.MLP"), is_covered("jax.experimental.pallas")
    (True, True, False)

    All names of a library are, since its own source is loaded:

    >>> is_covered("optax.contrib.muon"), is_covered("numpy.sum")
    (True, True)
    """
    return why_not(name) is None


def why_not(name: str) -> str | None:
    """Return why a name is not covered; `None` if it is. Attributes are checked of modules only."""
    root, *parts = name.split(".")
    if root not in PACKAGES:
        for package, reason in STAYING.items():
            if f"{name}.".startswith(f"{package}."):
                return f"{name}: {reason}"
        return None
    module, prefix = importlib.import_module(PACKAGES[root]), ""
    for part in parts:
        inner = f"{prefix}.{part}".lstrip(".")
        if root == "haiku" and inner in ABSENT:
            return f"{name}: not offered, for {ABSENT[inner]}"
        if part in NAMES.get(prefix, ()) and root == "jax" and not isinstance(vars(module).get(part), ModuleType):
            return None
        value = vars(module).get(part)
        if value is None and part not in vars(module):
            where = f"{root}.{prefix}".rstrip(".")
            return f"{name}: {where} has no {part!r} in unified.compat"
        if not isinstance(value, ModuleType):
            return None
        module, prefix = value, inner
    return None
