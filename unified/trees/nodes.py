"""Nodes of trees: what a framework sees of a module, its children and everything else.

A framework flattens a module into one child a field. Arrays are leaves; tuples, lists and dicts stay what they are, so
that key paths read as the code does (`.layers[0].weight`); and any other value stands in a `Static`, which is a node
without leaves, part of the structure that a compiler's cache compares.
"""

import functools
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType, ModuleType
from typing import Any, ClassVar, NamedTuple, Self

from unified.core import backends
from unified.core.pending import PendingVariable

__all__ = [
    "PARAMETER",
    "Items",
    "Kind",
    "Node",
    "Static",
    "child_items",
    "flatten",
    "foreign",
    "hidden_array",
    "is_array",
    "is_named_tuple",
    "kind_of",
    "leaves",
    "same",
    "unflatten",
    "wide",
]


class Kind(NamedTuple):
    """What `Params` know of a variable besides its array; `dtype` is declared for integers that JAX narrows."""

    collection: str = "params"
    trainable: bool = True
    metadata: Mapping[str, Any] = MappingProxyType({})
    dtype: str | None = None


PARAMETER = Kind()


def kind_of(variable: PendingVariable) -> Kind:
    """Return the kind of a variable that has no value yet."""
    return Kind(variable.collection, variable.trainable, dict(variable.metadata), wide(variable.dtype))


def wide(dtype: str | None) -> str | None:
    """Return a dtype that JAX narrows; `None` for others."""
    return dtype if dtype in ("int64", "uint64") else None


class Static:
    """A value of a tree that is no array: a part of the structure, compared by type and value."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Static) and same(self.value, other.value)

    def __hash__(self) -> int:
        return hash(_hashable(self.value))

    def __repr__(self) -> str:
        return repr(self.value)

    def __reduce__(self) -> Any:
        return Static, (self.value,)


class Items:
    """A dict whose order JAX would change: it sorts keys, and a module may run its parts in their order."""

    __slots__ = ("keys", "values")

    def __init__(self, keys: tuple[Any, ...], values: Any) -> None:
        self.keys = keys
        self.values = values

    @staticmethod
    def of(value: dict[Any, Any]) -> Any:
        """Return a dict as it is if its keys are sorted."""
        try:
            is_sorted = list(value) == sorted(value)
        except TypeError:  # keys of several types, which JAX refuses
            is_sorted = False
        return value if is_sorted else Items(tuple(value), list(value.values()))


def same(one: Any, other: Any) -> bool:
    """Return whether two static values are equal, down to their types: `1`, `1.0` and `True` differ."""
    if one is other:
        return True
    if type(one) is not type(other):
        return False
    if isinstance(one, (tuple, list)):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, Mapping):
        return list(one) == list(other) and all(same(value, other[name]) for name, value in one.items())
    return bool(one == other)


def _hashable(value: Any) -> Any:
    """Return a value whose hash is equal for equal static values."""
    if isinstance(value, (tuple, list)):
        return (type(value), *map(_hashable, value))
    if isinstance(value, Mapping):
        return (type(value), *((name, _hashable(item)) for name, item in value.items()))
    try:
        hash(value)
    except TypeError:
        return type(value)
    return type(value), value


class Node:
    """The base of all modules: how they are taken apart and put together again.

    Attributes:
        _inner: the name of the field whose value stands at the module's own path: of wrappers, whose variables are
            those of the module that they wrap.
    """

    _inner: ClassVar[str | None] = None

    def _children(self) -> dict[str, Any]:
        """Return the values of all fields by name; those of static ones in a `Static`."""
        raise NotImplementedError

    def _context(self) -> Static:
        """Return what the structure holds besides the children."""
        raise NotImplementedError

    def _restore(self, context: Static, values: dict[str, Any]) -> None:
        """Set the fields of a new instance."""
        raise NotImplementedError

    @classmethod
    def _names(cls, context: Static) -> tuple[str, ...]:
        """Return the names of the children."""
        raise NotImplementedError

    def _kind(self, name: str) -> Kind:
        """Return the kind of the variable at this path below the module."""
        raise NotImplementedError

    def _with(self, children: Mapping[str, Any]) -> Self:
        """Return the same module with other children, which are given by name and in order."""
        new = object.__new__(type(self))
        new._restore(self._context(), {name: _unwrapped(value) for name, value in children.items()})
        return new


def is_array(value: Any) -> bool:
    """Return whether a value is a leaf: an array of any framework, or what has the shape and the dtype of one."""
    return hasattr(value, "shape") and hasattr(value, "dtype") and not isinstance(value, (type, Node))


def is_named_tuple(value: Any) -> bool:
    """Return whether a value is a `NamedTuple`."""
    return isinstance(value, tuple) and hasattr(value, "_fields")


def foreign(value: Any) -> Any:
    """Return the trees of a framework that knows a value's class as a node; `None` if none does."""
    for backend in backends.loaded():
        if backend.trees.is_node(type(value)):
            return backend.trees
    return None


def leaves(value: Any) -> list[Any]:
    """Return what is no container in a tree."""
    items = child_items(value)
    return [value] if items is None else [leaf for _, item in items[0] for leaf in leaves(item)]


