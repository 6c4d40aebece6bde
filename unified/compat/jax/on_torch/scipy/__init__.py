"""`jax.scipy` on tensors."""
