"""`Loss`: the base of losses on JAX."""

from typing import Any

import jax

from unified.backends.jax.layers.base import JaxLayer

__all__ = ["Loss"]


class Loss(JaxLayer):
    """A loss whose constructor takes the options of a function under the same names."""

    def _call_function(self, function: Any, *inputs: Any) -> jax.Array:
        """Return `function` of the inputs, with the constructor's arguments as its options."""
        return function(*inputs, **{name: getattr(self, name) for name in self._spec.arguments})
