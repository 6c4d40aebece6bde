"""Haiku's and JAX's own names, on either framework: `unified.compat.haiku` and `unified.compat.jax`."""
