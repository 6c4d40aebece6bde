"""Where two implementations first differ: the last layer that agrees, and the first that does not."""

from typing import Any

from unified.compare.mapping import Mapping
from unified.compare.side import Inputs, Side

__all__ = ["locate"]


def locate(first: Side, second: Side, mapping: Mapping, inputs: Inputs, second_inputs: Inputs) -> Any:
    """Return the first difference between two sides that have the same weights by now; `None` if it is not known."""
    return None
