"""Every constructor option of every layer, one line a case, in a file for each family of layers.

A new file here that has `CASES` is found by itself.
"""

import importlib
import pkgutil

from conformance_tests.parity.cases.recipes import Case

__all__ = ["CASES"]

CASES: list[Case] = [
    case
    for module in pkgutil.iter_modules(__path__)
    if module.name != "recipes"
    for case in importlib.import_module(f"{__name__}.{module.name}").CASES
]
