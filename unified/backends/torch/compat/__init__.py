"""JAX's functions on tensors: what `unified.compat.jax` is on torch, a module for each of JAX's."""
