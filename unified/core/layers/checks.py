"""Checks of constructor arguments, shared by several layers."""

from typing import Any

__all__ = ["check_probability", "check_reduction", "check_sizes"]


def check_sizes(least: int = 0, **sizes: Any) -> None:
    """Raise `ValueError` unless each of the named sizes is an integer of at least `least`."""
    for name, size in sizes.items():
        if not hasattr(size, "__index__") or size < least:
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
