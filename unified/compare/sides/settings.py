"""The settings of a layer that a reader can compare with those of another."""

from collections.abc import Mapping
from typing import Any

__all__ = ["plain_settings"]


def plain_settings(attributes: Mapping[str, Any]) -> dict[str, Any]:
    """Return the numbers, texts, booleans, tuples and names of functions among the attributes of a layer.

    >>> plain_settings({"eps": 1e-5, "_hidden": 1, "activation": max})
    {'eps': 1e-05, 'activation': 'max'}
    """
    found = {}
    for name, value in attributes.items():
        if name.startswith("_") or name in ("training", "parent", "name"):
            continue
        if value is None or isinstance(value, int | float | str | bool | tuple):
            found[name] = value
        elif callable(value) and hasattr(value, "__name__"):
            found[name] = value.__name__
    return found
