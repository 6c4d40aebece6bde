"""`jax.nn` on either framework."""

from typing import Any as _Any

from unified.compat.jax import front as _front
from unified.compat.jax.nn import initializers

_front.serve(globals(), "nn")


def __getattr__(name: str) -> _Any:
    return _front.of_jax("nn", name)
