"""The errors of a comparison."""

from unified.core.errors import ExplainedError

__all__ = ["MappingError", "SideError"]


class SideError(ExplainedError, RuntimeError):
    """Raised if a side cannot be run or given values: the message names the side, and what to do.

    >>> import torch as th
    >>> from unified.testing import SideError, sides
    >>> try:
    ...     sides.torch(th.nn.Linear(2, 3), {"weight": th.ones(3, 2)})
    ... except SideError as error:
    ...     print(str(error)[:38])
    the state dict does not fit the module
    """

    page = "compare#what-goes-wrong"


class MappingError(ExplainedError, ValueError):
    """Raised if a mapping does not fit values, or a file is no mapping: the message names the path or the line.

    >>> from unified.testing import Mapping, MappingError
    >>> try:
    ...     Mapping.loads("format = 2")
    ... except MappingError as error:
    ...     print(str(error).partition(":")[0])
    format is 2
    """

    page = "compare#the-file"
