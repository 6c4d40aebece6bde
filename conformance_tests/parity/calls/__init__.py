"""Calls of every function of `unified.functional`: those that torch computes, and those that it refuses.

A new file here that has `CALLS` and `REFUSED`, lists of lines made by `recipes.call`, is found by itself.
"""

import importlib
import pkgutil
from typing import Any

__all__ = ["CALLS", "REFUSED"]

_FAMILIES = [
    importlib.import_module(f"{__name__}.{module.name}")
    for module in pkgutil.iter_modules(__path__)
    if module.name != "recipes"
]

CALLS: list[Any] = [call for family in _FAMILIES for call in family.CALLS]
REFUSED: list[Any] = [call for family in _FAMILIES for call in family.REFUSED]
