"""The axes of a device mesh over which the dimensions of a variable are split.

A variable's metadata `sharding` names, for each of its dimensions, an axis of the mesh, several axes, or `None`;
dimensions that are missing at the end are not split. The names may be logical (`"heads"`), and `rules` then map them to
axes of the mesh.

A rule whose key is a pattern of paths (with `/`, `*`, `?` or `[`) stands in for that metadata: the first pattern that
matches a variable names the axes of its dimensions. In a stack of layers these are the dimensions of one layer, unless
there are as many entries as the stack has dimensions.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from unified.core.filters import of_path
from unified.core.naming import closest
from unified.core.stacks import StackedScope, StackForm, stacked_axes, stacks_over
from unified.core.structure import VariableInfo

__all__ = ["Axes", "axes_of_all"]

Axes = tuple[tuple[str, ...], ...]  # for each dimension, the mesh axes over which it is split
Rules = Mapping[str, Any]  # a logical name to axes, or a pattern of paths to the axes of each dimension


def axes_of_all(
    infos: Sequence[VariableInfo], stacks: Mapping[str, StackForm], sizes: Mapping[str, int], rules: Rules | None
) -> list[Axes]:
    """Return the axes of the mesh for each dimension of each variable; `sizes` are those of the mesh axes by name.

    Raises a `ValueError` that names the variable if its annotation does not fit the variable or the mesh, and one that
    names the rule if its pattern matches nothing.
    """
    patterns = {name: axes for name, axes in (rules or {}).items() if any(c in name for c in "/*?[")}
    names = {name: axes for name, axes in (rules or {}).items() if name not in patterns} if rules else None
    for pattern in patterns:
        if not any(of_path(pattern, info.path) for info in infos):
            paths = [info.path for info in infos]
            raise ValueError(f"the rule {pattern!r} matches the path of no variable{closest(pattern, paths)}")
    scopes = {path: StackedScope(path, form.size, form.axes) for path, form in stacks.items() if form.axes}
    return [_axes_of(info, _annotation(info, patterns, scopes), sizes, names) for info in infos]


def _annotation(info: VariableInfo, patterns: Rules, stacks: Mapping[str, StackedScope]) -> Any:
    """Return what names the axes of a variable's dimensions: a rule, or its metadata."""
    for pattern, axes in patterns.items():
        if of_path(pattern, info.path):
            over = stacks_over(stacks, info.path, info.collection)
            if over and isinstance(axes, (tuple, list)) and len(axes) <= len(info.shape) - len(over):
                return stacked_axes((*axes, *(None,) * (len(info.shape) - len(over) - len(axes))), over)
            return axes
    return info.metadata.get("sharding")


def _axes_of(info: VariableInfo, annotation: Any, sizes: Mapping[str, int], rules: Rules | None) -> Axes:
    if annotation is None:
        return ((),) * len(info.shape)
    if not isinstance(annotation, (tuple, list)) or len(annotation) > len(info.shape):
        raise ValueError(
            f"{info.path!r} has shape {info.shape}, and its sharding {annotation!r} does not name an axis, or None, "
            "for each dimension"
        )
    axes = tuple(_mesh_axes(info, entry, sizes, rules) for entry in annotation)
    used = [axis for entry in axes for axis in entry]
    if len(set(used)) < len(used):
        raise ValueError(f"{info.path!r}: its sharding {annotation!r} uses an axis of the mesh twice")
    for dimension, entry in enumerate(axes):
        parts = 1
        for axis in entry:
            parts *= sizes[axis]
        if info.shape[dimension] % parts:
            raise ValueError(
                f"{info.path!r}: dimension {dimension} has size {info.shape[dimension]}, and cannot be split over the "
                f"{parts} devices of {', '.join(map(repr, entry))}"
            )
    return axes + ((),) * (len(info.shape) - len(axes))


def _mesh_axes(info: VariableInfo, entry: Any, sizes: Mapping[str, int], rules: Rules | None) -> tuple[str, ...]:
    names = entry if isinstance(entry, (tuple, list)) else (entry,)
    axes: list[str] = []
    for name in names:
        axis = rules[name] if rules is not None and name in rules else name
        axes += axis if isinstance(axis, (tuple, list)) else () if axis is None else (axis,)
    for name in axes:
        if name not in sizes:
            raise ValueError(
                f"{info.path!r}: its sharding names {name!r}, which is no axis of the mesh ({', '.join(sizes)})"
                + ("" if rules is None else " and in no rule")
            )
    return tuple(axes)
