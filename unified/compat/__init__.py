"""JAX's and Haiku's own names, on either framework: so far `unified.compat.jax.random`."""
