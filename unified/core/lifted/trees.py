"""What transforms say of trees of arrays: sizes that must be equal, and values that must keep their kind."""

from collections.abc import Callable
from typing import Any

from unified.core.protocol import Transforms

__all__ = ["check_same_kind", "common_size", "first_sizes", "map_leaves", "shapes_of"]


def map_leaves(transforms: Transforms, fn: Callable[[Any], Any], tree: Any) -> Any:
    """The tree with `fn(leaf)` for each array; anything else stays."""
    _, leaves, structure = transforms.flatten(tree)
    new = [leaf if transforms.kind(leaf) is None else fn(leaf) for leaf in leaves]
    return transforms.unflatten(structure, new)


def shapes_of(transforms: Transforms, name: str, tree: Any) -> list[tuple[str, tuple[int, ...]]]:
    """The label of each array of a tree that is called `name`, and its shape."""
    labels, leaves, _ = transforms.flatten(tree)
    kinds = ((label, transforms.kind(leaf)) for label, leaf in zip(labels, leaves, strict=True))
    return [(f"{name}{label}", kind[0]) for label, kind in kinds if kind is not None]


def first_sizes(transforms: Transforms, name: str, tree: Any) -> list[tuple[str, int]]:
    """The label of each array and the size of its first axis, 0 if it has none."""
    return [(label, shape[0] if shape else 0) for label, shape in shapes_of(transforms, name, tree)]


def common_size(what: str, sizes: list[tuple[str, int]], given: int | None, argument: str) -> int:
    """The size that all mapped axes have, and `argument` if it was given."""
    found = {size for _, size in sizes} | (set() if given is None else {given})
    if not found:
        raise ValueError(f"{what}: without arrays to go over, give {argument}=")
    if len(found) > 1:
        told = [f"{label or 'the input'} has {size}" for label, size in sizes]
        told += [] if given is None else [f"{argument}={given}"]
        raise ValueError(f"{what}: all leading axes must have one size, and {', '.join(told)}")
    return found.pop()


def check_same_kind(transforms: Transforms, what: str, name: str, before: Any, after: Any) -> None:
    """Raises `TypeError`, which names the leaf, unless two trees have equal structures, shapes and dtypes."""
    labels, old, structure = transforms.flatten(before)
    _, new, new_structure = transforms.flatten(after)
    if structure != new_structure:
        raise TypeError(
            f"{what}: {name} must keep its structure, and it went in as {structure} and came out as {new_structure}"
        )
    for label, leaf, other in zip(labels, old, new, strict=True):
        kind, other_kind = transforms.kind(leaf), transforms.kind(other)
        if kind is None or other_kind is None:
            continue  # a plain number takes the dtype that it meets
        same_dtype = None in (kind[1], other_kind[1]) or kind[1] == other_kind[1]
        if kind[0] != other_kind[0] or not same_dtype:
            raise TypeError(
                f"{what}: {name}{label} went in as {kind[1] or 'a number'}{list(kind[0])} and came out as "
                f"{other_kind[1] or 'a number'}{list(other_kind[0])}: it must keep its shape and dtype"
            )
