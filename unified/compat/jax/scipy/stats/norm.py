"""`jax.scipy.stats.norm` on either framework."""

from unified.compat.jax import front as _front

_front.serve(globals(), "scipy.stats.norm")
