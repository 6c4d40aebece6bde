"""The JAX backend: pure functions over `Params`, which are a pytree.

`backend` implements the core's protocol, `model` is what `transform` returns, `frame` runs a call and `init` the first
one, `layers` implements each layer by `functional`, and `prng` draws random numbers.
"""

import sys

from unified.backends.jax import pytree
from unified.backends.jax.backend import JaxBackend, backend
from unified.backends.jax.model import JaxModel

__all__ = ["JaxBackend", "JaxModel", "backend"]

pytree.register()
if "unified.trees.registry" in sys.modules:  # its classes wait for this framework
    sys.modules["unified.trees.registry"].ready()
