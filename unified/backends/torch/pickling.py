"""`SavedFunction`: the function of a model in a pickle, which contains its name, or says how to give it one."""

import copy
import functools
import pickle
import sys
from types import FunctionType
from typing import Any

from unified.core.classes import ClassName, find_class

__all__ = ["SavedFunction"]

# Packages that pickle functions by their code, whatever their names.
BY_VALUE = ("cloudpickle", "dill")


class SavedFunction:
    """The function of a model, as copies and pickles keep it."""

    def __init__(self, function: Any) -> None:
        self.function = function

    def __deepcopy__(self, memo: dict[int, Any]) -> "SavedFunction":
        return SavedFunction(copy.deepcopy(self.function, memo))

    def __reduce__(self) -> Any:
        inner = self.function
        while isinstance(inner, functools.partial):
            inner = inner.func
        if isinstance(inner, FunctionType) and not _is_importable(inner) and not _pickles_by_value():
            kind = "a lambda" if inner.__name__ == "<lambda>" else "a function within another"
            if "<locals>" not in inner.__qualname__ and inner.__name__ != "<lambda>":
                kind = "no longer what its module has under that name"
            raise pickle.PicklingError(
                f"a model is pickled with the name of its function, and {inner.__module__}.{inner.__qualname__} is "
                f"{kind}, which cannot be imported: define it by `def` at the top of a module, and pass the "
                "values that it closes over to u.transform (`u.transform(forward, width=64)`); or save "
                "net.state_dict() or u.save(path, net.params) and build the model again; or pickle with cloudpickle"
            )
        return SavedFunction, (self.function,)


def _is_importable(function: FunctionType) -> bool:
    """Return whether a function is what its module has under its qualified name."""
    return find_class(ClassName(function.__module__, function.__qualname__)) is function


def _pickles_by_value() -> bool:
    """Return whether one of the packages that pickle functions by value is running."""
    frame: Any = sys._getframe(1)
    while frame is not None:
        if any(part in BY_VALUE for part in frame.f_globals.get("__name__", "").split(".")):
            return True
        frame = frame.f_back
    return False
