"""Errors of names that a module of the public interface does not have."""

from collections.abc import Iterable

from unified.core.naming import closest

__all__ = ["unknown_name"]


def unknown_name(module: str, name: str, names: Iterable[str], hint: str = "") -> AttributeError:
    """Return the error of a name that a module lacks, with the names that are most like it.

    >>> print(unknown_name("unified.tree", "mapp", ["map", "leaves"]))
    module 'unified.tree' has no attribute 'mapp'; the closest names are 'map'
    """
    near = "" if name.startswith("_") else closest(name, names, "names") + hint  # Python itself looks for `__path__`
    return AttributeError(f"module {module!r} has no attribute {name!r}{near}", name=name)
