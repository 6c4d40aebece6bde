"""`jax.experimental.multihost_utils` on either framework."""

from typing import Any as _Any

from unified.compat.jax import dispatch as _dispatch

_dispatch.define_functions(globals(), "experimental.multihost_utils")


def __getattr__(name: str) -> _Any:
    return _dispatch.jax_attribute("experimental.multihost_utils", name)
