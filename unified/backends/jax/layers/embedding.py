"""Look-up tables."""

import jax
from jax import lax

from unified.backends.jax import functional as F
from unified.backends.jax.functional.embedding import renormalize
from unified.backends.jax.layers.base import JaxLayer


class _Table(JaxLayer):
    def _renormalized(self, input: jax.Array) -> jax.Array:
        """The table, whose named rows are first scaled down if there is a `max_norm`."""
        weight = self.weight
        if self.max_norm is None:
            return weight
        new = lax.stop_gradient(renormalize(weight, input, self.max_norm, self.norm_type))
        self._store("weight", new)
        return weight + lax.stop_gradient(new - weight)  # the new rows, with the gradient of the parameter


class Embedding(_Table):
    def forward(self, input: jax.Array) -> jax.Array:
        weight = self._renormalized(input)
        return F.embedding(input, weight, self.padding_idx, scale_grad_by_freq=self.scale_grad_by_freq)


class EmbeddingBag(_Table):
    def forward(
        self, input: jax.Array, offsets: jax.Array | None = None, per_sample_weights: jax.Array | None = None
    ) -> jax.Array:
        return F.embedding_bag(
            input,
            self._renormalized(input),
            offsets,
            scale_grad_by_freq=self.scale_grad_by_freq,
            mode=self.mode,
            sparse=self.sparse,
            per_sample_weights=per_sample_weights,
            include_last_offset=self.include_last_offset,
            padding_idx=self.padding_idx,
        )
