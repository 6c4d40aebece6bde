"""The errors of a comparison."""

__all__ = ["MappingError", "SideError"]


class SideError(RuntimeError):
    """Raised if a side cannot be run or given values: the message names the side, and what to do."""


class MappingError(ValueError):
    """Raised if a mapping does not fit values, or a file is no mapping: the message names the path or the line."""
