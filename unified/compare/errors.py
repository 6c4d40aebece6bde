"""The errors of a comparison."""

from unified.core.errors import ExplainedError

__all__ = ["MappingError", "SideError"]


class SideError(ExplainedError, RuntimeError):
    """Raised if a side cannot be run or given values: the message names the side, and what to do."""

    page = "compare#what-goes-wrong"


class MappingError(ExplainedError, ValueError):
    """Raised if a mapping does not fit values, or a file is no mapping: the message names the path or the line."""

    page = "compare#the-file"
