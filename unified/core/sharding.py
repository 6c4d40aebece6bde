"""The axes of a device mesh over which the dimensions of a variable are split.

A variable's metadata `sharding` names, for each of its dimensions, an axis of the mesh, several axes, or `None`;
dimensions that are missing at the end are not split. The names may be logical (`"heads"`), and `rules` then map them to
axes of the mesh.
"""

from collections.abc import Mapping
from typing import Any

from unified.core.structure import VariableInfo

__all__ = ["Axes", "axes_of"]

Axes = tuple[tuple[str, ...], ...]  # for each dimension, the mesh axes over which it is split
Rules = Mapping[str, str | tuple[str, ...] | None]


def axes_of(info: VariableInfo, sizes: Mapping[str, int], rules: Rules | None) -> Axes:
    """Return the axes of the mesh for each dimension of a variable; `sizes` are the sizes of the mesh axes by name.

    Raises a `ValueError` that names the variable if its annotation does not fit the variable or the mesh.
    """
    annotation = info.metadata.get("sharding")
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
