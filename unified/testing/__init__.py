"""Tests that models are the same: `assert_parity` for one model on all frameworks, `compare` for two implementations.

`assert_parity` and the pytest fixture `unified_backend` run one body of unified on all frameworks; `compare` takes two
implementations that know nothing of unified (`sides`), finds the `Mapping` of their weights, and compares them.
"""

from typing import TYPE_CHECKING, Any

from unified.testing.parity import ParityError, assert_parity

if TYPE_CHECKING:
    from unified.compare import Mapping, MappingError, Report, SideError, compare, sides

__all__ = ["Mapping", "MappingError", "ParityError", "Report", "SideError", "assert_parity", "compare", "sides"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from unified import compare as package

    return getattr(package, name)
