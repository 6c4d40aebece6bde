"""`jax.nn` on either framework."""

from unified.compat.jax import front as _front
from unified.compat.jax.nn import initializers

_front.serve(globals(), "nn")
