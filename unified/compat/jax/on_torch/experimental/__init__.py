"""`jax.experimental` on torch."""

from unified.compat.jax.on_torch.behaviour import Behaviour
from unified.compat.jax.on_torch.callbacks import io_callback

__all__ = ["io_callback"]

BEHAVIOUR = Behaviour(on_arrays=True)
