"""`jax.numpy.linalg` on either framework."""

from unified.compat.jax import front as _front

_front.serve(globals(), "numpy.linalg")
