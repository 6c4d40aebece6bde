"""What an attribute of a module keeps: lists and dicts of modules become the containers that torch registers."""

from typing import Any

from unified.core import backends
from unified.core.pages import end_with_link
from unified.nn.construction import Construction, current, objects_here, objects_of
from unified.nn.containers import ModuleDict, ModuleList, ParameterDict, ParameterList
from unified.nn.declare import is_declaration
from unified.nn.module import Module

__all__ = ["converted", "kind_of", "refuse_foreign"]

# Values of attributes that are no modules, which most are.
PLAIN = frozenset({bool, int, float, complex, str, bytes, type(None)})


def kind_of(value: Any) -> str:
    """Return whether `value` is a `"module"`, a `"parameter"`, holds some (`"mixed"`), or is neither (`""`)."""
    if isinstance(value, Module):
        return "module"
    if type(value) in (list, tuple, dict):
        kinds = {kind_of(item) for item in (value.values() if type(value) is dict else value)}
        return "mixed" if kinds - {""} else ""
    return "parameter" if is_declaration(value) and value.pending is not None else ""


def converted(owner: str, name: str, value: Any) -> Any:
    """Return a list, tuple or dict of modules as a container of them, one of parameters too, and any other as it is.

    PyTorch would leave such modules out of the network without an error. Raises `TypeError` for modules among other
    values, or in nested lists, which have no names.
    """
    items = list(value.values()) if type(value) is dict else list(value)
    kinds = {kind_of(item) for item in items}
    if not kinds - {""}:
        return value
    is_named = type(value) is dict and all(isinstance(key, str) for key in value)
    if kinds == {"module"} and (is_named or type(value) is not dict):
        return _made(ModuleDict, value) if is_named else _made(ModuleList, items)
    if kinds == {"parameter"} and (is_named or type(value) is not dict):
        return _made(ParameterDict, value) if is_named else _made(ParameterList, items)
    raise TypeError(
        f"{owner}.{name} is a {type(value).__name__} in which modules or parameters stand among other values or within "
        "lists, where they have no names: make it a nn.ModuleList or nn.ModuleDict of modules alone (which nest), or "
        "keep the other values in another attribute"
    )


def refuse_foreign(owner: str, name: str, value: Any, framework: str) -> None:
    """Raise `TypeError` if an attribute of a network on `framework` is, or holds, a module of another framework.

    Its variables would be none of the network's: neither saved nor trained, and missing from a checkpoint.
    """
    kind = type(value)
    if kind in PLAIN:
        return
    if kind in (list, tuple, dict):
        for key, item in value.items() if kind is dict else enumerate(value):
            refuse_foreign(owner, f"{name}[{key!r}]", item, framework)
        return
    for objects in objects_of(value):
        if objects.name != framework and objects.is_module(value):
            cls = getattr(kind, "_user_class", kind)
            cure = (
                f"make it in the constructor, or by unified.build(..., backend={framework!r})"
                if cls is not kind
                else "take the class from unified.nn (`import unified.nn as nn`, then nn.Linear, nn.ModuleList, ...), "
                "or derive your own from unified.nn.Module"
            )
            raise TypeError(
                end_with_link(
                    f"{owner}.{name} is a {cls.__module__}.{cls.__qualname__}, a module of {objects.name}, and this "
                    f"network is on {framework}: its variables would be left out. To keep them, {cure}",
                    "port_torch#what-to-change",
                )
            )


def _made(cls: Any, items: Any) -> Any:
    """Return a container for the framework of the items."""
    first = next(iter(items.values())) if type(items) is dict else items[0]
    objects = next(objects_of(first), None) or objects_here()
    construction = current.construction or Construction(backends.load(objects.name), (0, 0))
    return objects.construct(cls, construction, (items,), {})
