"""`ScopeRecord`: what init records of a scope, and the checks of later calls against it.

Init records each layer and module of a scope as `(class, args, kwargs, name, base)`, in order. A later call almost
always declares the same in the same order, and one comparison with the next record finds the layer: this is how calls
replay the recording. Where a call differs, names are counted again and looked up (`unified.core.scope`).
"""

import copy
from collections.abc import Callable, Iterator
from enum import Enum
from typing import Any, NamedTuple

from unified.core.classes import ClassName, find_class, key_of, name_of, same_class
from unified.core.errors import StructureChangedError
from unified.core.naming import join
from unified.core.stacks import StackForm

__all__ = [
    "NOT_RECORDED",
    "REPLACED",
    "LayerPlaceholder",
    "LayerRecord",
    "MovedInto",
    "OpaqueArgument",
    "Recording",
    "ScopeRecord",
    "VariableRecord",
    "check_same",
    "describe_call",
    "freeze",
    "with_class",
]


class LayerRecord(NamedTuple):
    """A layer or module of a scope: the call that declares it, its name, and the name without its number."""

    cls: Any
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    name: str
    base: str


# A recording contains plain tuples, which Python indexes faster than named ones. The last is equal to no call.
Recording = list[tuple[Any, tuple[Any, ...], dict[str, Any], str, str]]

END: tuple[Any, tuple[Any, ...], dict[str, Any], str, str] = (None, (), {}, "", "")

# The recording of a scope that cannot be replayed.
NOT_RECORDED: Recording = [END]

# The recording of a scope in whose place the user has put a native module.
REPLACED: Recording = [END]


class VariableRecord(NamedTuple):
    """A variable that a body created in a scope; its path is that of the scope and `name`."""

    name: str
    shape: tuple[int, ...]
    dtype: str
    collection: str
    trainable: bool


