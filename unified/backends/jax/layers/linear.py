"""Linear layers."""

import jax

from unified.backends.jax import functional as F
from unified.backends.jax.layers.base import JaxLayer


class Linear(JaxLayer):
    def forward(self, input: jax.Array) -> jax.Array:
        return F.linear(input, self.weight, self.bias)


class Bilinear(JaxLayer):
    def forward(self, input1: jax.Array, input2: jax.Array) -> jax.Array:
        return F.bilinear(input1, input2, self.weight, self.bias)
