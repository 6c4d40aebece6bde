"""Classes that others register as trees with JAX itself, such as those of `chex.dataclass`, or that torch knows.

JAX's registry is asked if JAX is loaded; nothing here loads it. A class that is not registered is asked for each time,
because it may be registered later: this takes a tenth of a microsecond.
"""

import sys
from collections.abc import Callable
from typing import Any

import torch
from torch.utils._pytree import SUPPORTED_NODES

from unified.compat.jax.keys import DictKey, FlattenedIndexKey, GetAttrKey, SequenceKey

__all__ = ["kind"]

KEYS = {
    "DictKey": lambda key: DictKey(key.key),
    "SequenceKey": lambda key: SequenceKey(key.idx),
    "GetAttrKey": lambda key: GetAttrKey(key.name),
    "FlattenedIndexKey": lambda key: FlattenedIndexKey(key.key),
}


def _is_ours(cls: type) -> bool:
    """Return whether a class is one of this package, such as `Params`, which torch's registry knows."""
    return cls.__module__.partition(".")[0] == "unified"


def _ask(cls: type) -> bool:
    if _is_ours(cls):
        return cls in SUPPORTED_NODES
    registry = getattr(sys.modules.get("jax.tree_util"), "default_registry", None)
    return registry is not None and bool(registry.is_node(cls))


_is_registered = torch.compiler.assume_constant_result(_ask)  # torch.compile cannot trace JAX's registry


def kind(cls: type, make: Callable[..., Any]) -> Any:
    """Return `make(flatten, unflatten, keys)` of a class in JAX's registry, or `None` if it is in none."""
    if not _is_registered(cls):
        return None
    if _is_ours(cls):
        return _own_kind(SUPPORTED_NODES[cls], make)
    jax: Any = sys.modules["jax.tree_util"]
    registry = jax.default_registry
    leaf = jax.tree_structure(0)

    def flatten(tree: Any) -> tuple[Any, Any]:
        children, data = registry.flatten_one_level(tree)
        return tuple(children), data

    def unflatten(data: Any, children: Any) -> Any:
        children = list(children)
        node = type(leaf).from_node_data_and_children(registry, (cls, data), [leaf] * len(children))
        return node.unflatten(children)

    def keys(tree: Any) -> list[Any]:
        pairs, _ = registry.flatten_one_level_with_keys(tree)
        return [KEYS.get(type(key).__name__, lambda key: key)(key) for key, _ in pairs]

    return make(flatten, unflatten, keys)


def _own_kind(node: Any, make: Callable[..., Any]) -> Any:
    """Return `make(flatten, unflatten, keys)` of a class in torch's registry."""

    def keys(tree: Any) -> list[Any]:
        pairs, _ = node.flatten_with_keys_fn(tree)
        return [
            DictKey(key.key) if hasattr(key, "key") else GetAttrKey(str(getattr(key, "name", key))) for key, _ in pairs
        ]

    return make(node.flatten_fn, lambda data, children: node.unflatten_fn(list(children), data), keys)
