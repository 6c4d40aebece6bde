"""Dropout."""

import jax

from unified.backends.jax.functional.dropout import drop
from unified.backends.jax.layers.base import JaxLayer
from unified.core.distributions import Bernoulli


class Dropout(JaxLayer):
    def forward(self, input: jax.Array) -> jax.Array:
        if not self.training or self.p == 0:
            return input
        index = self._frame.draw_index(self._path)
        keep = self._frame.sample(Bernoulli(1 - self.p), input.shape, "bool", self._path, index)
        return drop(input, keep, self.p)
