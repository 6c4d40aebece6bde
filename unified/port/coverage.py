"""The names of JAX and Haiku that `unified.compat` has on both frameworks."""

import importlib
from types import ModuleType

from unified.compat.haiku.absent import ABSENT
from unified.compat.jax.names import NAMES

__all__ = ["PACKAGES", "is_covered", "why_not"]

PACKAGES = {"jax": "unified.compat.jax", "haiku": "unified.compat.haiku"}


def is_covered(name: str) -> bool:
    """Return whether a name by its full path, such as `jax.numpy.sum`, is available on torch.

    >>> is_covered("jax.numpy.sum"), is_covered("haiku.nets.MLP"), is_covered("jax.experimental.pallas")
    (True, True, False)
    """
    return why_not(name) is None


def why_not(name: str) -> str | None:
    """Return why a name is not covered; `None` if it is. Attributes are checked of modules only."""
    root, *parts = name.split(".")
    if root not in PACKAGES:
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
