"""A copy of a library as code for torch sees it: functions take tensors and return them.

A call with tensors among its arguments and no `Array` is made with an `Array` for each, and its results are tensors
again. Functions that a function returns, by themselves or in a named tuple as `optax.adam` does, behave the same.
Classes are those of the copy.
"""

import functools
import operator
import sys
from types import BuiltinFunctionType, FunctionType, MethodType, ModuleType
from typing import Any

import torch

from unified.compat.jax.on_torch import tree_util as tree
from unified.compat.jax.on_torch.transforms import enter, leave
from unified.compat.loader.packages import ROOT

__all__ = ["view"]

FUNCTIONS = (FunctionType, MethodType, BuiltinFunctionType, functools.partial)
_VIEWS: dict[str, "View"] = {}


class View(ModuleType):
    """A module of a library; see `unified.compat.loader.view`."""

    def __init__(self, copy: ModuleType) -> None:
        super().__init__(copy.__name__.replace(ROOT, "unified.compat.libraries", 1), copy.__doc__)
        self._copy = copy
        if hasattr(copy, "__path__"):
            self.__path__: list[str] = []

    def __getattr__(self, name: str) -> Any:
        if name == "__all__":  # for `from ... import *`
            return getattr(self._copy, name, [public for public in vars(self._copy) if public[:1] != "_"])
        if name.startswith("__"):
            raise AttributeError(name)
        value = _seen(getattr(self._copy, name))
        setattr(self, name, value)
        return value

    def __dir__(self) -> list[str]:
        return dir(self._copy)


def view(copy: ModuleType) -> ModuleType:
    """Return the module as code for torch sees it: one for each copy."""
    if copy.__name__ not in _VIEWS:
        _VIEWS[copy.__name__] = View(copy)
    return _VIEWS[copy.__name__]


def _seen(value: Any) -> Any:
    if isinstance(value, ModuleType):
        return view(value) if value.__name__.startswith(f"{ROOT}.") else value
    if isinstance(value, FUNCTIONS):
        return _on_tensors(value)
    if isinstance(value, tuple) and hasattr(value, "_fields") and any(isinstance(part, FUNCTIONS) for part in value):
        return type(value)(*map(_seen, value))
    return value


def _kept(convert: Any, value: Any) -> Any:
    """Return the converted tree, with the very objects in which nothing changes.

    Trees such as modules of nnx are changed in place, and a copy would take the changes.
    """
    if type(value) in (tuple, list):
        return type(value)([_kept(convert, item) for item in value])
    if type(value) is dict:
        return {name: _kept(convert, item) for name, item in value.items()}
    _hold_arrays(value)
    converted = convert(value)
    leaves, after = tree.tree_leaves(value), tree.tree_leaves(converted)
    is_same = len(leaves) == len(after) and all(map(operator.is_, leaves, after))
    return value if is_same else converted


def _hold_arrays(value: Any) -> None:
    """Put an `Array` in the place of each tensor in variables of nnx below a value."""
    nnx = sys.modules.get(f"{ROOT}.flax.nnx")
    kind = getattr(nnx, "Variable", None)
    if kind is None or isinstance(value, torch.Tensor) or tree.kind_of(value) is None:
        return
    for variable in tree.tree_leaves(value, is_leaf=lambda node: isinstance(node, kind)):
        if isinstance(variable, kind) and isinstance(variable.get_raw_value(), torch.Tensor):
            variable.set_raw_value(enter(variable.get_raw_value()))


def _on_tensors(function: Any) -> Any:
    """Return the function with the boundary around it."""

    @functools.wraps(function)
    def called(*args: Any, **kwargs: Any) -> Any:
        given = (args, kwargs)
        args, kwargs = _kept(enter, args), _kept(enter, kwargs)
        return _seen(_kept(lambda part: leave(part, given), function(*args, **kwargs)))

    return called
