"""`jax.scipy` on either framework."""

from unified.compat.jax.scipy import linalg, signal, special, stats

__all__ = ["linalg", "signal", "special", "stats"]
