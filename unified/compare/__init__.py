"""Two implementations of one model that know nothing of each other: the mapping of their weights, and their outputs.

`unified.testing` has its public names. No framework is imported until one of its sides is made.
"""

from unified.compare import sides
from unified.compare.comparison import compare
from unified.compare.errors import MappingError, SideError
from unified.compare.mapping import Mapping
from unified.compare.report import Report
from unified.compare.side import Side

__all__ = ["Mapping", "MappingError", "Report", "Side", "SideError", "compare", "sides"]
