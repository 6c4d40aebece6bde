"""`jax.scipy.stats` on either framework."""

from unified.compat.jax.scipy.stats import norm

__all__ = ["norm"]
