"""`find`: the mapping between two implementations of one model."""

from unified.compare.layouts import Layouts
from unified.compare.mapping import Mapping
from unified.compare.side import Inputs, Side

__all__ = ["find"]


def find(first: Side, second: Side, inputs: Inputs, second_inputs: Inputs, layouts: Layouts) -> Mapping:
    """Return the mapping from the first side's values to the second's."""
    raise NotImplementedError
