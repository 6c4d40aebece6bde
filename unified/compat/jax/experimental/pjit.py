"""`jax.experimental.pjit`, an older name of `jax.jit`."""

from unified.compat.jax import dispatch as _dispatch

__all__ = ["pjit", "with_sharding_constraint"]

pjit = _dispatch.function("", "jit")
with_sharding_constraint = _dispatch.function("lax", "with_sharding_constraint")
