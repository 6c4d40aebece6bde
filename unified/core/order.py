"""The order of the modules and layers of a model: that of their first calls in init, as the data flows.

Where calls are nested, `u.BatchNorm2d(8)(u.Conv2d(3, 8, 3)(x))`, Python builds the layers in another order, in which
they get their names.
"""

from collections.abc import Iterable, Mapping

from unified.core.naming import join

__all__ = ["first_calls_below", "in_call_order"]


def first_calls_below(first_calls: Iterable[str]) -> dict[str, int]:
    """Return when each path or one below it was first called, from the paths of all calls in order."""
    first: dict[str, int] = {}
    for number, called in enumerate(first_calls):
        path = called
        while path and path not in first:
            first[path] = number
            path = path.rpartition("/")[0]
    return first


def in_call_order(names: Iterable[str], path: str, first: Mapping[str, int]) -> list[str]:
    """Return the names of the children of `path` in the order of their first calls; those without a call come last."""
    return sorted(names, key=lambda name: first.get(join(path, name), len(first)))
