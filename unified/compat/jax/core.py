"""`jax.core` on either framework."""

from typing import Any as _Any

from unified.compat.jax import dispatch as _dispatch
from unified.compat.jax.either import either as _either

ShapedArray = AbstractValue = _either("core", "ShapedArray")
Tracer = _either("core", "Tracer")
_dispatch.define_functions(globals(), "core")


def __getattr__(name: str) -> _Any:
    return _dispatch.jax_attribute("core", name)
