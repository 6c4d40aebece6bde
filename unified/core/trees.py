"""`Trees`: nested containers of arrays, as a framework flattens them."""

import operator
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from typing import Any, Generic, NamedTuple, TypeVar

__all__ = ["StaticTree", "Trees", "in_order_of", "mapped_size"]

ArrayT = TypeVar("ArrayT")


class StaticTree(NamedTuple):
    """A tree without its arrays. It is hashable if its structure and its other leaves are."""

    structure: Any
    leaves: tuple[Any, ...]  # `None` where an array was
    positions: tuple[int, ...]  # of the arrays, among the leaves


def in_order_of(like: Any, tree: Any) -> Any:
    """Return a tree with the keys of its dicts in the order of those of `like`; JAX sorts them, torch does not.

    >>> in_order_of({"h": 0, "c": (1,)}, {"c": (2,), "h": 3})
    {'h': 3, 'c': (2,)}
    """
    if type(like) is not type(tree):
        return tree
    if type(like) is dict and like.keys() == tree.keys():
        return {key: in_order_of(value, tree[key]) for key, value in like.items()}
    if type(like) in (tuple, list) and len(like) == len(tree):
        return type(like)([in_order_of(one, other) for one, other in zip(like, tree, strict=True)])
    return tree


def mapped_size(label: str, leaf: Any, axis: int) -> tuple[str, int]:
    """Return the label of a leaf and the size of its axis that `vmap` maps; raise if it has none."""
    shape = getattr(leaf, "shape", None)
    if shape is None:
        raise ValueError(f"u.vmap: the argument {label} is {leaf!r}, and no array: pass None for it in in_axes")
    if not -len(shape) <= axis < len(shape):
        raise ValueError(
            f"u.vmap: the argument {label} has no axis {axis} to map, its shape is {tuple(shape)}: pass None for it in "
            "in_axes, or another axis"
        )
    return label, shape[axis]


class Trees(ABC, Generic[ArrayT]):
    """Trees of one framework's arrays, and the array functions that transforms of bodies need."""

    @abstractmethod
    def flatten(self, tree: Any) -> tuple[list[Any], Any]:
        """Return the leaves of a tree and its structure, which can be compared for equality."""

    @abstractmethod
    def unflatten(self, structure: Any, leaves: Iterable[Any]) -> Any:
        """Return the tree of a structure with these leaves."""

    @abstractmethod
    def labels(self, tree: Any) -> list[str]:
        """Return the position of each leaf in the tree, for error messages: `['state'][0]`."""

    @abstractmethod
    def paths(self, tree: Any) -> list[str]:
        """Return the path of each leaf in the tree, joined by `/`: `state/0`."""

    @abstractmethod
    def is_node(self, cls: type) -> bool:
        """Return whether values of a class have children, rather than being leaves."""

    @abstractmethod
    def node(self, cls: type) -> Any:
        """Return how the framework flattens a registered class, a `unified.core.tree_nodes.Node`, or `None`."""

    @abstractmethod
    def replace(self, tree: Any, cls: type, change: Callable[[Any], Any]) -> Any:
        """Return the tree with each value of a class replaced by `change(value)`; other leaves stay."""

    @abstractmethod
    def merge(self, tree: Any, other: Any) -> Any:
        """Return the tree with the parts of another one where it holds `None`."""

    @abstractmethod
    def is_array(self, leaf: Any) -> bool:
        """Return whether a leaf is an array."""

    @abstractmethod
    def kind(self, leaf: Any) -> tuple[tuple[int, ...], str | None] | None:
        """Return an array's shape and dtype name (`None` if it is weakly typed); `None` for any other leaf."""

    @abstractmethod
    def sizes(self, args: Any, axes: Any) -> list[tuple[str, int]]:
        """Return the label of each mapped leaf, and the size of its mapped axis; raise if it has no such axis."""

    @abstractmethod
    def shape_of(self, leaf: Any) -> Any:
        """Return the shape and dtype of an array, as `eval_shape` returns them."""

    @abstractmethod
    def stack(self, trees: list[Any]) -> Any:
        """Return one tree with the arrays of all trees stacked along a new first axis."""

    @abstractmethod
    def repeat(self, leaf: ArrayT, size: int) -> ArrayT:
        """Return an array repeated `size` times along a new first axis."""

    @abstractmethod
    def zeros_like(self, leaf: ArrayT) -> ArrayT:
        """Return zeros with the shape and dtype of an array."""

    @abstractmethod
    def zeros(self, shape: tuple[int, ...], like: ArrayT) -> ArrayT:
        """Return zeros of a shape, with the dtype and device of the array `like`."""

    @abstractmethod
    def where(self, mask: ArrayT, x: ArrayT, y: ArrayT) -> ArrayT:
        """Return the values of `x` where the mask is true, those of `y` elsewhere."""

    @abstractmethod
    def concatenate(self, arrays: list[ArrayT]) -> ArrayT:
        """Return the arrays joined along their last axis."""

    @abstractmethod
    def join(self, trees: list[Any]) -> Any:
        """Return one tree with the arrays of all trees joined along their first axis."""

    @abstractmethod
    def arange(self, lower: int, upper: int) -> ArrayT:
        """Return the integers from `lower` to `upper`, without `upper`."""

    @abstractmethod
    def write(self, arrays: list[ArrayT], steps: list[ArrayT], start: ArrayT, in_place: bool) -> list[ArrayT]:
        """Return arrays with `steps` along axis -2 from `start` on; raise `IndexError` where they pass the end.

        Where JAX cannot raise, steps beyond the end are NaN. With `in_place` a framework may write into the arrays.
        """

    def map(self, fn: Callable[[ArrayT], Any], tree: Any) -> Any:
        """Return the tree with each array replaced by `fn(array)`."""
        leaves, structure = self.flatten(tree)
        return self.unflatten(structure, [leaf if self.kind(leaf) is None else fn(leaf) for leaf in leaves])

    def loop(self, step: Callable[[Any, Any], tuple[Any, Any]], carry: Any, xs: Any, length: int) -> tuple[Any, Any]:
        """Return `(carry, ys)` as `jax.lax.scan` does, by a Python loop over the first axis of `xs`."""
        ys = []
        for at in range(length):
            carry, y = step(carry, self.map(operator.itemgetter(at), xs))  # type: ignore[arg-type]
            ys.append(y)
        return carry, self.stack(ys)

    def scan(self, step: Callable[[Any, Any], tuple[Any, Any]], carry: Any, xs: Any, length: int) -> tuple[Any, Any]:
        """Return what `loop` returns, by the framework's compiled loop if it has one."""
        return self.loop(step, carry, xs, length)

    def partition(self, tree: Any) -> tuple[list[ArrayT], StaticTree]:
        """Return the arrays of a tree, and the rest of it; see `combine`."""
        leaves, structure = self.flatten(tree)
        positions = tuple(position for position, leaf in enumerate(leaves) if self.is_array(leaf))
        arrays = [leaves[position] for position in positions]
        for position in positions:
            leaves[position] = None
        return arrays, StaticTree(structure, tuple(leaves), positions)

    def combine(self, arrays: Iterable[Any], static: StaticTree) -> Any:
        """Return the tree that `partition` split, with these arrays."""
        leaves = list(static.leaves)
        for position, array in zip(static.positions, arrays, strict=True):
            leaves[position] = array
        return self.unflatten(static.structure, leaves)
