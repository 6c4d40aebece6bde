"""`jax.custom_batching` on torch, which maps functions by torch's own rules."""

from typing import Any

from unified.compat.jax.on_torch.behaviour import Behaviour
from unified.core.errors import BackendError

__all__ = ["custom_vmap", "sequential_vmap"]

BEHAVIOUR = Behaviour(on_arrays=True)


def custom_vmap(fun: Any) -> Any:
    raise BackendError(
        "jax.custom_batching.custom_vmap is not offered on torch: let jax.vmap map the function itself, or write a "
        "torch.autograd.Function with a vmap rule"
    ).with_page("haiku#pitfalls")


def sequential_vmap(f: Any) -> Any:
    raise BackendError(
        "jax.custom_batching.sequential_vmap is not offered on torch: use jax.lax.map, or pass "
        "vmap_method='sequential' to a callback"
    ).with_page("haiku#pitfalls")
