"""StackedScope: scopes whose variables are stacked, because a transform runs their code once for many.

`unified.layer_stack`, and `unified.vmap` or `unified.scan` with `variable_axes=`, enter a scope of their own. A
variable below it belongs to one lane as its layer sees it; what `Params` holds has an axis more, of the size of the
lanes. Lane `i` of the variable `stack/linear/weight` starts with the values that a variable `stack/i/linear/weight`
has, so that a stack and the same layers written out start equal.
"""

import itertools
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from unified.core.errors import StructureChangedError

__all__ = ["StackedScope", "slice_paths", "stacked_axes", "stacked_shape", "stacks_over"]


class StackedScope(NamedTuple):
    """The scope at `path`, of which there are `size` lanes; `axes` says along which axis each collection is stacked.

    The key `...` stands for all other collections; those without an axis are shared by the lanes.
    """

    path: str
    size: int
    axes: tuple[tuple[Any, int], ...]

    def axis(self, path: str, collection: str) -> int | None:
        """The axis of a variable, `None` if it is not stacked here."""
        if collection == "rng" or not (path.startswith(f"{self.path}/") or not self.path):
            return None
        axes = dict(self.axes)
        return axes.get(collection, axes.get(...))

    def check(self, path: str, shape: tuple[int, ...], axis: int) -> None:
        """Raises unless a variable has as many lanes as there are."""
        if shape[axis] != self.size:
            raise StructureChangedError(
                f"{path!r} has {shape[axis]} lanes along axis {axis}, and this call of {self.path!r} asks for "
                f"{self.size}"
            )


def stacks_over(lanes: Mapping[str, StackedScope], path: str, collection: str) -> list[tuple[StackedScope, int]]:
    """The lanes that a variable is stacked by, with its axes in them; the outermost first."""
    found = [(entry, entry.axis(path, collection)) for entry in lanes.values()]
    chosen = [(entry, axis) for entry, axis in found if axis is not None]
    return sorted(chosen, key=lambda item: len(item[0].path))


def stacked_shape(shape: Iterable[int], over: list[tuple[StackedScope, int]]) -> tuple[int, ...]:
    """The shape of all lanes of a variable together, from that of one."""
    result = list(shape)
    for lanes, axis in reversed(over):
        if not -len(result) - 1 <= axis <= len(result):
            raise ValueError(f"a variable of shape {tuple(result)} in {lanes.path!r} cannot be stacked along {axis}")
        result.insert(axis if axis >= 0 else len(result) + 1 + axis, lanes.size)
    return tuple(result)


def stacked_axes(axes: Iterable[Any], over: list[tuple[StackedScope, int]]) -> tuple[Any, ...]:
    """What is said of each axis of one lane of a variable, with `None` for those of the lanes."""
    result = list(axes)
    for _, axis in reversed(over):
        result.insert(axis if axis >= 0 else len(result) + 1 + axis, None)
    return tuple(result)


def slice_paths(path: str, over: list[tuple[StackedScope, int]]) -> Iterator[tuple[tuple[int, ...], str]]:
    """For each lane of a variable its numbers, and the path by which its first values are drawn."""
    for numbers in itertools.product(*(range(lanes.size) for lanes, _ in over)):
        lane = path
        for (lanes, _), number in reversed(list(zip(over, numbers, strict=True))):
            inner = lane.removeprefix(f"{lanes.path}/") if lanes.path else lane
            lane = f"{lanes.path}/{number}/{inner}" if lanes.path else f"{number}/{inner}"
        yield numbers, lane
