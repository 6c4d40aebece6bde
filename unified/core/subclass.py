"""A user's subclass of a layer, joined with the class that computes the layer on a backend."""

from collections.abc import Callable
from typing import Any

from unified.core.scope import Scope, current

__all__ = ["mixed_class"]


def mixed_class(cls: type, base: type, node_of: Callable[[Any], Any], **members: Any) -> type:
    """A class with the methods of the user's `cls`, whose `super()` reaches the backend's class `base`.

    Args:
        cls: derived from the declaration of a layer, which has no `__init__` and no `forward` of its own.
        base: what computes that layer; its instances have `_path`.
        node_of: returns the node of an instance, which holds the variables that its `forward` asks for.
        members: further methods of the class.
    """

    def __new__(kind: type, *args: Any, **kwargs: Any) -> Any:
        return object.__new__(kind)

    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:
        """Does nothing: Python calls it whenever `cls(...)` finds an instance again."""

    def forward(self: Any, *args: Any, **kwargs: Any) -> Any:
        outer = current.scope
        if outer is None:  # a torch layer that is called by itself
            return super(mixed, self).forward(*args, **kwargs)
        current.scope = Scope(outer.frame, node_of(self), self._path, self, "forward")
        try:
            return super(mixed, self).forward(*args, **kwargs)
        finally:
            current.scope = outer

    own = {"__new__": __new__, "__init__": __init__, "forward": forward}
    named = {name: getattr(cls, name) for name in ("__module__", "__qualname__", "__doc__")}
    mixed: Any = type(cls.__name__, (cls, base), {**own, **named, **members})
    return mixed
