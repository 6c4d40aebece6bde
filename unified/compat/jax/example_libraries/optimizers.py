"""`jax.example_libraries.optimizers`: the norm and clipping of gradients; for optimizers, optax."""

from typing import Any

from unified.compat.jax import numpy as jnp
from unified.compat.jax import tree_util

__all__ = ["clip_grads", "l2_norm"]


def l2_norm(tree: Any) -> Any:
    """Return the L2 norm of all leaves together."""
    return jnp.sqrt(sum(jnp.vdot(x, x) for x in tree_util.tree_leaves(tree)))


def clip_grads(grad_tree: Any, max_norm: Any) -> Any:
    """Return gradients scaled so that their norm is at most `max_norm`."""
    norm = l2_norm(grad_tree)
    return tree_util.tree_map(lambda g: jnp.where(norm < max_norm, g, g * (max_norm / norm)), grad_tree)
