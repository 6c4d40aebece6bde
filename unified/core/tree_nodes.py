"""Nodes of trees: the classes that have children, and what takes them apart and puts them together again.

Tuples, lists, dicts, named tuples, `None`, `Params` and bound models are nodes everywhere. Other classes are nodes if a
framework that is imported knows them, by `jax.tree_util.register_pytree_node` or torch's `_pytree`, or one of
`REGISTRIES` does.
"""

import collections
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from unified.core import backends
from unified.core.bound import BoundModel, TransformedModel
from unified.core.params import Params

__all__ = ["CONTAINERS", "LEAVES", "MAPPINGS", "REGISTRIES", "Node", "node_of"]


class Node(NamedTuple):
    """How the values of one class are flattened, by one level."""

    flatten: Callable[[Any], tuple[Sequence[Any], Any]]  # children, and the rest, which can be compared
    unflatten: Callable[[Any, list[Any]], Any]  # from the rest and children
    keys: Callable[[Any], Sequence[Any]]  # of the children: integers, names, paths


# Registries of classes elsewhere: each returns the node of a class, or `None`. The module of a registry adds it.
REGISTRIES: list[Callable[[type], Node | None]] = []

# Classes whose children are matched by their keys, in any order.
MAPPINGS = (dict, collections.defaultdict, collections.OrderedDict, Params)


def _sorted(keys: Iterable[Any]) -> list[Any]:
    try:
        return sorted(keys)
    except TypeError:  # keys of several classes, which JAX refuses
        return list(keys)


def _flatten_dict(tree: dict[Any, Any]) -> tuple[list[Any], Any]:
    keys = _sorted(tree)
    return [tree[key] for key in keys], tuple(keys)


def _sequence(make: Callable[[list[Any]], Any]) -> Node:
    return Node(lambda tree: (tree, len(tree)), lambda _, children: make(children), lambda tree: range(len(tree)))


def _named_tuple(cls: Any) -> Node:
    return Node(lambda tree: (tree, len(tree)), lambda _, children: cls(*children), lambda tree: tree._fields)


# The containers of Python.
CONTAINERS: dict[type, Node] = {
    tuple: _sequence(tuple),
    list: _sequence(list),
    type(None): Node(lambda tree: ((), None), lambda _, children: None, lambda tree: ()),
    dict: Node(_flatten_dict, lambda keys, children: dict(zip(keys, children, strict=True)), _sorted),
    collections.OrderedDict: Node(
        lambda tree: (list(tree.values()), tuple(tree)),
        lambda keys, children: collections.OrderedDict(zip(keys, children, strict=True)),
        tuple,
    ),
    collections.defaultdict: Node(
        lambda tree: (_flatten_dict(tree)[0], (tree.default_factory, tuple(_sorted(tree)))),
        lambda rest, children: collections.defaultdict(rest[0], zip(rest[1], children, strict=True)),
        _sorted,
    ),
}
_nodes: dict[type, Node] = {
    **CONTAINERS,
    Params: Node(
        lambda params: (params._values, params._structure),
        lambda structure, children: Params._make(structure, tuple(children)),
        tuple,
    ),
    BoundModel: Node(
        lambda bound: ((bound.params,), bound.model),
        lambda model, children: BoundModel(model, *children),
        lambda bound: ("params",),
    ),
    TransformedModel: Node(
        lambda model: ((model.inner,), (model.kind, model.options)),
        lambda rest, children: TransformedModel(*children, *rest),
        lambda model: ("inner",),
    ),
}

# Classes that are leaves, whatever a framework's registry has of them. The module of a class of arrays adds it.
LEAVES: set[type] = {bool, int, float, complex, str, bytes}

_STANDARD = ("builtins", "collections", "types")  # no node of JAX; torch's registry has some, so that they would differ


def node_of(value: Any) -> Node | None:
    """Return how a value is flattened; `None` for a leaf."""
    cls = type(value)
    node = _nodes.get(cls)
    if node is not None or cls in LEAVES or backends.of_array(value) is not None:
        return node
    node = _named_tuple(cls) if isinstance(value, tuple) and hasattr(cls, "_fields") else _registered(cls)
    if node is not None:
        _nodes[cls] = node
    return node


def _registered(cls: type) -> Node | None:
    """Return the node of a class in a registry of ours, or in that of a framework that is imported."""
    if cls.__module__ in _STANDARD:
        return None
    for find in REGISTRIES:
        if (node := find(cls)) is not None:
            return node
    for name in backends.known():
        if name in sys.modules and (node := backends.load(name).trees.node(cls)) is not None:
            return node
    return None
