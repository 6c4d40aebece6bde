"""`jax.stages`: classes of compiled functions, for annotations and `isinstance`; no value on torch is one."""

from typing import Any as _Any

from unified.compat.jax import dispatch as _dispatch
from unified.compat.jax.either import either as _either

Compiled = _either("stages", "Compiled")
CompilerOptions = _either("stages", "CompilerOptions")
Lowered = _either("stages", "Lowered")
Traced = _either("stages", "Traced")
Wrapped = _either("stages", "Wrapped")
_dispatch.define_functions(globals(), "stages")


def __getattr__(name: str) -> _Any:
    return _dispatch.jax_attribute("stages", name)
