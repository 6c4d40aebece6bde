"""`Node`: a tree of arrays as an attribute, whose leaves are variables of the network."""

from collections.abc import Mapping
from typing import Any

from unified.core.annotations import PyTree
from unified.nn.declare import is_declaration, var
from unified.nn.module import Module

__all__ = ["Node"]


class Node(Module):
    """Tuples, lists and dicts of arrays as state: `self.cache = nn.Node({"k": zeros, "v": zeros})`.

    `node.value` is the tree, and can be assigned one of the same structure; the variables are at `cache/k`, `cache/v`.

    >>> import numpy as np, unified as u, unified.nn as nn
    >>> class Cache(nn.Module):
    ...     def __init__(self):
    ...         self.pair = nn.Node({"a": np.zeros(2), "b": [np.ones(1)]})
    >>> net = u.build(Cache, backend="jax", rng=0)
    >>> list(net.params), net.pair.value["b"][0].tolist()
    (['pair/a', 'pair/b/0'], [1.0])
    """

    def __init__(self, tree: PyTree, collection: str = "state") -> None:
        super().__init__()
        self.collection = collection
        self.kind = type(tree)
        if isinstance(tree, Mapping):
            self.names = tuple(map(str, tree))
            items = list(tree.values())
        elif isinstance(tree, (tuple, list)):
            items = list(tree)
            self.names = tuple(map(str, range(len(items))))
        else:
            raise TypeError(f"nn.Node takes a tuple, list or dict of arrays, got {type(tree).__name__}")
        for name, item in zip(self.names, items, strict=True):
            is_tree = isinstance(item, (tuple, list, Mapping))
            value = item if is_declaration(item) else Node(item, collection) if is_tree else var(collection, item)
            setattr(self, name, value)

    def _items(self) -> list[Any]:
        items = [getattr(self, name) for name in self.names]
        return [item.value if isinstance(item, Node) else item for item in items]

    @property
    def value(self) -> PyTree:
        """The tree."""
        items = self._items()
        if isinstance(self.kind, type) and issubclass(self.kind, Mapping):
            return dict(zip(self.names, items, strict=True))
        return items if self.kind is list else tuple(items)

    @value.setter
    def value(self, tree: PyTree) -> None:
        items = list(tree.values()) if isinstance(tree, Mapping) else list(tree)
        names = tuple(map(str, tree)) if isinstance(tree, Mapping) else tuple(map(str, range(len(items))))
        if names != self.names:
            raise ValueError(f"the tree has the names {names}, expected {self.names}")
        for name, item in zip(self.names, items, strict=True):
            inner = getattr(self, name)
            if isinstance(inner, Node):
                inner.value = item
            else:
                setattr(self, name, item)


Node.__module__ = "unified.nn"
