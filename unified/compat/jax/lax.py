"""`jax.lax` on either framework."""

import enum as _enum
from typing import Any as _Any

from unified.compat.jax import dispatch as _dispatch


class Precision(str, _enum.Enum):
    """The precision of products. JAX uses it; torch has one setting for the process."""

    DEFAULT = "default"
    HIGH = "high"
    HIGHEST = "highest"


class RoundingMethod(_enum.IntEnum):
    """Rounding of halves: away from zero, or to even."""

    AWAY_FROM_ZERO = 0
    TO_NEAREST_EVEN = 1


PrecisionLike = object
_dispatch.define_functions(globals(), "lax")


def __getattr__(name: str) -> _Any:
    return _dispatch.jax_attribute("lax", name)
