"""Look-up tables."""

import jax
from jax import lax

from unified.backends.jax import functional as F
from unified.backends.jax.functional.embedding import renormalize
from unified.backends.jax.layers.base import JaxLayer


class Embedding(JaxLayer):
    def forward(self, input: jax.Array) -> jax.Array:
        weight = self.weight
        if self.max_norm is not None:
            new = lax.stop_gradient(renormalize(weight, input, self.max_norm, self.norm_type))
            self._store("weight", new)
            weight = weight + lax.stop_gradient(new - weight)  # the new rows, with the gradient of the parameter
        return F.embedding(input, weight, self.padding_idx, scale_grad_by_freq=self.scale_grad_by_freq)
