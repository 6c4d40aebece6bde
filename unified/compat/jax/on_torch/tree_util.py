"""`jax.tree_util` without JAX: trees of tuples, lists, dicts, named tuples and registered classes.

As on JAX, `None` is a tree without leaves, and dicts are walked in the order of their sorted keys.

Source: https://docs.jax.dev/en/latest/pytrees.html
"""

import collections
import functools
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from unified.compat.jax import pytrees
from unified.compat.jax.keys import DictKey, FlattenedIndexKey, GetAttrKey, SequenceKey, keystr
from unified.compat.jax.on_torch.behaviour import Behaviour

__all__ = [
    "DictKey",
    "FlattenedIndexKey",
    "GetAttrKey",
    "Partial",
    "PyTreeDef",
    "SequenceKey",
    "all_leaves",
    "keystr",
    "tree_all",
    "tree_broadcast",
    "tree_flatten",
    "tree_flatten_with_path",
    "tree_leaves",
    "tree_leaves_with_path",
    "tree_map",
    "tree_map_with_path",
    "tree_reduce",
    "tree_structure",
    "tree_transpose",
    "tree_unflatten",
    "treedef_children",
    "treedef_is_leaf",
    "treedef_tuple",
]

BEHAVIOUR = Behaviour(on_arrays=True)

Partial = pytrees.Partial


class Kind(NamedTuple):
    """How trees of one class are taken apart and put together."""

    flatten: Callable[[Any], tuple[Any, Any]]  # children, static data
    unflatten: Callable[[Any, Any], Any]  # of the data and children
    keys: Callable[[Any], list[Any]]  # those of the children in paths


def _sorted(keys: Any) -> list[Any]:
    try:
        return sorted(keys)
    except TypeError:
        return list(keys)


def _dict_parts(tree: dict[Any, Any]) -> tuple[Any, Any]:
    keys = _sorted(tree)
    return [tree[key] for key in keys], tuple(keys)


def _dict_keys(tree: dict[Any, Any]) -> list[Any]:
    return [DictKey(key) for key in _sorted(tree)]


def _sequence(make: Callable[[Any], Any]) -> Kind:
    return Kind(
        lambda tree: (tree, len(tree)),
        lambda _, children: make(children),
        lambda tree: [SequenceKey(place) for place in range(len(tree))],
    )


KINDS: dict[type, Kind] = {
    tuple: _sequence(tuple),
    list: _sequence(list),
    dict: Kind(_dict_parts, lambda keys, children: dict(zip(keys, children, strict=True)), _dict_keys),
    collections.OrderedDict: Kind(
        lambda tree: (list(tree.values()), tuple(tree)),
        lambda keys, children: collections.OrderedDict(zip(keys, children, strict=True)),
        lambda tree: [DictKey(key) for key in tree],
    ),
    collections.defaultdict: Kind(
        lambda tree: (_dict_parts(tree)[0], (tree.default_factory, tuple(_sorted(tree)))),
        lambda data, children: collections.defaultdict(data[0], zip(data[1], children, strict=True)),
        _dict_keys,
    ),
    type(None): Kind(lambda tree: ((), None), lambda _, children: None, lambda tree: []),
}


def _kind(tree: Any) -> Kind | None:
    cls = type(tree)
    found = KINDS.get(cls)
    if found is None:
        entry = pytrees.CLASSES.get(cls)
        if entry is not None:
            found = KINDS[cls] = _of_registered(entry)
        elif isinstance(tree, tuple) and hasattr(cls, "_fields"):
            found = KINDS[cls] = Kind(
                lambda tree: (tree, len(tree)),
                lambda _, children: cls(*children),
                lambda tree: [GetAttrKey(name) for name in tree._fields],
            )
    return found


def _of_registered(entry: Any) -> Kind:
    def flatten(tree: Any) -> tuple[Any, Any]:
        children, data = entry.flatten(tree)
        return tuple(children), data

    def keys(tree: Any) -> list[Any]:
        if entry.with_keys is not None:
            return [key for key, _ in entry.with_keys(tree)[0]]
        return [FlattenedIndexKey(place) for place in range(len(flatten(tree)[0]))]

    return Kind(flatten, entry.unflatten, keys)


