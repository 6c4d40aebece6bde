"""`jax.nn` on either framework."""

from typing import Any as _Any

from unified.compat.jax import dispatch as _dispatch
from unified.compat.jax.nn import initializers

_dispatch.define_functions(globals(), "nn")


def __getattr__(name: str) -> _Any:
    return _dispatch.jax_attribute("nn", name)
