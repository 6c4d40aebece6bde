"""`jax.api_util` on torch."""

from typing import Any

from unified.compat.jax.on_torch import tree_util
from unified.compat.jax.on_torch.behaviour import Behaviour

__all__ = ["flatten_axes"]

BEHAVIOUR = Behaviour(on_arrays=True)


def flatten_axes(name: str, treedef: Any, axis_tree: Any, *, kws: bool = False, tupled_args: bool = False) -> list[Any]:
    """Return an axis for each leaf, from a tree that may be a prefix."""
    leaves, structure = tree_util.tree_flatten(axis_tree, is_leaf=lambda leaf: leaf is None)
    whole = treedef.unflatten([object()] * treedef.num_leaves)
    axes = []
    for axis, subtree in zip(leaves, structure.flatten_up_to(whole), strict=True):
        axes += [axis] * len(tree_util.tree_leaves(subtree))
    return axes
