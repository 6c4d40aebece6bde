"""Checks of constructor arguments, shared by several layers."""

from typing import Any

__all__ = ["check_groups", "check_probability", "check_reduction", "check_sizes"]


def check_sizes(least: int = 0, **sizes: Any) -> None:
    """Raise `ValueError` unless each of the named sizes is an integer of at least `least`."""
    for name, size in sizes.items():
        if not hasattr(size, "__index__") or isinstance(size, bool) or size < least:
            raise ValueError(f"{name} must be an integer of at least {least}, got {size!r}")


def check_probability(**probabilities: Any) -> None:
    """Raise `ValueError` unless each of the named values lies between 0 and 1."""
    for name, value in probabilities.items():
        if not 0 <= value <= 1:
            raise ValueError(f"{name} must be a probability between 0 and 1, got {value!r}")


def check_reduction(reduction: str, *others: str) -> None:
    """Raise `ValueError` unless `reduction` is 'none', 'mean' or 'sum', or one of `others`."""
    reductions = ("none", "mean", "sum", *others)
    if reduction not in reductions:
        raise ValueError(f"reduction must be one of {', '.join(map(repr, reductions))}, got {reduction!r}")


def check_groups(groups: Any, axis_name: Any) -> None:
    """Raise `ValueError` unless these groups of elements of a mapped axis divide it into parts of one size."""
    if groups is None:
        return
    if axis_name is None or isinstance(axis_name, (tuple, list)):
        raise ValueError(f"axis_index_groups= are groups of elements of one axis: pass its axis_name=, got {axis_name}")
    places = sorted(place for group in groups for place in group)
    if places != list(range(len(places))) or len({len(group) for group in groups}) != 1:
        raise ValueError(
            f"axis_index_groups must have each element of the axis once, in groups of one size, got {groups}"
        )
