"""`jax.tree_util` on either framework; classes are registered for both at once."""

from typing import Any as _Any

from unified.compat.jax import dispatch as _dispatch
from unified.compat.jax.pytrees import (
    Partial,
    register_dataclass,
    register_pytree_node,
    register_pytree_node_class,
    register_pytree_with_keys,
    register_pytree_with_keys_class,
    register_static,
)

KeyEntry = _Any
KeyPath = tuple[_Any, ...]
_dispatch.define_functions(globals(), "tree_util")


def __getattr__(name: str) -> _Any:
    return _dispatch.jax_attribute("tree_util", name)
