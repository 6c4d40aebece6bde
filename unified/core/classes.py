"""Classes compared by name: a class that a notebook cell, `importlib.reload` or a function defines anew is the same.

Records of init refer to the classes of layers and modules. They are equal if their module and qualified name are, and
pickled by that name, so that params outlive the definition of a class.
"""

import importlib
import sys
from typing import Any, NamedTuple

__all__ = ["AbsentClass", "ClassName", "find_class", "key_of", "name_of", "same_class"]


class ClassName(NamedTuple):
    """The name by which a class is pickled."""

    module: str
    qualname: str


class AbsentClass:
    """A stand-in for a class of a pickle that cannot be imported here."""

    def __init__(self, name: ClassName) -> None:
        self.__module__, self.__qualname__ = name
        self.__name__ = name.qualname.rpartition(".")[2]

    def __repr__(self) -> str:
        return f"<class {self.__module__}.{self.__qualname__}, which cannot be imported>"


def key_of(value: Any) -> Any:
    """Return the name of a class, which is equal for all definitions of it; other values as they are."""
    return ClassName(value.__module__, value.__qualname__) if isinstance(value, (type, AbsentClass)) else value


def same_class(one: Any, other: Any) -> bool:
    """Return whether two classes are the same: one object, or of one module and qualified name."""
    return one is other or (
        isinstance(one, (type, AbsentClass)) and isinstance(other, (type, AbsentClass)) and key_of(one) == key_of(other)
    )


def name_of(cls: type) -> str:
    """Return the full name of a class, for messages about two classes with one short name."""
    return f"{cls.__module__}.{cls.__qualname__}"


def find_class(name: ClassName) -> Any:
    """Return the class of that name, imported if need be; an `AbsentClass` if there is none."""
    try:
        value: Any = sys.modules.get(name.module) or importlib.import_module(name.module)
        for part in name.qualname.split("."):
            value = getattr(value, part)
    except (ImportError, AttributeError, ValueError):
        return AbsentClass(name)
    return value