def child_items(value: Any) -> tuple[list[tuple[str, Any]], Callable[[list[Any]], Any]] | None:
    """Return the named parts of a container, and a function that puts new ones together; `None` for other values.

    Containers are tuples, lists, dicts, named tuples, modules, and the trees that other libraries have registered.
    """
    kind = type(value)
    if kind is tuple or kind is list:
        return [(str(position), item) for position, item in enumerate(value)], kind
    if kind is dict:
        names = list(value)
        return [(str(name), value[name]) for name in names], lambda items: dict(zip(names, items, strict=True))
    if isinstance(value, Node):
        node, fields = value, value._children()
        return list(fields.items()), lambda items: node._with(dict(zip(fields, items, strict=True)))
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return list(zip(value._fields, value, strict=True)), lambda items: kind(*items)
    if is_array(value) or kind in PLAIN:
        return None
    trees = foreign(value)
    if trees is None:
        return None
    leaves, structure = trees.flatten(value)
    return list(zip(trees.paths(value), leaves, strict=True)), functools.partial(trees.unflatten, structure)


PLAIN = frozenset({int, float, bool, str, bytes, complex, type(None), Static})


def _wrapped(value: Any) -> Any:
    """Return a value as frameworks flatten it: with a `Static` around each leaf that is no array."""
    kind = type(value)
    if kind is tuple or kind is list:
        return kind([_wrapped(item) for item in value])
    if kind is dict:
        return Items.of({name: _wrapped(item) for name, item in value.items()})
    if kind is Static or isinstance(value, Node) or is_array(value):
        return value
    if kind in PLAIN:
        return Static(value)
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return kind(*[_wrapped(item) for item in value])
    trees = foreign(value)
    if trees is None:
        return Static(value)
    leaves, structure = trees.flatten(value)
    return trees.unflatten(structure, [_wrapped(leaf) for leaf in leaves])


def _unwrapped(value: Any) -> Any:
    """Return the value that `_wrapped` wrapped."""
    kind = type(value)
    if kind is Static:
        return value.value
    if kind is tuple or kind is list:
        return kind([_unwrapped(item) for item in value])
    if kind is dict:
        return {name: _unwrapped(item) for name, item in value.items()}
    if kind is Items:
        return dict(zip(value.keys, map(_unwrapped, value.values), strict=True))
    if kind in PLAIN or isinstance(value, Node) or is_array(value):
        return value
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return kind(*[_unwrapped(item) for item in value])
    trees = foreign(value)
    return value if trees is None else trees.replace(value, Static, _value_of)


def _value_of(static: Static) -> Any:
    return static.value


def _is_odd(value: Any) -> bool:
    """Return whether a framework has put something else in the place of an array, such as an axis or `None`."""
    kind = type(value)
    if kind is Static or isinstance(value, Node) or is_array(value):
        return False
    if kind is tuple or kind is list:
        return any(_is_odd(item) for item in value)
    if kind is dict:
        return any(_is_odd(item) for item in value.values())
    if kind is Items:
        return any(_is_odd(item) for item in value.values)
    return not (isinstance(value, tuple) and hasattr(value, "_fields")) and (kind in PLAIN or foreign(value) is None)


def flatten(node: Node) -> tuple[list[Any], Static]:
    """Return the children of a module as a framework flattens them, and the rest."""
    replaced = node.__dict__.get("_odd")
    if replaced is not None:
        return list(replaced), node._context()
    return [_wrapped(value) for value in node._children().values()], node._context()


def unflatten(cls: type[Node], context: Static, values: Any) -> Any:
    """Return the module of a class with these children, whatever a framework puts in the place of arrays."""
    values = tuple(values)
    node = object.__new__(cls)
    node._restore(context, dict(zip(cls._names(context), [_unwrapped(value) for value in values], strict=True)))
    if any(_is_odd(value) for value in values):
        object.__setattr__(node, "_odd", values)
    return node


def hidden_array(value: Any, depth: int = 0) -> bool:
    """Return whether a static value holds an array where no framework looks for one."""
    if depth > 3 or type(value) in PLAIN or isinstance(value, (type, PendingVariable)):
        return isinstance(value, PendingVariable)
    if is_array(value) or isinstance(value, Node):
        return True
    items: Iterator[Any]
    if isinstance(value, functools.partial):
        items = iter((value.func, *value.args, *value.keywords.values()))
    elif isinstance(value, Mapping):
        items = iter(value.values())
    elif isinstance(value, (tuple, list, set, frozenset)):
        items = iter(value)
    elif callable(value) or not hasattr(value, "__dict__") or _is_of_library(value):
        return False
    else:
        items = iter(vars(value).values())
    return any(hidden_array(item, depth + 1) for item in items)


def _is_of_library(value: Any) -> bool:
    """Return whether a value is a module of Python, or an object of a framework, such as a mesh of devices."""
    package = type(value).__module__.partition(".")[0]
    return isinstance(value, ModuleType) or package in ("numpy", "jaxlib", *backends.known())
