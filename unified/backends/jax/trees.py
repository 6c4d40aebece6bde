"""Trees of JAX arrays."""

from collections.abc import Callable, Iterable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from unified.core.tree_nodes import Node
from unified.core.trees import Trees, mapped_size

__all__ = ["TREES"]

ARRAYS = (jax.Array, np.ndarray, np.generic)


def _axes_of_leaves(axes: Any, tree: Any) -> list[Any]:
    """Return the axis of each leaf of `tree`, from `axes`, which may be a prefix of it."""
    found: list[Any] = []
    jax.tree.map(
        lambda axis, subtree: found.extend([axis] * len(jax.tree.leaves(subtree))),
        axes,
        tree,
        is_leaf=lambda value: value is None,
    )
    return found


def _is_registered(cls: type) -> bool:
    return bool(jax.tree_util.default_registry.is_node(cls))


_is_registered._dynamo_marked_constant = True  # type: ignore[attr-defined]  # torch.compile cannot trace the registry


def _one_level(tree: Any) -> tuple[list[Any], Any]:
    return jax.tree_util.tree_flatten(tree, is_leaf=lambda part: part is not tree)


def _keys(tree: Any) -> list[str]:
    items = jax.tree_util.tree_leaves_with_path(tree, is_leaf=lambda part: part is not tree)
    return [jax.tree_util.keystr(path, simple=True) for path, _ in items]


_NODE = Node(_one_level, lambda structure, children: structure.unflatten(children), _keys)


class JaxTrees(Trees[Any]):
    """Trees of JAX arrays; see `Trees`. NumPy arrays and `jax.ShapeDtypeStruct`s count as arrays too."""

    def flatten(self, tree: Any) -> tuple[list[Any], Any]:
        return jax.tree_util.tree_flatten(tree)

    def unflatten(self, structure: Any, leaves: Iterable[Any]) -> Any:
        return jax.tree_util.tree_unflatten(structure, leaves)

    def labels(self, tree: Any) -> list[str]:
        return [jax.tree_util.keystr(keys) for keys, _ in jax.tree_util.tree_leaves_with_path(tree)]

    def paths(self, tree: Any) -> list[str]:
        leaves = jax.tree_util.tree_leaves_with_path(tree)
        return ["/".join(jax.tree_util.keystr((key,), simple=True) for key in keys) for keys, _ in leaves]

    def is_node(self, cls: type) -> bool:
        return _is_registered(cls)

    def node(self, cls: type) -> Node | None:
        return _NODE if _is_registered(cls) else None

    def replace(self, tree: Any, cls: type, change: Callable[[Any], Any]) -> Any:
        return jax.tree.map(
            lambda value: change(value) if isinstance(value, cls) else value,
            tree,
            is_leaf=lambda value: isinstance(value, cls),
        )

    def merge(self, tree: Any, other: Any) -> Any:
        return jax.tree.map(
            lambda one, two: two if one is None else one, tree, other, is_leaf=lambda value: value is None
        )

    def is_array(self, leaf: Any) -> bool:
        return isinstance(leaf, (*ARRAYS, jax.ShapeDtypeStruct))

    def kind(self, leaf: Any) -> tuple[tuple[int, ...], str | None] | None:
        if not isinstance(leaf, ARRAYS):
            return None
        return tuple(leaf.shape), None if getattr(leaf, "weak_type", False) else str(leaf.dtype)

    def sizes(self, args: Any, axes: Any) -> list[tuple[str, int]]:
        leaves, _ = self.flatten(args)
        return [
            mapped_size(label, leaf, axis)
            for label, leaf, axis in zip(self.labels(args), leaves, _axes_of_leaves(axes, args), strict=True)
            if axis is not None
        ]

    def shape_of(self, leaf: Any) -> jax.ShapeDtypeStruct:
        return jax.ShapeDtypeStruct(leaf.shape, leaf.dtype)

    def stack(self, trees: list[Any]) -> Any:
        return jax.tree.map(lambda *leaves: jnp.stack(leaves), *trees)

    def repeat(self, leaf: Any, size: int) -> jax.Array:
        array = jnp.asarray(leaf)
        return jnp.broadcast_to(array, (size, *array.shape))

    def zeros_like(self, leaf: Any) -> jax.Array:
        return jnp.zeros_like(leaf)

    def zeros(self, shape: tuple[int, ...], like: Any) -> jax.Array:
        return jnp.zeros(shape, like.dtype)

    def where(self, mask: Any, x: Any, y: Any) -> jax.Array:
        return jnp.where(mask, x, y)

    def concatenate(self, arrays: list[Any]) -> jax.Array:
        return jnp.concatenate(arrays, -1)

    def join(self, trees: list[Any]) -> Any:
        return jax.tree.map(lambda *leaves: jnp.concatenate(leaves), *trees)

    def scan(self, step: Callable[[Any, Any], tuple[Any, Any]], carry: Any, xs: Any, length: int) -> tuple[Any, Any]:
        return jax.lax.scan(step, carry, xs, length)

    def arange(self, lower: int, upper: int) -> jax.Array:
        return jnp.arange(lower, upper)

    def write(self, arrays: list[Any], steps: list[Any], start: Any, in_place: bool) -> list[jax.Array]:
        end, size = start + steps[0].shape[-2], arrays[0].shape[-2]
        if not isinstance(end, jax.core.Tracer):
            if end > size:
                raise IndexError(f"step {end} is beyond the {size} of an array")
        else:
            steps = [jnp.where(end <= size, new, jnp.nan) for new in steps]
        pairs = zip(arrays, steps, strict=True)
        return [jax.lax.dynamic_update_slice_in_dim(array, new, start, -2) for array, new in pairs]


TREES = JaxTrees()
