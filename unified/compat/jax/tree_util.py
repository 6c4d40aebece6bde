"""`jax.tree_util` on either framework; classes are registered for both at once."""

from typing import Any as _Any

from unified.compat.jax import front as _front
from unified.compat.jax.registered import (
    Partial,
    register_dataclass,
    register_pytree_node,
    register_pytree_node_class,
    register_pytree_with_keys,
    register_pytree_with_keys_class,
    register_static,
)

_front.serve(globals(), "tree_util")


def __getattr__(name: str) -> _Any:
    return _front.of_jax("tree_util", name)
