"""`TorchTrees`: trees of tensors."""

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import torch
from torch.nn.utils.rnn import PackedSequence
from torch.utils import _pytree as pytree

from unified.core.dtypes import dtype_name
from unified.core.errors import BackendError
from unified.core.tree_nodes import Node
from unified.core.trees import Trees, in_order_of, mapped_size

__all__ = ["TREES", "as_tensor", "axes_of_leaves", "copies"]


def axes_of_leaves(axes: Any, structure: Any) -> list[Any]:
    """Return the axis of each leaf, from a tree of axes that may be a prefix of the structure."""
    leaves = pytree._broadcast_to_and_flatten(axes, structure, lambda value: value is None or isinstance(value, int))
    if leaves is None:
        raise ValueError(f"u.vmap: the axes {axes!r} are not a prefix of the structure {structure}")
    return leaves


def as_tensor(value: Any) -> Any:
    """Return a Python number as a tensor, any other value as it is."""
    return torch.as_tensor(value) if isinstance(value, (bool, int, float, complex)) else value


def copies(tree: Any) -> Any:
    """Return the tree with copies of its arrays, of a shared one a shared copy; a copy needs a gradient if it did."""
    known: dict[int, Any] = {}

    def copy(leaf: Any) -> Any:
        if id(leaf) not in known:
            known[id(leaf)] = _copy(leaf)
        return known[id(leaf)]

    return pytree.tree_map(copy, tree, is_leaf=lambda value: isinstance(value, PackedSequence))


def _copy(leaf: Any) -> Any:
    if isinstance(leaf, PackedSequence):
        return leaf._replace(data=_copy(leaf.data))
    if isinstance(leaf, np.ndarray):
        return leaf.copy()
    if not isinstance(leaf, torch.Tensor):
        return leaf
    tensor = leaf.detach().clone()
    if leaf.requires_grad:
        tensor.requires_grad_()
    return tensor if leaf.is_leaf else tensor.clone()


class TorchTrees(Trees[torch.Tensor]):
    """See `Trees`."""

    def flatten(self, tree: Any) -> tuple[list[Any], Any]:
        return pytree.tree_flatten(tree)

    def unflatten(self, structure: Any, leaves: Iterable[Any]) -> Any:
        return pytree.tree_unflatten(leaves, structure)

    def map(self, fn: Callable[[torch.Tensor], Any], tree: Any) -> Any:
        return fn(tree) if isinstance(tree, torch.Tensor) else super().map(fn, tree)

    def labels(self, tree: Any) -> list[str]:
        return [pytree.keystr(keys) for keys, _ in pytree.tree_flatten_with_path(tree)[0]]

    def paths(self, tree: Any) -> list[str]:
        leaves = pytree.tree_flatten_with_path(tree)[0]
        return ["/".join(_name(key) for key in keys) for keys, _ in leaves]

    def is_node(self, cls: type) -> bool:
        return cls in pytree.SUPPORTED_NODES

    def node(self, cls: type) -> Node | None:
        entry = pytree.SUPPORTED_NODES.get(cls)
        if entry is None:
            return None

        def keys(tree: Any) -> list[Any]:
            if entry.flatten_with_keys_fn is None:
                return list(range(len(entry.flatten_fn(tree)[0])))
            return [_name(key) for key, _ in entry.flatten_with_keys_fn(tree)[0]]

        return Node(entry.flatten_fn, lambda rest, children: entry.unflatten_fn(children, rest), keys)

    def replace(self, tree: Any, cls: type, change: Callable[[Any], Any]) -> Any:
        return pytree.tree_map(
            lambda value: change(value) if isinstance(value, cls) else value,
            tree,
            is_leaf=lambda value: isinstance(value, cls),
        )

    def merge(self, tree: Any, other: Any) -> Any:
        return pytree.tree_map(
            lambda one, two: two if one is None else one, tree, other, is_leaf=lambda value: value is None
        )

    def is_array(self, leaf: Any) -> bool:
        return isinstance(leaf, torch.Tensor)

    def kind(self, leaf: Any) -> tuple[tuple[int, ...], str | None] | None:
        if isinstance(leaf, np.ndarray):
            raise BackendError("transforms of a torch model take tensors, got a NumPy array: torch.from_numpy(array)")
        return (tuple(leaf.shape), dtype_name(leaf.dtype)) if isinstance(leaf, torch.Tensor) else None

    def sizes(self, args: Any, axes: Any) -> list[tuple[str, int]]:
        leaves, structure = self.flatten(args)
        leaf_axes = axes_of_leaves(axes, structure)
        return [
            mapped_size(label, leaf, axis)
            for label, leaf, axis in zip(self.labels(args), leaves, leaf_axes, strict=True)
            if axis is not None and isinstance(leaf, (torch.Tensor, int, float, complex))
        ]

    def shape_of(self, leaf: torch.Tensor) -> torch.Tensor:
        return torch.empty(leaf.shape, dtype=leaf.dtype, device="meta")

    def stack(self, trees: list[Any]) -> Any:
        kinds = set(map(type, trees))
        if kinds == {torch.Tensor}:
            return torch.stack(trees)
        if kinds == {tuple} and len(set(map(len, trees))) == 1:
            return tuple([self.stack(list(column)) for column in zip(*trees, strict=True)])
        leaves, structures = zip(*[pytree.tree_flatten(tree) for tree in trees], strict=True)
        structure = structures[0]
        if any(other != structure for other in structures):  # of dicts with their keys in another order
            leaves = tuple([pytree.tree_leaves(in_order_of(trees[0], tree)) for tree in trees])
        columns = [_stack(column) for column in zip(*leaves, strict=True)]
        return pytree.tree_unflatten(columns, structure)

    def repeat(self, leaf: torch.Tensor, size: int) -> torch.Tensor:
        return leaf.unsqueeze(0).expand(size, *leaf.shape)

    def zeros_like(self, leaf: torch.Tensor) -> torch.Tensor:
        return torch.zeros_like(leaf)

    def zeros(self, shape: tuple[int, ...], like: torch.Tensor) -> torch.Tensor:
        return torch.zeros(shape, dtype=like.dtype, device=like.device)

    where = staticmethod(torch.where)  # type: ignore[assignment]  # without a call of Python, in each step of a loop

    def concatenate(self, arrays: list[torch.Tensor]) -> torch.Tensor:
        return torch.cat(arrays, -1)

    def join(self, trees: list[Any]) -> Any:
        leaves = [pytree.tree_leaves(tree) for tree in trees]
        columns = [None if column[0] is None else torch.cat(column) for column in zip(*leaves, strict=True)]
        return pytree.tree_unflatten(columns, pytree.tree_structure(trees[0]))

    def arange(self, lower: int, upper: int) -> torch.Tensor:
        return torch.arange(lower, upper, dtype=torch.int32)

    def write(
        self, arrays: list[torch.Tensor], steps: list[torch.Tensor], start: torch.Tensor, in_place: bool
    ) -> list[torch.Tensor]:
        positions = torch.arange(steps[0].shape[-2], device=arrays[0].device) + start
        write = torch.Tensor.index_copy_ if in_place else torch.Tensor.index_copy
        return [write(array, -2, positions, new) for array, new in zip(arrays, steps, strict=True)]


def _stack(column: tuple[Any, ...]) -> Any:
    return None if column[0] is None else torch.stack([as_tensor(value) for value in column])


def _name(key: Any) -> str:
    """Return what a key of torch's trees is called, without the signs around it."""
    return str(key.name if isinstance(key, pytree.GetAttrKey) else key).strip("[]'.")


TREES = TorchTrees()
