"""The JAX backend: pure functions over `Params`, which are a pytree.

`backend` is the framework as the core sees it, `model` holds what a user gets, `frame` answers the core during a call
and `init` during the first, `layers` says how each layer computes, in terms of `functional`, and `prng` draws random
numbers.
"""

from unified.backends.jax import bound, pytree
from unified.backends.jax.backend import JaxBackend, backend
from unified.backends.jax.model import JaxModel

__all__ = ["JaxBackend", "JaxModel", "backend"]

pytree.register()
bound.register()
