"""`StackedScope`: a scope whose variables are stacked along an axis, because its code runs once per slice.

`unified.layer_stack`, and `unified.vmap` or `unified.scan` with `variable_axes=`, enter such a scope. Its layers see
one slice of each variable; the variable in `Params` has one more axis. Slice `i` of the variable `stack/linear/weight`
has the initial values of a variable `stack/i/linear/weight`, so a stack and the same layers unrolled start equal.
"""

import itertools
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from unified.core.errors import StructureChangedError

__all__ = ["StackForm", "StackedScope", "slice_path", "slice_paths", "stacked_axes", "stacked_shape", "stacks_over"]


class StackForm(NamedTuple):
    """How the variables of a scope are kept whose code runs once per slice; its record says so.

    Attributes:
        size: the number of slices.
        axes: as those of `StackedScope`; none if each slice has variables of its own.
        is_layers: whether it is a `layer_stack`, whose variables can be kept either way.
    """

    size: int
    axes: tuple[tuple[Any, int], ...]
    is_layers: bool = False

    def __str__(self) -> str:
        return f"a stack of {self.size}" if self.axes else f"{self.size} separate layers"


class StackedScope(NamedTuple):
    """The scope at `path`, whose variables are stacks of `size` slices.

    `axes` contains pairs of a collection and the axis along which its variables are stacked. The key `...` means all
    other collections; collections without an axis are not stacked but shared.
    """

    path: str
    size: int
    axes: tuple[tuple[Any, int], ...]

    def axis(self, path: str, collection: str) -> int | None:
        """Return the axis along which a variable is stacked; `None` if it is not stacked here."""
        if collection == "rng" or not (path.startswith(f"{self.path}/") or not self.path):
            return None
        axes = dict(self.axes)
        return axes.get(collection, axes.get(...))

    def check(self, path: str, shape: tuple[int, ...], axis: int) -> None:
        """Raise unless a stacked variable has `size` slices."""
        if shape[axis] != self.size:
            raise StructureChangedError(
                f"{path!r} has {shape[axis]} slices along axis {axis}, and this call of {self.path!r} asks for "
                f"{self.size}"
            ).with_page("transforms#many-layers-as-one")


def stacks_over(stacks: Mapping[str, StackedScope], path: str, collection: str) -> list[tuple[StackedScope, int]]:
    """Return the stacks that a variable belongs to, each with the variable's axis in it; the outermost first."""
    axes = [(stack, stack.axis(path, collection)) for stack in stacks.values()]
    over = [(stack, axis) for stack, axis in axes if axis is not None]
    return sorted(over, key=lambda item: len(item[0].path))


def stacked_shape(shape: Iterable[int], over: list[tuple[StackedScope, int]]) -> tuple[int, ...]:
    """Return the shape of a stacked variable, from the shape of one slice."""
    result = list(shape)
    for stack, axis in reversed(over):
        if not -len(result) - 1 <= axis <= len(result):
            raise ValueError(f"a variable of shape {tuple(result)} in {stack.path!r} cannot be stacked along {axis}")
        result.insert(axis if axis >= 0 else len(result) + 1 + axis, stack.size)
    return tuple(result)


def stacked_axes(axes: Iterable[Any], over: list[tuple[StackedScope, int]]) -> tuple[Any, ...]:
    """Return the annotation of each axis of a stacked variable from those of one slice; `None` for a stacked axis."""
    result = list(axes)
    for _, axis in reversed(over):
        result.insert(axis if axis >= 0 else len(result) + 1 + axis, None)
    return tuple(result)


def slice_paths(path: str, over: list[tuple[StackedScope, int]]) -> Iterator[tuple[tuple[int, ...], str]]:
    """Yield the indices of each slice of a variable, and the path from which its initial values are drawn."""
    for indices in itertools.product(*(range(stack.size) for stack, _ in over)):
        yield indices, slice_path(path, over, indices)


def slice_path(path: str, over: list[tuple[StackedScope, int]], indices: Iterable[int]) -> str:
    """Return the path from which the initial values of one slice of a variable are drawn."""
    for (stack, _), index in reversed(list(zip(over, indices, strict=True))):
        inner = path.removeprefix(f"{stack.path}/") if stack.path else path
        path = f"{stack.path}/{index}/{inner}" if stack.path else f"{index}/{inner}"
    return path
