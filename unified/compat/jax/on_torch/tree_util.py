"""`jax.tree_util` without JAX: trees of tuples, lists, dicts, named tuples and registered classes.

As in JAX, `None` is a tree without leaves, and dicts are flattened in the order of their sorted keys.

Source: https://docs.jax.dev/en/latest/pytrees.html
"""

import collections
import functools
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch

from unified.compat.jax import pytrees
from unified.compat.jax.keys import DictKey, FlattenedIndexKey, GetAttrKey, SequenceKey, keystr
from unified.compat.jax.on_torch import foreign
from unified.compat.jax.on_torch.array import Array, WeakArray
from unified.compat.jax.on_torch.behaviour import Behaviour
from unified.compat.jax.on_torch.typed_keys import KeyArray
from unified.core.tree_nodes import CONTAINERS, Node

__all__ = [
    "DictKey",
    "FlattenedIndexKey",
    "GetAttrKey",
    "Partial",
    "PyTreeDef",
    "SequenceKey",
    "all_leaves",
    "flatten_one_level",
    "flatten_one_level_with_keys",
    "is_tree_node",
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
    "tree_reduce_associative",
    "tree_structure",
    "tree_transpose",
    "tree_unflatten",
    "treedef_children",
    "treedef_is_leaf",
    "treedef_tuple",
]

BEHAVIOUR = Behaviour(on_arrays=True)

Partial = pytrees.Partial


Kind = Node  # whose keys are those of key paths


def _with_keys(node: Node, key: Callable[[Any], Any]) -> Kind:
    return node._replace(keys=lambda tree: [key(each) for each in node.keys(tree)])


KINDS: dict[type, Kind] = {
    cls: _with_keys(node, SequenceKey if cls in (tuple, list) else DictKey) for cls, node in CONTAINERS.items()
}


LEAVES = frozenset({
    Array, WeakArray, KeyArray, torch.Tensor, torch.nn.Parameter, np.ndarray, int, float, bool, complex, str
})  # fmt: skip


def kind_of(tree: Any) -> Kind | None:
    """Return the functions of a tree's class; `None` for a leaf."""
    cls = type(tree)
    kind = KINDS.get(cls)
    if kind is None and cls not in LEAVES:
        entry = pytrees.CLASSES.get(cls)
        if entry is not None:
            kind = KINDS[cls] = _registered_kind(entry)
        elif isinstance(tree, tuple) and hasattr(cls, "_fields"):
            kind = KINDS[cls] = Kind(
                lambda tree: (tree, len(tree)),
                lambda _, children: cls(*children),
                lambda tree: [GetAttrKey(name) for name in tree._fields],
            )
        else:
            kind = foreign.kind(cls, Kind)
            if kind is not None:
                KINDS[cls] = kind
    return kind


def _registered_kind(entry: Any) -> Kind:
    def flatten(tree: Any) -> tuple[Any, Any]:
        children, data = entry.flatten(tree)
        return tuple(children), data

    def keys(tree: Any) -> list[Any]:
        if entry.with_keys is not None:
            return [key for key, _ in entry.with_keys(tree)[0]]
        return [FlattenedIndexKey(index) for index in range(len(flatten(tree)[0]))]

    return Kind(flatten, entry.unflatten, keys)


