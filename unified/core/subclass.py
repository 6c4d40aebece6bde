"""A user's subclass of a layer, joined with the class that computes the layer on a backend."""

import functools
from collections.abc import Callable
from typing import Any

from unified.core.scope import Scope, current

__all__ = ["mixed_class", "once_per_class"]


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
        current.scope = Scope(outer.frame, node_of(self), self._path, self, "forward")
        try:
            return super(mixed, self).forward(*args, **kwargs)
        finally:
            current.scope = outer

    methods = {"__new__": __new__, "__init__": __init__, "forward": forward}
    attributes = {name: getattr(cls, name) for name in ("__module__", "__qualname__", "__doc__")}
    mixed: Any = type(cls.__name__, (cls, base), {**methods, **attributes, **members})
    return mixed
