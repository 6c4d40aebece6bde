"""Embeddings."""

import jax
from jax import lax

from unified.backends.jax import functional as F
from unified.backends.jax.functional.embedding import renormalize
from unified.backends.jax.layers.base import JaxLayer


class _Embedding(JaxLayer):
    def _renormalize(self, input: jax.Array) -> jax.Array:
        """Return the weight, after the rows at `input` are scaled down if there is a `max_norm`, and store it."""
        weight = self.weight
        if self.max_norm is None:
            return weight
        new = lax.stop_gradient(renormalize(weight, input, self.max_norm, self.norm_type))
        self._store("weight", new)
        return weight + lax.stop_gradient(new - weight)  # the value of the new rows, the gradient of the parameter


class Embedding(_Embedding):
    def forward(self, input: jax.Array) -> jax.Array:
        weight = self._renormalize(input)
        return F.embedding(input, weight, self.padding_idx, scale_grad_by_freq=self.scale_grad_by_freq)

    def attend(self, query: jax.Array) -> jax.Array:
        return F.linear(query, self.weight)


class EmbeddingBag(_Embedding):
    def forward(
        self, input: jax.Array, offsets: jax.Array | None = None, per_sample_weights: jax.Array | None = None
    ) -> jax.Array:
        return F.embedding_bag(
            input,
            self._renormalize(input),
            offsets,
            scale_grad_by_freq=self.scale_grad_by_freq,
            mode=self.mode,
            sparse=self.sparse,
            per_sample_weights=per_sample_weights,
            include_last_offset=self.include_last_offset,
            padding_idx=self.padding_idx,
        )
