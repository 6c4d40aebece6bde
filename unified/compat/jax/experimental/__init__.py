"""`jax.experimental` on either framework."""

from typing import Any as _Any

from unified.compat.jax import dispatch as _dispatch
from unified.compat.jax.experimental import checkify, mesh_utils, multihost_utils, pjit, shard_map

_dispatch.define_functions(globals(), "experimental")


def __getattr__(name: str) -> _Any:
    return _dispatch.jax_attribute("experimental", name)
