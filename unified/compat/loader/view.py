"""A copy of a library as code for torch sees it: functions take tensors and return them.

A call with tensors among its arguments and no `Array` is made with an `Array` for each, and its results are tensors
again. Functions that a function returns, by themselves or in a named tuple as `optax.adam` does, behave the same.
Classes are those of the copy. An argument without tensors is passed as it is, not as a copy of its tree: a function of
`flax.nnx` may change the module that it is given.
"""

import functools
import sys
from collections.abc import Callable
from types import BuiltinFunctionType, FunctionType, MethodType, ModuleType
from typing import Any

import numpy as np
import torch

from unified.backends.torch import staging
from unified.compat.jax.on_torch import tree_util as tree
from unified.compat.jax.on_torch.array import Array, tensor, unwrap
from unified.compat.jax.on_torch.steps.cache import Replayed
from unified.compat.jax.on_torch.typed_keys import KeyArray
from unified.compat.loader.packages import ROOT

__all__ = ["view"]

FUNCTIONS = (FunctionType, MethodType, BuiltinFunctionType, functools.partial)
_VIEWS: dict[str, "View"] = {}

staging.JITS[:] = [Replayed]  # from here on `unified.jit` traces, since JAX code costs more untraced than torch's own


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
        parts = [*value]
        if value._fields[:2] == ("init", "update"):  # an optimizer
            parts[0] = _recording_nothing(parts[0])
        return type(value)(*map(_seen, parts))
    return value


def _recording_nothing(init: Callable[..., Any]) -> Callable[..., Any]:
    """Return the `init` of an optimizer, whose state has no graph of autograd where it copies parameters."""

    @functools.wraps(init)
    def run(*args: Any, **kwargs: Any) -> Any:
        with torch.no_grad():
            return init(*args, **kwargs)

    return run


def _on_tensors(function: Any) -> Any:
    """Return the function with the boundary around it."""

    @functools.wraps(function)
    def called(*args: Any, **kwargs: Any) -> Any:
        seen: set[type] = set()

        def enter(leaf: Any) -> Any:
            if isinstance(leaf, Array | torch.Tensor) and type(leaf) is not KeyArray:  # keys are torch's code's too
                seen.add(Array if isinstance(leaf, Array) else torch.Tensor)
            return Array(tensor(leaf)) if isinstance(leaf, torch.Tensor | np.ndarray | np.generic) else leaf

        _hold_arrays((args, kwargs))
        arguments, keywords = _changed(enter, args), _changed(enter, kwargs)
        leave = _tensor_of if torch.Tensor in seen and Array not in seen else _array_of
        return _seen(_changed(leave, function(*arguments, **keywords)))

    return called


def _hold_arrays(value: Any) -> None:
    """Put an `Array` in the place of each tensor in variables of nnx below a value: a call may change it in place."""
    kind = getattr(sys.modules.get(f"{ROOT}.flax.nnx"), "Variable", None)
    if kind is None:
        return
    # `issubclass`, since `torch.compile` cannot follow the class of `Variable`, which has an `__instancecheck__`
    for variable in tree.tree_leaves(value, is_leaf=lambda node: issubclass(type(node), kind)):
        if issubclass(type(variable), kind) and isinstance(variable.get_raw_value(), torch.Tensor):
            variable.set_raw_value(Array(variable.get_raw_value()))


def _tensor_of(leaf: Any) -> Any:
    return leaf if type(leaf) is KeyArray else unwrap(leaf)


def _array_of(leaf: Any) -> Any:
    return Array(leaf) if isinstance(leaf, torch.Tensor) else leaf


def _changed(change: Callable[[Any], Any], value: Any, within: frozenset[int] = frozenset()) -> Any:
    """Map a function over a tree; parts in which it changes nothing stay the same objects, as do objects in a cycle."""
    kind = tree.kind_of(value)
    if kind is None:
        return change(value)
    if id(value) in within:
        return value
    within = within | {id(value)}
    if type(value) is dict:  # in its own order
        new = {key: _changed(change, child, within) for key, child in value.items()}
        return new if any(new[key] is not child for key, child in value.items()) else value
    children, data = kind.flatten(value)
    children = list(children)
    parts = [_changed(change, child, within) for child in children]
    is_same = all(part is child for part, child in zip(parts, children, strict=True))
    return value if is_same else kind.unflatten(data, parts)
