"""`jax.scipy` on either framework."""

from unified.compat.jax.scipy import linalg, ndimage, signal, special, stats

__all__ = ["linalg", "ndimage", "signal", "special", "stats"]
