"""Which names of JAX and Haiku `unified.compat` has on both frameworks."""

import importlib
from types import ModuleType

from unified.compat.haiku.absent import ABSENT
from unified.compat.jax.names import NAMES

__all__ = ["PLACES", "is_covered", "why_not"]

PLACES = {"jax": "unified.compat.jax", "haiku": "unified.compat.haiku"}


def is_covered(name: str) -> bool:
    """Whether a name by its full path, such as `jax.numpy.sum`, is offered on torch.

    >>> is_covered("jax.numpy.sum"), is_covered("haiku.nets.MLP"), is_covered("jax.experimental.pallas")
    (True, True, False)
    """
    return why_not(name) is None


def why_not(name: str) -> str | None:
    """What is wrong with a name; `None` if it is covered. Attributes of what is no module are not looked at."""
    root, *parts = name.split(".")
    if root not in PLACES:
        return None
    module, walked = importlib.import_module(PLACES[root]), ""
    for part in parts:
        inner = f"{walked}.{part}".lstrip(".")
        if root == "haiku" and inner in ABSENT:
            return f"{name}: not offered, for {ABSENT[inner]}"
        if part in NAMES.get(walked, ()) and root == "jax" and not isinstance(vars(module).get(part), ModuleType):
            return None
        found = vars(module).get(part)
        if found is None and part not in vars(module):
            where = f"{root}.{walked}".rstrip(".")
            return f"{name}: {where} has no {part!r} in unified.compat"
        if not isinstance(found, ModuleType):
            return None
        module, walked = found, inner
    return None
