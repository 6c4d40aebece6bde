"""`unified port`: change the imports of a Haiku and JAX file so that it also runs on PyTorch.

`imports` rewrites the imports and reports names that are not covered, `coverage` decides which names are, `check` runs
the original and its port and compares them.
"""

from unified.port.check import check
from unified.port.coverage import is_covered
from unified.port.imports import Missing, port

__all__ = ["Missing", "check", "is_covered", "port"]
