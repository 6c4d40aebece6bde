"""GPT-2 and Llama, written once: logits `(batch, time, vocabulary)` of tokens `(batch, time)`, and the next caches.

Without caches a model reads whole sequences, as in training. With them it reads the next tokens of sequences whose keys
and values it keeps, one `u.KVCache` a layer. The paths are those of Hugging Face's checkpoints.
`generate.py` runs them.
"""

from dataclasses import dataclass

import unified as u
import unified.functional as F
import unified.numpy as unp

Caches = tuple[u.KVCache, ...]


@dataclass(frozen=True)
class Size:
    """The sizes of a model."""

    vocabulary: int = 512
    positions: int = 128
    width: int = 128
    inner: int = 384
    layers: int = 4
    heads: int = 8
    kv_heads: int = 8  # fewer than heads, if queries share keys and values
    window: int | None = None  # how many keys a query attends to

    @property
    def features(self) -> int:
        """Return the features of a head."""
        return self.width // self.heads


def empty_caches(size: Size, batch: int, like: u.Array) -> Caches:
    """Return the caches of sequences of which nothing has been read, where `like` is."""
    shape = (batch, size.kv_heads, size.positions, size.features)
    return tuple(u.KVCache.zeros(shape, like=like) for _ in range(size.layers))


def split_heads(x: u.Array, heads: int) -> u.Array:
    """Return `(batch, time, width)` as `(batch, heads, time, features)`."""
    batch, time, _ = x.shape
    return x.reshape(batch, time, heads, -1).swapaxes(1, 2)


def attend(
    query: u.Array, key: u.Array, value: u.Array, cache: u.KVCache | None, window: int | None
) -> tuple[u.Array, u.KVCache | None]:
    """Return what each step takes from those before it, `(batch, time, width)`, and the next cache."""
    batch, _, time, _ = query.shape
    if cache is None:
        mask = u.causal_mask(query, key, window=window)
    else:
        cache = cache.append(key, value, in_place=True)  # of a cache that nobody else has
        key, value, mask = cache.keys, cache.values, cache.mask(time, window=window)
    mixed = F.scaled_dot_product_attention(query, key, value, attn_mask=mask, enable_gqa=True)
    return mixed.swapaxes(1, 2).reshape(batch, time, -1), cache


def next_positions(tokens: u.Array, caches: Caches | None) -> u.Array:
    """Return the positions `(time,)` of tokens that follow those in the caches."""
    positions = unp.arange(tokens.shape[1])
    return positions if caches is None else positions + caches[0].length


def gpt2(tokens: u.Array, caches: Caches | None = None, *, size: Size) -> tuple[u.Array, list[u.KVCache | None]]:
    """GPT-2: learned positions, LayerNorm, GELU, one matrix for the first and the last layer."""
    width, kept = size.width, []
    with u.scope("transformer"):
        embedding = u.Embedding(size.vocabulary, width, name="wte")
        x = embedding(tokens) + u.Embedding(size.positions, width, name="wpe")(next_positions(tokens, caches))
        for number in range(size.layers):
            with u.scope("h", number):
                y = u.LayerNorm(width, name="ln_1")(x)
                with u.scope("attn"):
                    y = u.Linear(width, 3 * width, name="c_attn")(y)
                    query, key, value = (split_heads(y[..., i * width : (i + 1) * width], size.heads) for i in range(3))
                    y, cache = attend(query, key, value, None if caches is None else caches[number], size.window)
                    x = x + u.Linear(width, width, name="c_proj")(y)
                kept.append(cache)
                y = u.LayerNorm(width, name="ln_2")(x)
                with u.scope("mlp"):
                    y = F.gelu(u.Linear(width, 4 * width, name="c_fc")(y), approximate="tanh")
                    x = x + u.Linear(4 * width, width, name="c_proj")(y)
        x = u.LayerNorm(width, name="ln_f")(x)
        return u.Embedding.attend(embedding, x), kept


def llama(tokens: u.Array, caches: Caches | None = None, *, size: Size) -> tuple[u.Array, list[u.KVCache | None]]:
    """Llama: rotary positions, RMSNorm, gated units, heads of queries that share keys and values."""
    width, inner, kept = size.width, size.inner, []
    rotate = u.RotaryEmbedding(size.features)
    turns = rotate.turns(next_positions(tokens, caches))  # the same in all layers

    def project(y: u.Array, name: str, heads: int) -> u.Array:
        return split_heads(u.Linear(width, heads * size.features, bias=False, name=name)(y), heads)

    with u.scope("model"):
        x = u.Embedding(size.vocabulary, width, name="embed_tokens")(tokens)
        for number in range(size.layers):
            with u.scope("layers", number):
                y = u.RMSNorm(width, 1e-6, name="input_layernorm")(x)
                with u.scope("self_attn"):
                    query = rotate(project(y, "q_proj", size.heads), turns)
                    key = rotate(project(y, "k_proj", size.kv_heads), turns)
                    value = project(y, "v_proj", size.kv_heads)
                    y, cache = attend(query, key, value, None if caches is None else caches[number], size.window)
                    x = x + u.Linear(width, width, bias=False, name="o_proj")(y)
                kept.append(cache)
                y = u.RMSNorm(width, 1e-6, name="post_attention_layernorm")(x)
                with u.scope("mlp"):
                    gate = F.silu(u.Linear(width, inner, bias=False, name="gate_proj")(y))
                    y = gate * u.Linear(width, inner, bias=False, name="up_proj")(y)
                    x = x + u.Linear(inner, width, bias=False, name="down_proj")(y)
        x = u.RMSNorm(width, 1e-6, name="norm")(x)
    return u.Linear(width, size.vocabulary, bias=False, name="lm_head")(x), kept
