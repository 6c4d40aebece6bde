"""Users' classes of `unified.nn` joined with classes that hold arrays of JAX."""

from typing import Any

from unified.backends.jax.objects.layer import LayerObject
from unified.core.subclass import once_per_class
from unified.nn.twin import Twin
from unified.nn.twin_containers import CONTAINERS

__all__ = ["JaxObject", "blank", "construct", "jax_class"]


class JaxObject(Twin):
    """A module on JAX."""


@once_per_class
def jax_class(cls: Any) -> type[JaxObject]:
    """Return the class of a user's objects: theirs, then what a layer or container has, then `JaxObject`."""
    kind: Any = type(cls)
    container = CONTAINERS.get(getattr(cls, "native_name", ""))
    parts = (
        (LayerObject,) if getattr(cls, "_declaration", None) is not None else () if container is None else (container,)
    )
    members: dict[str, Any] = {
        "__module__": cls.__module__,
        "__qualname__": cls.__qualname__,
        "__doc__": cls.__dict__.get("__doc__"),
    }
    members |= {"_user_class": cls, "__call__": JaxObject.__call__, "__reduce_ex__": JaxObject.__reduce_ex__}
    if not any("forward" in part.__dict__ for part in cls.__mro__):
        body = next((part.__dict__["__call__"] for part in cls.__mro__[:-1] if "__call__" in part.__dict__), None)
        if body is not None:
            members["forward"] = body
    return kind(cls.__name__, (cls, *parts, JaxObject), members)


def blank(cls: Any) -> Any:
    """Return an object whose constructor has not run."""
    module: Any = object.__new__(jax_class(cls))
    module._prepare()
    return module


def construct(cls: Any, construction: Any, args: Any, kwargs: Any) -> Any:
    """Return an object of a class of `unified.nn`, whose variables have no values yet."""
    module = blank(cls)
    construction.running.append(module)
    try:
        module.__init__(*args, **kwargs)
    finally:
        construction.running.pop()
    return module
