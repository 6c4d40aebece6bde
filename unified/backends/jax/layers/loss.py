"""What the losses share on JAX."""

from typing import Any

import jax

from unified.backends.jax.layers.base import JaxLayer

__all__ = ["Loss"]


class Loss(JaxLayer):
    """A loss whose constructor takes the options of a function, by the same names."""

    def _by(self, function: Any, *inputs: Any) -> jax.Array:
        return function(*inputs, **{name: getattr(self, name) for name in self._spec.arguments})
