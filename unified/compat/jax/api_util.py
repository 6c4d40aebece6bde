"""`jax.api_util` on either framework."""

from unified.compat.jax import front as _front

_front.serve(globals(), "api_util")