class PyTreeDef:
    """The structure of a tree: its class with static data and children, or a leaf."""

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
            raise ValueError(f"expected {self.num_leaves} leaves for the tree {self}, got {len(leaves)}")
        return self._build(iter(leaves))

    def _build(self, leaves: Iterator[Any]) -> Any:
        if self.cls is LEAF:
            return next(leaves)
        return KINDS[self.cls].unflatten(self.data, [child._build(leaves) for child in self.children_])

    def flatten_up_to(self, tree: Any) -> list[Any]:
        """Return the subtrees of `tree` where this structure has leaves."""
        subtrees: list[Any] = []
        self._collect(tree, subtrees)
        return subtrees

    def _collect(self, tree: Any, subtrees: list[Any]) -> None:
        if self.cls is LEAF:
            subtrees.append(tree)
            return
        kind = kind_of(tree)
        if kind is None or not _is_same_class(type(tree), self.cls):
            raise ValueError(f"expected a {self.cls.__name__} in the tree, got {type(tree).__name__}: {tree!r}")
        children, data = kind.flatten(tree)
        if len(children) != len(self.children_) or (data != self.data and self.cls is not collections.defaultdict):
            raise ValueError(f"trees differ: expected {self}, got {tree_structure(tree)}")
        for child, structure in zip(children, self.children_, strict=True):
            structure._collect(child, subtrees)

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


def _is_same_class(a: type, b: type) -> bool:
    """Return whether two classes of trees match; all classes of dicts do."""
    return a is b or {a, b} <= {dict, collections.defaultdict, collections.OrderedDict}


def _flatten(tree: Any, leaves: list[Any], is_leaf: Any) -> PyTreeDef:
    if is_leaf is not None and is_leaf(tree):
        leaves.append(tree)
        return STAR
    kind = kind_of(tree)
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
    _append_leaves(tree, leaves, is_leaf)
    return leaves


def _append_leaves(tree: Any, leaves: list[Any], is_leaf: Any) -> None:
    kind = None if is_leaf is not None and is_leaf(tree) else kind_of(tree)
    if kind is None:
        leaves.append(tree)
    else:
        for child in kind.flatten(tree)[0]:
            _append_leaves(child, leaves, is_leaf)


def tree_structure(tree: Any, is_leaf: Any = None) -> PyTreeDef:
    return tree_flatten(tree, is_leaf)[1]


def tree_unflatten(treedef: PyTreeDef, leaves: Any) -> Any:
    return treedef.unflatten(leaves)


def tree_map(f: Callable[..., Any], tree: Any, *rest: Any, is_leaf: Any = None) -> Any:
    leaves, structure = tree_flatten(tree, is_leaf)
    columns = [leaves, *(structure.flatten_up_to(other) for other in rest)]
    return structure.unflatten([f(*row) for row in zip(*columns, strict=True)])


def map_in_order(f: Callable[[Any], Any], tree: Any) -> Any:
    """Map a function over a tree like `tree_map`, but faster and in the order of dicts."""
    if type(tree) is dict:
        return {key: map_in_order(f, value) for key, value in tree.items()}
    kind = kind_of(tree)
    if kind is None:
        return f(tree)
    children, data = kind.flatten(tree)
    return kind.unflatten(data, [map_in_order(f, child) for child in children])


_NOTHING = object()


def tree_reduce(function: Any, tree: Any, initializer: Any = _NOTHING, is_leaf: Any = None) -> Any:
    start = () if initializer is _NOTHING else (initializer,)
    return functools.reduce(function, tree_leaves(tree, is_leaf), *start)


def tree_reduce_associative(operation: Any, tree: Any, *, identity: Any = _NOTHING, is_leaf: Any = None) -> Any:
    """Combine the leaves in pairs, the results in pairs, and so on: rounding grows with the depth alone."""
    values = tree_leaves(tree, is_leaf)
    if not values:
        if identity is _NOTHING:
            raise ValueError("tree_reduce_associative: a tree without leaves needs an identity")
        return identity
    while len(values) > 1:
        pairs = [operation(*values[place : place + 2]) for place in range(0, len(values) - 1, 2)]
        values = pairs + values[len(pairs) * 2 :]
    return values[0]


def is_tree_node(type_: type) -> bool:
    return type_ in KINDS or type_ in pytrees.CLASSES or foreign.kind(type_, Kind) is not None


def flatten_one_level(tree: Any) -> tuple[Any, Any]:
    kind = kind_of(tree)
    if kind is None:
        raise ValueError(f"{type(tree).__name__} is no tree: its class is not registered")
    children, data = kind.flatten(tree)
    return list(children), data