class PyTreeDef:
    """The structure of a tree: `cls` and what belongs to it, or a leaf."""

    __slots__ = ("children_", "cls", "data", "num_leaves")

    def __init__(self, cls: Any, data: Any, children: tuple["PyTreeDef", ...]) -> None:
        self.cls, self.data, self.children_ = cls, data, children
        self.num_leaves: int = 1 if cls is LEAF else sum([child.num_leaves for child in children])

    @property
    def num_nodes(self) -> int:
        return 1 + sum(child.num_nodes for child in self.children_)

    def children(self) -> list["PyTreeDef"]:
        return list(self.children_)

    def node_data(self) -> Any:
        return None if self.cls is LEAF else (self.cls, self.data)

    def unflatten(self, leaves: Any) -> Any:
        leaves = list(leaves)
        if len(leaves) != self.num_leaves:
            raise ValueError(f"a tree of {self.num_leaves} leaves cannot be made of {len(leaves)}: {self}")
        return self._built(iter(leaves))

    def _built(self, leaves: Iterator[Any]) -> Any:
        if self.cls is LEAF:
            return next(leaves)
        return KINDS[self.cls].unflatten(self.data, [child._built(leaves) for child in self.children_])

    def flatten_up_to(self, tree: Any) -> list[Any]:
        """The subtrees of `tree` where this structure has leaves."""
        found: list[Any] = []
        self._collect(tree, found)
        return found

    def _collect(self, tree: Any, found: list[Any]) -> None:
        if self.cls is LEAF:
            found.append(tree)
            return
        kind = _kind(tree)
        if kind is None or not _alike(type(tree), self.cls):
            raise ValueError(f"expected a {self.cls.__name__} in the tree, got {type(tree).__name__}: {tree!r}")
        children, data = kind.flatten(tree)
        if len(children) != len(self.children_) or (data != self.data and self.cls is not collections.defaultdict):
            raise ValueError(f"trees differ: expected {self}, got {tree_structure(tree)}")
        for child, own in zip(children, self.children_, strict=True):
            own._collect(child, found)

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, PyTreeDef)
            and self.cls is other.cls
            and bool(self.data == other.data)
            and self.children_ == other.children_
        )

    def __hash__(self) -> int:
        return hash((self.cls, self.children_))

    def __repr__(self) -> str:
        return f"PyTreeDef({self._text()})"

    def _text(self) -> str:
        if self.cls is LEAF:
            return "*"
        inner = [child._text() for child in self.children_]
        if self.cls is type(None):
            return "None"
        if self.cls is tuple:
            return f"({', '.join(inner)}{',' if len(inner) == 1 else ''})"
        if self.cls is list:
            return f"[{', '.join(inner)}]"
        if self.cls is dict:
            return "{" + ", ".join(f"{key!r}: {text}" for key, text in zip(self.data, inner, strict=True)) + "}"
        return f"{self.cls.__name__}({', '.join(inner)})"


class LEAF:
    """The class of the structure of a leaf."""


STAR = PyTreeDef(LEAF, None, ())


def _alike(a: type, b: type) -> bool:
    return a is b or {a, b} <= {dict, collections.defaultdict, collections.OrderedDict}


def _flatten(tree: Any, leaves: list[Any], is_leaf: Any) -> PyTreeDef:
    if is_leaf is not None and is_leaf(tree):
        leaves.append(tree)
        return STAR
    kind = _kind(tree)
    if kind is None:
        leaves.append(tree)
        return STAR
    children, data = kind.flatten(tree)
    return PyTreeDef(type(tree), data, tuple([_flatten(child, leaves, is_leaf) for child in children]))


def tree_flatten(tree: Any, is_leaf: Any = None) -> tuple[list[Any], PyTreeDef]:
    leaves: list[Any] = []
    structure = _flatten(tree, leaves, is_leaf)
    return leaves, structure


def tree_leaves(tree: Any, is_leaf: Any = None) -> list[Any]:
    leaves: list[Any] = []
    _gather(tree, leaves, is_leaf)
    return leaves


