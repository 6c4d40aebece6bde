"""`jax.custom_batching` on either framework."""

from typing import Any as _Any

from unified.compat.jax import dispatch as _dispatch

custom_vmap = _dispatch.function("custom_batching", "custom_vmap")
sequential_vmap = _dispatch.function("custom_batching", "sequential_vmap")


def __getattr__(name: str) -> _Any:
    return _dispatch.jax_attribute("custom_batching", name)
