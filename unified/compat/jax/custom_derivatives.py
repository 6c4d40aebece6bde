"""`jax.custom_derivatives` on either framework."""

from typing import Any as _Any

from unified.compat.jax import dispatch as _dispatch
from unified.compat.jax.either import either as _either

custom_gradient = _dispatch.function("", "custom_gradient")
custom_jvp = _dispatch.function("", "custom_jvp")
custom_vjp = _dispatch.function("", "custom_vjp")
SymbolicZero = _either("custom_derivatives", "SymbolicZero", "core")
CustomVJPPrimal = _either("custom_derivatives", "CustomVJPPrimal", "core")
closure_convert = _dispatch.function("", "closure_convert")


def __getattr__(name: str) -> _Any:
    return _dispatch.jax_attribute("custom_derivatives", name)