class LayerPlaceholder:
    """The placeholder for a layer in the recorded arguments of a container; the layer has its own record."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, LayerPlaceholder) or callable(other)

    def __hash__(self) -> int:
        return hash(LayerPlaceholder)

    def __repr__(self) -> str:
        return "<a layer>"


class MovedInto(NamedTuple):
    """The placeholder in a recording for the class of a layer that moved into a container, which names it."""

    cls: Any
    path: str  # in the container
    is_released: bool  # whether its first name became free


class ScopeRecord:
    """The layers, modules, variables and method scopes of one scope.

    Attributes:
        recording: the records of its layers and modules, in order.
        by_name: the same records by name, without layers that moved into a container.
        variables: the records of variables that the body itself created, by name.
        reserved: the names of variables and method scopes, which no layer may use.
        written: the names of the state that the body sets.
        branches: for each choice between branches, the positions in `recording` where the branches start and where
            the last one ends, each with the number of choices so far.
        arguments: the constructor arguments of a module.
        references: the paths of those arguments that are modules or layers declared elsewhere.
        stack: how the variables of the scope are kept, if a transform runs it once for each of several slices.
    """

    __slots__ = (
        "arguments",
        "branches",
        "by_name",
        "recording",
        "references",
        "reserved",
        "stack",
        "variables",
        "written",
    )

    def __init__(self) -> None:
        self.recording: Recording = [END]
        self.by_name: dict[str, LayerRecord] = {}
        self.variables: dict[str, VariableRecord] = {}
        self.reserved: set[str] = set()
        self.written: set[str] = set()
        self.branches: dict[int, tuple[tuple[int, int], ...]] = {}
        self.arguments: dict[str, Any] = {}
        self.references: dict[str, str] = {}
        self.stack: StackForm | None = None

    def add(self, layer: LayerRecord) -> None:
        """Append the record of a layer or module."""
        self.by_name[layer.name] = layer
        self.recording.insert(-1, tuple(layer))

    def move_layer(self, layer: LayerRecord, path: str, is_released: bool) -> None:
        """Record that a layer moved into a container, where its path is `path`."""
        position = self.recording.index(tuple(layer))
        self.recording[position] = (MovedInto(layer.cls, path, is_released), *layer[1:])

    def move_container(self, old: str, new: str) -> None:
        """Record that the container at `old` itself moved into another container, to `new`."""
        for position, (cls, *rest) in enumerate(self.recording):
            if type(cls) is MovedInto and f"{cls.path}/".startswith(f"{old}/"):  # a layer can have its path
                moved = cls._replace(path=new + cls.path[len(old) :])
                self.recording[position] = (moved, *rest)  # type: ignore[assignment]

    def is_moved(self, cls: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> bool:
        """Return whether the layer that this call declared moved into a container."""
        call = (args, kwargs)
        return any(type(c) is MovedInto and same_class(c.cls, cls) and (a, k) == call for c, a, k, *_ in self.recording)

    def calls(self, path: str) -> Iterator[tuple[str, Any, tuple[Any, ...], dict[str, Any]]]:
        """Yield the path, the class and the arguments of each layer and module of this scope, which is at `path`."""
        for cls, args, kwargs, name, _ in self.recording[:-1]:
            if isinstance(cls, MovedInto):
                yield cls.path, cls.cls, args, kwargs
            else:
                yield join(path, name), cls, args, kwargs

    def __getstate__(self) -> dict[str, Any]:
        """Return the state for a pickle, with the names of classes in place of classes."""
        state = {slot: getattr(self, slot) for slot in self.__slots__}
        return {**state, **_with_classes(self, key_of)}

    def __setstate__(self, state: Any) -> None:
        if isinstance(state, tuple):  # a pickle of an earlier version, with the classes themselves
            state = state[1]
        self.stack = None  # which earlier versions did not record
        for slot, value in state.items():
            setattr(self, slot, value)
        for slot, value in _with_classes(self, lambda c: find_class(c) if isinstance(c, ClassName) else c).items():
            setattr(self, slot, value)

    def __deepcopy__(self, memo: dict[int, Any]) -> "ScopeRecord":
        twin = ScopeRecord()
        for slot in self.__slots__:
            setattr(twin, slot, copy.deepcopy(getattr(self, slot), memo))
        return twin

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, ScopeRecord):
            return NotImplemented
        return self is other or self.__getstate__() == other.__getstate__()

    __hash__ = None  # type: ignore[assignment]


def with_class(entry: tuple[Any, ...], of_class: Callable[[Any], Any]) -> tuple[Any, ...]:
    """Return an entry of a recording with `of_class(cls)` in place of its class."""
    cls, *rest = entry
    return (cls._replace(cls=of_class(cls.cls)) if isinstance(cls, MovedInto) else of_class(cls), *rest)


def _with_classes(record: ScopeRecord, of_class: Callable[[Any], Any]) -> dict[str, Any]:
    """Return the two slots of a record that refer to classes, with `of_class(cls)` in place of each class."""
    return {
        "recording": [with_class(entry, of_class) for entry in record.recording],
        "by_name": {name: LayerRecord(*with_class(layer, of_class)) for name, layer in record.by_name.items()},
    }


PLAIN = frozenset({int, float, bool, str, type(None)})


class OpaqueArgument:
    """The placeholder for an argument without a useful equality: equal to any argument of the same description."""

    __slots__ = ("description",)

    def __init__(self, description: tuple[Any, ...]) -> None:
        self.description = description

    def __eq__(self, other: object) -> bool:
        return self.description == (other.description if isinstance(other, OpaqueArgument) else _describe(other))

    def __hash__(self) -> int:
        return hash(self.description)

    def __repr__(self) -> str:
        return f"<{' '.join(map(str, self.description))}>"


def _describe(value: Any) -> tuple[Any, ...] | None:
    """Return the description by which a value is compared that is an array, callable or of a class without equality.

    `None` for a value with a useful equality.
    """
    if isinstance(value, Enum) or type(value).__name__ == "dtype":  # of which there is one for each value
        return None
    if hasattr(value, "shape") and hasattr(value, "dtype") and not isinstance(value, type):
        return "array", str(value.dtype), tuple(value.shape)
    if callable(value):
        return "callable", getattr(value, "__module__", ""), getattr(value, "__qualname__", type(value).__qualname__)
    if type(value).__eq__ is object.__eq__:
        return "object", type(value).__module__, type(value).__qualname__
    return None


def freeze(value: Any, is_layer: Callable[[int], bool] | None = None) -> Any:
    """Return a copy of an argument for a record: what `_describe` describes becomes an `OpaqueArgument`.

    A value becomes a `LayerPlaceholder` if `is_layer(id(value))`.
    """
    if type(value) in PLAIN:
        return value
    if is_layer is not None and is_layer(id(value)):
        return LayerPlaceholder()
    if isinstance(value, tuple) and type(value) is tuple:
        return tuple(freeze(item, is_layer) for item in value)
    if isinstance(value, list):
        return [freeze(item, is_layer) for item in value]
    if isinstance(value, dict):
        return {key: freeze(item, is_layer) for key, item in value.items()}
    description = _describe(value)
    return value if description is None else OpaqueArgument(description)


def describe_call(cls: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> str:
    """Return the call as source code: `Linear(10, 64, bias=False)`."""
    parts = [repr(freeze(arg)) for arg in args] + [f"{key}={freeze(value)!r}" for key, value in kwargs.items()]
    return f"{getattr(cls, '__name__', cls)}({', '.join(parts)})"


def check_same(path: str, layer: LayerRecord, cls: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    """Raise `StructureChangedError` unless the call declares the recorded layer."""
    if same_class(layer.cls, cls) and layer.args == args and layer.kwargs == kwargs:
        return
    registered, asked = describe_call(layer.cls, layer.args, layer.kwargs), describe_call(cls, args, kwargs)
    if registered == asked and isinstance(cls, type):
        registered, asked = f"{registered} of {name_of(layer.cls)}", f"{asked} of {name_of(cls)}"
    raise StructureChangedError(
        f"{path!r} was registered by init as {registered}, and this call asks "
        f"for {asked}: a model's structure is fixed by init. For an argument "
        "that changes from call to call use a function of unified.functional; otherwise init again"
    )
