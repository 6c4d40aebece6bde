"""Transformers."""

from typing import Any

import jax

from unified.backends.jax import functional as F
from unified.backends.jax.layers.base import JaxLayer

Mask = jax.Array | None


class _Block(JaxLayer):
    """A block of residual branches, with a norm before each branch or after each sum."""

    def _residual(self, number: int, x: jax.Array, branch: Any) -> jax.Array:
        """Return `x` plus the dropout of a branch, normalised by the norm of that number."""
        norm, dropout = self._inner(f"norm{number}"), self._inner(f"dropout{number}")
        if self.norm_first:
            return x + dropout(branch(norm(x)))
        return norm(x + dropout(branch(x)))

    def _feed_forward(self, x: jax.Array) -> jax.Array:
        if "activation" in self._spec.inner:
            activation: Any = self._inner("activation")
        else:
            activation = getattr(F, self.activation) if isinstance(self.activation, str) else self.activation
        return self._inner("linear2")(self._inner("dropout")(activation(self._inner("linear1")(x))))


class TransformerEncoderLayer(_Block):
    def forward(
        self, src: jax.Array, src_mask: Mask = None, src_key_padding_mask: Mask = None, is_causal: bool = False
    ) -> jax.Array:
        def attend(x: jax.Array) -> jax.Array:
            return self.self_attn(x, x, x, src_key_padding_mask, False, src_mask, is_causal=is_causal)[0]

        return self._residual(2, self._residual(1, src, attend), self._feed_forward)


class TransformerDecoderLayer(_Block):
    def forward(
        self,
        tgt: jax.Array,
        memory: jax.Array,
        tgt_mask: Mask = None,
        memory_mask: Mask = None,
        tgt_key_padding_mask: Mask = None,
        memory_key_padding_mask: Mask = None,
        tgt_is_causal: bool = False,
        memory_is_causal: bool = False,
    ) -> jax.Array:
        def attend(x: jax.Array) -> jax.Array:
            return self.self_attn(x, x, x, tgt_key_padding_mask, False, tgt_mask, is_causal=tgt_is_causal)[0]

        def attend_to_memory(x: jax.Array) -> jax.Array:
            return self.multihead_attn(
                x, memory, memory, memory_key_padding_mask, False, memory_mask, is_causal=memory_is_causal
            )[0]

        x = self._residual(2, self._residual(1, tgt, attend), attend_to_memory)
        return self._residual(3, x, self._feed_forward)


class _Stack(JaxLayer):
    def _run(self, x: jax.Array, *others: Any) -> jax.Array:
        """Return the output of all layers, one after the other, and of the norm after them."""
        for number in range(self.num_layers):
            x = self._inner(f"layers/{number}")(x, *others)
        return self._inner("norm")(x) if "norm" in self._spec.inner else x


class TransformerEncoder(_Stack):
    def forward(
        self, src: jax.Array, mask: Mask = None, src_key_padding_mask: Mask = None, is_causal: bool | None = None
    ) -> jax.Array:
        return self._run(src, mask, src_key_padding_mask, bool(is_causal))


class TransformerDecoder(_Stack):
    def forward(
        self,
        tgt: jax.Array,
        memory: jax.Array,
        tgt_mask: Mask = None,
        memory_mask: Mask = None,
        tgt_key_padding_mask: Mask = None,
        memory_key_padding_mask: Mask = None,
        tgt_is_causal: bool | None = None,
        memory_is_causal: bool = False,
    ) -> jax.Array:
        return self._run(
            tgt,
            memory,
            tgt_mask,
            memory_mask,
            tgt_key_padding_mask,
            memory_key_padding_mask,
            bool(tgt_is_causal),
            memory_is_causal,
        )


class Transformer(JaxLayer):
    def forward(
        self,
        src: jax.Array,
        tgt: jax.Array,
        src_mask: Mask = None,
        tgt_mask: Mask = None,
        memory_mask: Mask = None,
        src_key_padding_mask: Mask = None,
        tgt_key_padding_mask: Mask = None,
        memory_key_padding_mask: Mask = None,
        src_is_causal: bool | None = None,
        tgt_is_causal: bool | None = None,
        memory_is_causal: bool = False,
    ) -> jax.Array:
        batch = 0 if self.batch_first else 1
        if src.ndim != tgt.ndim or (src.ndim == 3 and src.shape[batch] != tgt.shape[batch]):
            raise ValueError(f"{self._path!r}: src and tgt must have one batch, got shapes {src.shape} and {tgt.shape}")
        if src.shape[-1] != self.d_model or tgt.shape[-1] != self.d_model:
            raise ValueError(
                f"{self._path!r}: src and tgt must have {self.d_model} features, got shapes {src.shape} and {tgt.shape}"
            )
        memory = self.encoder(src, src_mask, src_key_padding_mask, src_is_causal)
        return self.decoder(
            tgt,
            memory,
            tgt_mask,
            memory_mask,
            tgt_key_padding_mask,
            memory_key_padding_mask,
            tgt_is_causal,
            memory_is_causal,
        )
