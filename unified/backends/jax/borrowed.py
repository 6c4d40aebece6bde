"""What a body must not use on JAX: bound models and modules of other libraries that are no part of its model.

Their arrays would be constants of the model, neither trained nor saved. Arrays do not say where they come from. Init
therefore looks at the operations of the body: each knows the code that ran it, which may be a method of a layer of
Flax NNX or of Equinox.
"""

import functools
import inspect
import sys
from collections.abc import Iterator
from typing import Any

import jax
from jax.extend.core import Jaxpr

from unified.core.errors import StructureChangedError

__all__ = ["check_bound", "check_operations", "layer_libraries", "owned_models", "wrapped_classes"]


def layer_libraries() -> list[type]:
    """Return the base classes of modules of the other libraries that are imported."""
    nnx, equinox = sys.modules.get("flax.nnx"), sys.modules.get("equinox")
    return [module.Module for module in (nnx, equinox) if module is not None]


def _layer_classes(base: Any) -> Iterator[type]:
    """Yield the classes of layers below `base`; of Equinox, whose modules may be no layers, those of `equinox.nn`."""
    cls: type
    for cls in base.__subclasses__():
        if cls.__module__.startswith("equinox.nn.") or base.__module__.startswith("flax."):
            yield cls
        yield from _layer_classes(cls)


def _methods(cls: type) -> Iterator[Any]:
    """Yield the code of the methods of a class."""
    for member in vars(cls).values():
        method = getattr(member, "method", getattr(member, "__func__", member))  # Equinox wraps methods
        method = inspect.unwrap(method) if callable(method) else method
        if hasattr(method, "__code__"):
            yield method.__code__


def wrapped_classes(module: Any) -> set[type]:
    """Return the classes of a module and of all modules in its attributes."""
    classes: set[type] = set()
    values, seen = [module], set()
    while values:
        value = values.pop()
        if id(value) in seen or isinstance(value, type):
            continue
        seen.add(id(value))
        classes.add(type(value))
        attributes = getattr(value, "__dict__", {})
        values += value.values() if isinstance(value, dict) else attributes.values()
        values += value if isinstance(value, (list, tuple)) else []
    return classes


def check_operations(jaxpr: Jaxpr, wrapped: set[type]) -> None:
    """Raise if a layer of another library ran one of the operations, except layers in what `u.wrap` has registered."""
    classes = {
        code: cls
        for base in layer_libraries()
        for cls in _layer_classes(base)
        if cls not in wrapped
        for code in _methods(cls)
    }
    for traceback in _tracebacks(jaxpr):
        for code in traceback.raw_frames()[0]:
            if code in classes:
                cls = classes[code]
                raise StructureChangedError(
                    f"the body used a module {cls.__module__}.{cls.__qualname__}, which is no part of this model: it "
                    "would be neither trained nor saved, but be a constant in it. Build it by u.wrap(lambda: ...), "
                    f"declare a layer of unified, or pass its arrays to the body as an argument"
                ).with_page("state#what-a-body-must-not-do")


def _tracebacks(jaxpr: Any) -> Iterator[Any]:
    """Yield the tracebacks of all operations, also of those in functions that they call."""
    for equation in jaxpr.eqns:
        traceback = equation.source_info.traceback
        if traceback is not None:
            yield traceback
        for value in equation.params.values():
            for inner in value if isinstance(value, (list, tuple)) else (value,):
                if hasattr(inner, "eqns"):
                    yield from _tracebacks(getattr(inner, "jaxpr", inner))


def owned_models(fn: Any, args: Any, kwargs: Any, kind: type) -> list[Any]:
    """Return the bound models among the arguments of a body, also those that transform has fixed."""
    while isinstance(fn, functools.partial):
        args, kwargs, fn = (args, fn.args), (kwargs, fn.keywords), fn.func
    leaves = jax.tree_util.tree_leaves((args, kwargs), is_leaf=lambda value: isinstance(value, kind))
    return [leaf for leaf in leaves if isinstance(leaf, kind)]


def check_bound(frame: Any, model: Any) -> None:
    """Raise if a body calls, in init, a bound model that is none of its arguments."""
    if any(model is other for other in frame.owned_models):
        return
    if any(isinstance(value, jax.core.Tracer) for value in model.params.values()):
        return  # an argument: init passes its arrays on as tracers
    raise StructureChangedError(
        f"the body called {model.model!r} with variables of its own, which are no part of this model: they would be "
        "neither trained nor saved, but be constants in it. Call the function itself in the body, pass the bound model "
        "to the body as an argument, or its params to the model's apply"
    ).with_page("state#what-a-body-must-not-do")
