"""`jax.flatten_util` on either framework."""

from typing import Any as _Any

from unified.compat.jax import dispatch as _dispatch

_dispatch.define_functions(globals(), "flatten_util")


def __getattr__(name: str) -> _Any:
    return _dispatch.jax_attribute("flatten_util", name)
