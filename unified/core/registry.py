"""What was declared in a scope, in order, and the rule by which a later call is held to it.

`init` writes down each layer and module of a scope as an entry `(class, args, kwargs, name, base)`. A later call
almost always declares the same in the same order, so that one comparison with the next entry finds it; where it does
not, names are counted again and looked up (`unified.core.scope`).
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from unified.core.errors import StructureChangedError

__all__ = ["AnyLayer", "Declared", "Entry", "GivenTo", "Opaque", "Variable", "check_same", "describe_call", "freeze"]


class Entry(NamedTuple):
    """One layer or module of a scope."""

    cls: Any
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    name: str
    base: str


# A plan holds plain tuples, which Python indexes faster than named ones; its last entry is equal to nothing.
Plan = list[tuple[Any, tuple[Any, ...], dict[str, Any], str, str]]

END: tuple[Any, tuple[Any, ...], dict[str, Any], str, str] = (None, (), {}, "", "")

# The plan of a scope that cannot be replayed.
NO_PLAN: Plan = [END]


class Variable(NamedTuple):
    """What a scope says of one of its own variables; its path is the scope's and `name`."""

    name: str
    shape: tuple[int, ...]
    dtype: str
    collection: str
    trainable: bool


class AnyLayer:
    """Stands for a layer among the arguments of a container: what it is, its own entry says."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, AnyLayer) or callable(other)

    def __hash__(self) -> int:
        return hash(AnyLayer)

    def __repr__(self) -> str:
        return "<a layer>"


class GivenTo(NamedTuple):
    """Stands in a plan for the class of a layer that was given to a container layer, which names it."""

    cls: Any
    path: str  # where the container has it
    released: bool  # whether its first name was given out again


class Declared:
    """The entries, variables and method scopes of one scope."""

    __slots__ = ("arguments", "branches", "by_name", "plan", "references", "reserved", "variables", "written")

    def __init__(self) -> None:
        self.plan: Plan = [END]
        self.by_name: dict[str, Entry] = {}
        self.variables: dict[str, Variable] = {}
        self.reserved: set[str] = set()
        self.written: set[str] = set()  # the names of the state that the body sets
        # Of each choice, where in the plan its branches start and the last ends, and the number of choices then.
        self.branches: dict[int, tuple[tuple[int, int], ...]] = {}
        self.arguments: dict[str, Any] = {}  # what a module was constructed with
        self.references: dict[str, str] = {}  # those of its arguments that stand elsewhere, with their paths

    def add(self, entry: Entry) -> None:
        """Writes down `entry`, after the ones before it."""
        self.by_name[entry.name] = entry
        self.plan.insert(-1, tuple(entry))

    def give(self, entry: Entry, path: str, released: bool) -> None:
        """Notes that a layer was given to a container, which has it at `path`."""
        position = self.plan.index(tuple(entry))
        self.plan[position] = (GivenTo(entry.cls, path, released), *entry[1:])

    def move(self, old: str, new: str) -> None:
        """Notes that the container at `old` was given to another, which has it at `new`, with all that it holds."""
        for position, entry in enumerate(self.plan):
            cls = entry[0]
            if type(cls) is GivenTo and cls.path.startswith(f"{old}/"):
                self.plan[position] = (cls._replace(path=new + cls.path[len(old) :]), *entry[1:])

    def gives(self, cls: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> bool:
        """Whether a layer that was asked for so was given to a container."""
        asked = (args, kwargs)
        return any(type(known) is GivenTo and known.cls is cls and (a, k) == asked for known, a, k, *_ in self.plan)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Declared):
            return NotImplemented
        return all(getattr(self, slot) == getattr(other, slot) for slot in self.__slots__)

    __hash__ = None  # type: ignore[assignment]


PLAIN = frozenset({int, float, bool, str, type(None)})


class Opaque:
    """Stands for an argument that has no useful equality: equal to any that is described the same."""

    __slots__ = ("description",)

    def __init__(self, description: tuple[Any, ...]) -> None:
        self.description = description

    def __eq__(self, other: object) -> bool:
        return self.description == (other.description if isinstance(other, Opaque) else _describe(other))

    def __hash__(self) -> int:
        return hash(self.description)

    def __repr__(self) -> str:
        return f"<{' '.join(map(str, self.description))}>"


def _describe(value: Any) -> tuple[Any, ...] | None:
    """What is compared of an array or a callable; `None` for a value that is compared itself."""
    if hasattr(value, "shape") and hasattr(value, "dtype"):
        return "array", str(value.dtype), tuple(value.shape)
    if callable(value):
        return "callable", getattr(value, "__module__", ""), getattr(value, "__qualname__", type(value).__qualname__)
    return None


def freeze(value: Any, is_given: Callable[[int], bool] | None = None) -> Any:
    """`value`, with arrays and callables in it replaced by `Opaque`s, and lists and dicts copied.

    A layer that is given to a container, by its identity, becomes an `AnyLayer`.
    """
    if type(value) in PLAIN:
        return value
    if is_given is not None and is_given(id(value)):
        return AnyLayer()
    if isinstance(value, tuple) and type(value) is tuple:
        return tuple(freeze(item, is_given) for item in value)
    if isinstance(value, list):
        return [freeze(item, is_given) for item in value]
    if isinstance(value, dict):
        return {key: freeze(item, is_given) for key, item in value.items()}
    description = _describe(value)
    return value if description is None else Opaque(description)


def describe_call(cls: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> str:
    """The call as its author would have written it: `Linear(10, 64, bias=False)`."""
    parts = [repr(freeze(arg)) for arg in args] + [f"{key}={freeze(value)!r}" for key, value in kwargs.items()]
    return f"{getattr(cls, '__name__', cls)}({', '.join(parts)})"


def check_same(path: str, entry: Entry, cls: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    """Raises `StructureChangedError` unless the call declares what `entry` does."""
    if entry.cls is cls and entry.args == args and entry.kwargs == kwargs:
        return
    raise StructureChangedError(
        f"{path!r} was registered by init as {describe_call(entry.cls, entry.args, entry.kwargs)}, and this call asks "
        f"for {describe_call(cls, args, kwargs)}: a model's structure is fixed by init. Make what changes from call to "
        "call an argument of a function in unified.functional, or init again"
    )
