"""The part of `jax.example_libraries` that models use."""

from unified.compat.jax.example_libraries import optimizers

__all__ = ["optimizers"]
