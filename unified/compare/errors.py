"""The errors of a comparison."""

__all__ = ["MappingError", "SideError"]


class SideError(RuntimeError):
    """Raised if a side cannot be run or given values: the message names the side, and what to do.

    >>> import torch as th
    >>> from unified.testing import SideError, sides
    >>> try:
    ...     sides.torch(th.nn.Linear(2, 3), {"weight": th.ones(3, 2)})
    ... except SideError as error:
    ...     print(str(error)[:38])
    the state dict does not fit the module
    """


class MappingError(ValueError):
    """Raised if a mapping does not fit values, or a file is no mapping: the message names the path or the line.

    >>> from unified.testing import Mapping, MappingError
    >>> try:
    ...     Mapping.loads("format = 2")
    ... except MappingError as error:
    ...     print(error)
    format is 2: this version of unified reads format = 1
    """
