"""Classes that are trees: registered once, for every framework.

What `jax.tree_util.register_*` is told is kept here, where the trees of torch look it up, and told to JAX as well if
it is installed. The classes of a library that is loaded again for torch are kept here alone.
"""

import dataclasses
import functools
from collections.abc import Callable
from typing import Any, NamedTuple

from unified.compat.jax.keys import GetAttrKey, keystr
from unified.core import tree_nodes

__all__ = [
    "CLASSES",
    "FOR_TORCH",
    "PARTIAL",
    "Partial",
    "register_dataclass",
    "register_pytree_node",
    "register_pytree_node_class",
    "register_pytree_with_keys",
    "register_pytree_with_keys_class",
    "register_static",
]


class Entry(NamedTuple):
    """The functions of a pytree class: `flatten(tree)` returns children and static data, `unflatten` the tree."""

    flatten: Callable[[Any], Any]
    unflatten: Callable[[Any, Any], Any]
    with_keys: Callable[[Any], Any] | None = None


CLASSES: dict[type, Entry] = {}


def _jax() -> Any:
    """Return `jax.tree_util`, or `None` if JAX is not installed."""
    from unified.core import backends

    if "jax" not in backends.available():
        return None
    import jax.tree_util

    return jax.tree_util


def _check_new(cls: type) -> None:
    if cls in CLASSES:
        raise ValueError(f"{cls.__qualname__} is registered as a tree already")


class Registry:
    """The functions that register a class: here, and with the module of JAX that `jax` returns, unless it is `None`."""

    def __init__(self, jax: Callable[[], Any]) -> None:
        self._jax = jax

    def register_pytree_node(
        self, nodetype: type, flatten_func: Any, unflatten_func: Any, flatten_with_keys_func: Any = None
    ) -> None:
        """Register a class as a pytree; see `jax.tree_util.register_pytree_node`."""
        _check_new(nodetype)
        own = self._jax()
        if own is not None:
            own.register_pytree_node(nodetype, flatten_func, unflatten_func, flatten_with_keys_func)
        CLASSES[nodetype] = Entry(flatten_func, unflatten_func, flatten_with_keys_func)

    def register_pytree_node_class(self, cls: Any) -> Any:
        """Register a class as a pytree by its methods `tree_flatten` and `tree_unflatten`."""
        self.register_pytree_node(cls, lambda tree: tree.tree_flatten(), cls.tree_unflatten)
        return cls

    def register_pytree_with_keys(
        self, nodetype: type, flatten_with_keys: Any, unflatten_func: Any, flatten_func: Any = None
    ) -> None:
        """Register a class as a pytree whose children have keys."""
        _check_new(nodetype)

        def flatten(tree: Any) -> Any:
            pairs, data = flatten_with_keys(tree)
            return [child for _, child in pairs], data

        own = self._jax()
        if own is not None:
            own.register_pytree_with_keys(nodetype, flatten_with_keys, unflatten_func, flatten_func)
        CLASSES[nodetype] = Entry(flatten_func or flatten, unflatten_func, flatten_with_keys)

    def register_pytree_with_keys_class(self, cls: Any) -> Any:
        """Register a class as a pytree by its methods `tree_flatten_with_keys` and `tree_unflatten`."""
        plain = (lambda tree: tree.tree_flatten()) if hasattr(cls, "tree_flatten") else None
        self.register_pytree_with_keys(cls, lambda tree: tree.tree_flatten_with_keys(), cls.tree_unflatten, plain)
        return cls

    def register_dataclass(
        self, nodetype: Any = None, data_fields: Any = None, meta_fields: Any = None, drop_fields: Any = ()
    ) -> Any:
        """Register a dataclass as a pytree: `data_fields` are its children, `meta_fields` are static."""
        if nodetype is None:
            return functools.partial(self.register_dataclass, data_fields=data_fields, meta_fields=meta_fields)
        if data_fields is None or meta_fields is None:
            fields = [field for field in dataclasses.fields(nodetype) if field.init]
            meta_fields = [field.name for field in fields if field.metadata.get("static")]
            data_fields = [field.name for field in fields if field.name not in meta_fields]
        _check_new(nodetype)
        data, meta = tuple(data_fields), tuple(meta_fields)
        own = self._jax()
        if own is not None:
            own.register_dataclass(nodetype, data, meta, drop_fields)

        def flatten(tree: Any) -> Any:
            return [getattr(tree, name) for name in data], tuple(getattr(tree, name) for name in meta)

        def with_keys(tree: Any) -> Any:
            pairs = [(GetAttrKey(name), getattr(tree, name)) for name in data]
            return pairs, tuple(getattr(tree, name) for name in meta)

        def unflatten(static: Any, children: Any) -> Any:
            return nodetype(**dict(zip(data, children, strict=True)), **dict(zip(meta, static, strict=True)))

        CLASSES[nodetype] = Entry(flatten, unflatten, with_keys)
        return nodetype

    def register_static(self, cls: Any) -> Any:
        """Register a class as a pytree without leaves."""
        _check_new(cls)
        own = self._jax()
        if own is not None:
            own.register_static(cls)
        CLASSES[cls] = Entry(lambda tree: ((), tree), lambda tree, _: tree)
        return cls


FOR_ALL, FOR_TORCH = Registry(_jax), Registry(lambda: None)
register_pytree_node = FOR_ALL.register_pytree_node
register_pytree_node_class = FOR_ALL.register_pytree_node_class
register_pytree_with_keys = FOR_ALL.register_pytree_with_keys
register_pytree_with_keys_class = FOR_ALL.register_pytree_with_keys_class
register_dataclass = FOR_ALL.register_dataclass
register_static = FOR_ALL.register_static


class Partial(functools.partial):
    """`functools.partial` as a pytree, whose children are its arguments."""


PARTIAL = (
    Partial,
    lambda part: ((part.args, part.keywords), part.func),
    lambda func, children: Partial(func, *children[0], **children[1]),
)
FOR_TORCH.register_pytree_node(*PARTIAL)  # `on_jax` tells JAX, when that is imported


def _node(cls: type) -> tree_nodes.Node | None:
    """Return how `unified.tree` flattens a class that is registered here."""
    entry = CLASSES.get(cls)
    if entry is None:
        return None

    def flatten(tree: Any) -> tuple[list[Any], Any]:
        children, rest = entry.flatten(tree)
        return list(children), rest

    def keys(tree: Any) -> list[Any]:
        if entry.with_keys is None:
            return list(range(len(flatten(tree)[0])))
        return [keystr((key,), simple=True) for key, _ in entry.with_keys(tree)[0]]

    return tree_nodes.Node(flatten, entry.unflatten, keys)


tree_nodes.REGISTRIES.append(_node)
