"""The pair that `apply` returns, where an array is expected."""

from typing import Any

from unified.core.params import Params

__all__ = ["refuse_pair"]


def refuse_pair(value: tuple[Any, ...]) -> None:
    """Raise `TypeError` if a tuple is what `apply` returns, and not yet unpacked."""
    if len(value) == 2 and isinstance(value[1], Params):
        raise TypeError("got the pair that apply returns, not an array: write output, changes = net.apply(...)")
