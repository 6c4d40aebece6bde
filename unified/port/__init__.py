"""`unified port`: a file of Haiku and JAX code as one that also runs on PyTorch, by a change of its imports.

`imports` rewrites them and reports the names that are not covered, `coverage` knows which are, `check` runs both
versions side by side.
"""

from unified.port.check import check
from unified.port.coverage import is_covered
from unified.port.imports import Missing, port

__all__ = ["Missing", "check", "is_covered", "port"]
