"""`jax.scipy.stats` on tensors."""
