"""`jax.ad_checkpoint` on either framework."""

from typing import Any as _Any

from unified.compat.jax import dispatch as _dispatch
from unified.compat.jax.active_backend import backend_for as _backend_for
from unified.compat.jax.implementations import implementation as _implementation

checkpoint = remat = _dispatch.function("", "checkpoint")


class _Policies:
    """What may be kept for the gradient, by JAX's names: JAX's own policies on JAX."""

    def __getattr__(self, name: str) -> _Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(_implementation(_backend_for().name, "ad_checkpoint").checkpoint_policies, name)


checkpoint_policies = _Policies()
_dispatch.define_functions(globals(), "ad_checkpoint")


def __getattr__(name: str) -> _Any:
    return _dispatch.jax_attribute("ad_checkpoint", name)
