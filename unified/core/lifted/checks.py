"""Checks on the trees of transforms: sizes that must be equal, and values that must keep their shape and dtype."""

from typing import Any

import numpy as np

from unified.core.dtypes import dtype_name, is_floating
from unified.core.shapes import shown
from unified.core.trees import Trees, in_order_of

__all__ = [
    "check_choice",
    "check_differentiable",
    "check_functions",
    "check_same_kind",
    "common_size",
    "first_sizes",
    "is_same_kind",
    "shapes_of",
]


def shapes_of(trees: Trees[Any], name: str, tree: Any) -> list[tuple[str, tuple[int, ...]]]:
    """Return the label and the shape of each array in the tree called `name`."""
    if trees.is_array(tree):
        return [(name, tuple(tree.shape))]
    leaves, _ = trees.flatten(tree)
    kinds = ((label, trees.kind(leaf)) for label, leaf in zip(trees.labels(tree), leaves, strict=True))
    return [(f"{name}{label}", kind[0]) for label, kind in kinds if kind is not None]


def first_sizes(trees: Trees[Any], what: str, name: str, tree: Any) -> list[tuple[str, int]]:
    """Return the label of each array and the size of its first axis; raise for what has none."""
    leaves, _ = trees.flatten(tree)
    for position, leaf in enumerate(leaves):
        if leaf is not None and not getattr(leaf, "shape", ()):
            found = "a scalar" if hasattr(leaf, "shape") else repr(leaf)
            raise ValueError(
                f"{what}: {name}{trees.labels(tree)[position]} is {found}, which has no axis with a part for "
                "each step: use it in the function without passing it"
            )
    return [(label, shape[0]) for label, shape in shapes_of(trees, name, tree)]


def common_size(what: str, sizes: list[tuple[str, int]], size: int | None, argument: str) -> int:
    """Return the common size of all mapped axes; raise if they differ, or if `size` is passed and is another."""
    every = [other for _, other in sizes] + ([] if size is None else [size])
    if not every:
        raise ValueError(f"{what}: there is no array to take the size from: give {argument}=")
    if size is not None and size < 0:
        raise ValueError(f"{what}: {argument} is a number of slices, got {size}")
    if any(other != every[0] for other in every):  # a set would fix the sizes that torch.compile leaves open
        parts = [f"{label or 'the input'} has {size}" for label, size in sizes]
        parts += [] if size is None else [f"{argument}={size}"]
        raise ValueError(f"{what}: all leading axes must have one size, and {', '.join(parts)}")
    return every[0]


def check_functions(what: str, **functions: Any) -> None:
    """Raise `TypeError` unless each of the named arguments of a transform is a function."""
    for name, value in functions.items():
        if not callable(value):
            raise TypeError(
                f"{what}: {name} is a function, got {shown(value)}: pass the function itself, without calling it"
            )


def check_differentiable(trees: Trees[Any], value: Any, inputs: Any) -> None:
    """Raise `TypeError` unless `value` is a scalar and all arrays of `inputs` are of floating-point numbers."""
    kind = trees.kind(value) if trees.is_array(value) else None
    if kind is None or kind[0]:
        found = type(value).__name__ if kind is None else f"shape {tuple(kind[0])}"
        raise TypeError(f"gradients are those of a function that returns a scalar, and it returned {found}")
    leaves, _ = trees.flatten(inputs)
    for position, leaf in enumerate(leaves):
        dtype = (trees.kind(leaf) or ((), None))[1]
        if dtype is not None and not is_floating(dtype) and not dtype.startswith("complex"):
            raise TypeError(
                f"gradients are with respect to arrays of floating-point numbers, and "
                f"{trees.labels(inputs)[position] or 'one'} is {dtype}: pass it as another argument, or choose argnums"
            )


def check_choice(trees: Trees[Any], what: str, choice: Any) -> None:
    """Raise `TypeError` unless `choice` may choose a branch: a number of `u.cond`, an integer of `u.switch`."""
    kind = trees.kind(choice)
    if kind is None:
        is_number = isinstance(choice, (bool, int, float, np.bool_, np.number))
        if is_number and (what == "cond" or (not isinstance(choice, bool) and hasattr(choice, "__index__"))):
            return
        found = repr(choice)
    else:
        if not kind[0] and (what == "cond" or dtype_name(choice.dtype).startswith(("int", "uint"))):
            return
        found = f"an array of {dtype_name(choice.dtype)} of the shape {tuple(kind[0])}"
    integer = "index is an integer scalar (an integer, or an array of one)"
    raise TypeError(f"u.{what}: {'pred is a boolean scalar' if what == 'cond' else integer}, got {found}")


def check_same_kind(trees: Trees[Any], what: str, name: str, before: Any, after: Any) -> Any:
    """Return `after`, with the keys of its dicts in the order of those of `before`.

    Raises a `TypeError` that names the leaf unless the two trees have equal structures, shapes and dtypes.
    """
    if is_same_kind(trees, before, after):
        return after
    old, structure = trees.flatten(before)
    new, new_structure = trees.flatten(after)
    if structure != new_structure:
        after = in_order_of(before, after)
        new, new_structure = trees.flatten(after)
    if structure != new_structure:
        raise TypeError(
            f"{what}: {name} must keep its structure, but it went in as {structure} and came out as {new_structure}"
        )
    for position, (leaf, other) in enumerate(zip(old, new, strict=True)):
        kind, other_kind = trees.kind(leaf), trees.kind(other)
        if (leaf is None) != (other is None):
            kinds = [kind and f"{kind[1] or 'a number'}{list(kind[0])}" for kind in (kind, other_kind)]
            raise TypeError(
                f"{what}: {name}{trees.labels(before)[position]} went in as {kinds[0]} and came out as {kinds[1]}: it "
                "must stay an array, or None"
            )
        if kind is None or other_kind is None:
            continue  # a Python number adopts the dtype of the arrays that it is combined with
        same_dtype = None in (kind[1], other_kind[1]) or kind[1] == other_kind[1]
        if kind[0] != other_kind[0] or not same_dtype:
            raise TypeError(
                f"{what}: {name}{trees.labels(before)[position]} went in as {kind[1] or 'a number'}{list(kind[0])} and "
                f"came out as {other_kind[1] or 'a number'}{list(other_kind[0])}: it must keep its shape and dtype"
            )
    return after


def is_same_kind(trees: Trees[Any], before: Any, after: Any) -> bool:
    """Return whether two arrays, or tuples of them, surely have equal structures, shapes and dtypes."""
    if type(before) is tuple and type(after) is tuple:
        return len(before) == len(after) and all(map(is_same_kind, (trees,) * len(before), before, after))
    if not (trees.is_array(before) and trees.is_array(after)):
        return False
    return bool(before.shape == after.shape and before.dtype == after.dtype)
