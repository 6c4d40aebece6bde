"""Attention."""

from typing import Any

import jax

from unified.backends.jax.functional.attention import multi_head_attention
from unified.backends.jax.functional.dropout import drop
from unified.backends.jax.layers.base import JaxLayer
from unified.core.distributions import Bernoulli
from unified.core.draws import DROPOUT


class MultiheadAttention(JaxLayer):
    def forward(
        self,
        query: jax.Array,
        key: jax.Array,
        value: jax.Array,
        key_padding_mask: jax.Array | None = None,
        need_weights: bool = True,
        attn_mask: jax.Array | None = None,
        average_attn_weights: bool = True,
        is_causal: bool = False,
    ) -> tuple[jax.Array, jax.Array | None]:
        if query.shape[-1] != self.embed_dim:
            raise ValueError(f"{self._path!r}: query must have {self.embed_dim} features, got shape {query.shape}")
        weight: Any = self.in_proj_weight
        if weight is None:
            weight = self.q_proj_weight, self.k_proj_weight, self.v_proj_weight
        return multi_head_attention(
            query,
            key,
            value,
            self.num_heads,
            weight,
            self.in_proj_bias,
            self.bias_k,
            self.bias_v,
            self.add_zero_attn,
            self._value("out_proj/weight"),
            self._value("out_proj/bias") if self.bias else None,
            self._drop,
            key_padding_mask,
            need_weights,
            attn_mask,
            average_attn_weights,
            is_causal,
            self.batch_first,
        )

    def _drop(self, weights: jax.Array) -> jax.Array:
        """Return the attention weights after dropout, in training."""
        if not self.training or not self.dropout:
            return weights
        draw = self._frame.next_draw(self._path, DROPOUT)
        keep = self._frame.sample(Bernoulli(1 - self.dropout), weights.shape, "bool", draw)
        return drop(weights, keep, self.dropout)