def _gather(tree: Any, leaves: list[Any], is_leaf: Any) -> None:
    kind = None if is_leaf is not None and is_leaf(tree) else _kind(tree)
    if kind is None:
        leaves.append(tree)
    else:
        for child in kind.flatten(tree)[0]:
            _gather(child, leaves, is_leaf)


def tree_structure(tree: Any, is_leaf: Any = None) -> PyTreeDef:
    return tree_flatten(tree, is_leaf)[1]


def tree_unflatten(treedef: PyTreeDef, leaves: Any) -> Any:
    return treedef.unflatten(leaves)


def tree_map(f: Callable[..., Any], tree: Any, *rest: Any, is_leaf: Any = None) -> Any:
    leaves, structure = tree_flatten(tree, is_leaf)
    columns = [leaves, *(structure.flatten_up_to(other) for other in rest)]
    return structure.unflatten([f(*row) for row in zip(*columns, strict=True)])


def map_in_order(f: Callable[[Any], Any], tree: Any) -> Any:
    """`tree_map` that keeps the order of dicts, and is faster."""
    if type(tree) is dict:
        return {key: map_in_order(f, value) for key, value in tree.items()}
    kind = _kind(tree)
    if kind is None:
        return f(tree)
    children, data = kind.flatten(tree)
    return kind.unflatten(data, [map_in_order(f, child) for child in children])


def tree_reduce(function: Any, tree: Any, *initializer: Any, is_leaf: Any = None) -> Any:
    return functools.reduce(function, tree_leaves(tree, is_leaf), *initializer)


def tree_all(tree: Any, *, is_leaf: Any = None) -> bool:
    return all(tree_leaves(tree, is_leaf))


def all_leaves(iterable: Any, is_leaf: Any = None) -> bool:
    return all(tree_structure(item, is_leaf) == STAR for item in iterable)


def tree_transpose(outer_treedef: PyTreeDef, inner_treedef: PyTreeDef | None, pytree_to_transpose: Any) -> Any:
    rows = outer_treedef.flatten_up_to(pytree_to_transpose)
    inner = tree_structure(rows[0]) if inner_treedef is None else inner_treedef
    columns = zip(*(inner.flatten_up_to(row) for row in rows), strict=True)
    return inner.unflatten([outer_treedef.unflatten(column) for column in columns])


def tree_broadcast(prefix_tree: Any, full_tree: Any, is_leaf: Any = None) -> Any:
    leaves, structure = tree_flatten(prefix_tree, is_leaf)
    parts = structure.flatten_up_to(full_tree)
    return structure.unflatten(
        [tree_map(lambda _, leaf=leaf: leaf, part) for leaf, part in zip(leaves, parts, strict=True)]
    )


def treedef_children(treedef: PyTreeDef) -> list[PyTreeDef]:
    return treedef.children()


def treedef_is_leaf(treedef: PyTreeDef) -> bool:
    return treedef.cls is LEAF


def treedef_tuple(treedefs: Any) -> PyTreeDef:
    parts = tuple(treedefs)
    return PyTreeDef(tuple, len(parts), parts)


def _with_path(tree: Any, path: tuple[Any, ...], found: list[Any], is_leaf: Any) -> None:
    kind = None if is_leaf is not None and is_leaf(tree) else _kind(tree)
    if kind is None:
        found.append((path, tree))
        return
    for key, child in zip(kind.keys(tree), kind.flatten(tree)[0], strict=True):
        _with_path(child, (*path, key), found, is_leaf)


def tree_leaves_with_path(tree: Any, is_leaf: Any = None) -> list[tuple[Any, Any]]:
    found: list[Any] = []
    _with_path(tree, (), found, is_leaf)
    return found


def tree_flatten_with_path(tree: Any, is_leaf: Any = None) -> tuple[list[tuple[Any, Any]], PyTreeDef]:
    return tree_leaves_with_path(tree, is_leaf), tree_structure(tree, is_leaf)


def tree_map_with_path(f: Callable[..., Any], tree: Any, *rest: Any, is_leaf: Any = None) -> Any:
    pairs, structure = tree_flatten_with_path(tree, is_leaf)
    columns = [structure.flatten_up_to(other) for other in rest]
    return structure.unflatten([f(*pair, *others) for pair, *others in zip(pairs, *columns, strict=True)])