def flatten_one_level_with_keys(tree: Any) -> tuple[Any, Any]:
    children, data = flatten_one_level(tree)
    kind: Any = kind_of(tree)
    return list(zip(kind.keys(tree), children, strict=True)), data


def tree_all(tree: Any, *, is_leaf: Any = None) -> bool:
    return all(tree_leaves(tree, is_leaf))


def all_leaves(iterable: Any, is_leaf: Any = None) -> bool:
    return all(tree_structure(item, is_leaf) == STAR for item in iterable)


def tree_transpose(outer_treedef: PyTreeDef, inner_treedef: PyTreeDef | None, pytree_to_transpose: Any) -> Any:
    if inner_treedef is None:
        inner_treedef = tree_structure(outer_treedef.flatten_up_to(pytree_to_transpose)[0])
    leaves, structure = tree_flatten(pytree_to_transpose)
    outer, inner = outer_treedef.num_leaves, inner_treedef.num_leaves
    if len(leaves) != outer * inner:
        raise TypeError(
            f"tree_transpose takes {outer} trees of {inner} leaves, got {len(leaves)} leaves in all: expected "
            f"{outer_treedef} of {inner_treedef}, got {structure}"
        )
    return inner_treedef.unflatten([outer_treedef.unflatten(leaves[place::inner]) for place in range(inner)])


def tree_broadcast(prefix_tree: Any, full_tree: Any, is_leaf: Any = None) -> Any:
    leaves, structure = tree_flatten(prefix_tree, is_leaf)
    subtrees = structure.flatten_up_to(full_tree)
    return structure.unflatten(
        [tree_map(lambda _, leaf=leaf: leaf, subtree) for leaf, subtree in zip(leaves, subtrees, strict=True)]
    )


def treedef_children(treedef: PyTreeDef) -> list[PyTreeDef]:
    return treedef.children()


def treedef_is_leaf(treedef: PyTreeDef) -> bool:
    return treedef.cls is LEAF


def treedef_tuple(treedefs: Any) -> PyTreeDef:
    children = tuple(treedefs)
    return PyTreeDef(tuple, len(children), children)


def _flatten_with_path(
    tree: Any, path: tuple[Any, ...], pairs: list[Any], is_leaf: Callable[[tuple[Any, ...], Any], bool] | None
) -> PyTreeDef:
    kind = None if is_leaf is not None and is_leaf(path, tree) else kind_of(tree)
    if kind is None:
        pairs.append((path, tree))
        return STAR
    children, data = kind.flatten(tree)
    keyed = zip(kind.keys(tree), children, strict=True)
    return PyTreeDef(
        type(tree), data, tuple([_flatten_with_path(child, (*path, key), pairs, is_leaf) for key, child in keyed])
    )


def tree_flatten_with_path(
    tree: Any, is_leaf: Any = None, is_leaf_takes_path: bool = False
) -> tuple[list[tuple[Any, Any]], PyTreeDef]:
    pairs: list[tuple[Any, Any]] = []
    plain = None if is_leaf is None else lambda _, node: is_leaf(node)
    structure = _flatten_with_path(tree, (), pairs, is_leaf if is_leaf_takes_path else plain)
    return pairs, structure


def tree_leaves_with_path(tree: Any, is_leaf: Any = None, is_leaf_takes_path: bool = False) -> list[tuple[Any, Any]]:
    return tree_flatten_with_path(tree, is_leaf, is_leaf_takes_path)[0]


def tree_map_with_path(
    f: Callable[..., Any], tree: Any, *rest: Any, is_leaf: Any = None, is_leaf_takes_path: bool = False
) -> Any:
    pairs, structure = tree_flatten_with_path(tree, is_leaf, is_leaf_takes_path)
    columns = [structure.flatten_up_to(other) for other in rest]
    return structure.unflatten([f(*pair, *others) for pair, *others in zip(pairs, *columns, strict=True)])
