"""A user's subclass of a layer, joined with the class that computes the layer on a backend."""

import functools
from collections.abc import Callable
from typing import Any

from unified.core.fields import field_names, refuse_changes, snapshot
from unified.core.scope import Scope, current

__all__ = ["build", "mixed_class", "once_per_class"]


def once_per_class(fn: Callable[..., type]) -> Callable[..., type]:
    """Return `fn(cls, *args)` with a cache in each class, which lives no longer than the class."""
    name = f"_{fn.__name__}_of"

    @functools.wraps(fn)
    def cached(cls: type, *args: Any) -> type:
        results: dict[tuple[Any, ...], type] | None = cls.__dict__.get(name)
        if results is None:
            results = {}
            setattr(cls, name, results)
        return results.get(args) or results.setdefault(args, fn(cls, *args))

    return cached


def build(layer: Any, node: Any, init: Callable[[], None]) -> None:
    """Run `init`, the constructor of a user's subclass, in the scope of its layer, which names the layers built there.

    The names of those built later, in `forward`, come after them.
    """
    outer: Any = current.scope
    scope = current.scope = Scope(outer.frame, node, layer._path, layer, "__init__")
    earlier = frozenset(vars(layer))
    try:
        init()
    finally:
        current.scope = outer
    if scope.frame.initializing:
        layer.__dict__["_constructed"] = field_names(layer) - earlier
    if scope.names is not None:
        record = scope.frame.record_of(node)
        layer.__dict__["_built"] = 0 if record is None else len(record.recording) - 1
        if scope.live_layers is None:
            layer.__dict__["_names"] = scope.names


def _enter(outer: Scope, layer: Any, node: Any) -> Scope:
    """Return a scope for the `forward` of a layer, in which the names of its constructor are assigned."""
    scope = Scope(outer.frame, node, layer._path, layer, "forward")
    attributes = layer.__dict__
    if "_names" in attributes:
        scope.names = attributes["_names"].copy()
    elif "_built" in attributes:
        record = scope.frame.record_of(node)
        assert record is not None
        scope.skip(0, attributes["_built"], 0)
    return scope


def mixed_class(cls: type, base: type, node_of: Callable[[Any], Any], **members: Any) -> type:
    """Return a class with the methods of the user's `cls`, whose `super()` reaches the backend's class `base`.

    Args:
        cls: a subclass of a layer's declaration, which defines no `__init__` and no `forward`.
        base: the backend's class of that layer; its instances have a `_path`.
        node_of: a function from an instance to its node, in which `forward` finds its variables.
        members: further methods of the class.
    """

    def __new__(kind: type, *args: Any, **kwargs: Any) -> Any:
        return object.__new__(kind)

    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:
        """Do nothing: Python calls this also when `cls(...)` returns an existing instance."""

    def forward(self: Any, *args: Any, **kwargs: Any) -> Any:
        outer = current.scope
        if outer is None:  # a torch layer that is called outside a model
            return super(mixed, self).forward(*args, **kwargs)
        current.scope = _enter(outer, self, node_of(self))
        fields = snapshot(self) if outer.frame.initializing else None
        try:
            output = super(mixed, self).forward(*args, **kwargs)
        finally:
            current.scope = outer
        if fields is not None:
            refuse_changes(self._path, self, "forward", fields)
        return output

    methods = {"__new__": __new__, "__init__": __init__, "forward": forward}
    attributes = {name: getattr(cls, name) for name in ("__module__", "__qualname__", "__doc__")}
    mixed: Any = type(cls.__name__, (cls, base), {**methods, **attributes, **members})
    return mixed
