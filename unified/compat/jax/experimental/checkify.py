"""`jax.experimental.checkify` on either framework."""

from typing import Any as _Any

from unified.compat.jax import dispatch as _dispatch
from unified.compat.jax.active_backend import backend_for as _backend_for
from unified.compat.jax.either import either as _either
from unified.compat.jax.implementations import implementation as _implementation

Error = _either("experimental.checkify", "Error")
check, debug_check, check_error, checkify = [
    _dispatch.function("experimental.checkify", name) for name in ("check", "debug_check", "check_error", "checkify")
]


def __getattr__(name: str) -> _Any:
    """Return the sets of kinds of errors, and the other classes, of the framework that runs."""
    if name.startswith("__"):
        raise AttributeError(name)
    return getattr(_implementation(_backend_for().name, "experimental.checkify"), name)
