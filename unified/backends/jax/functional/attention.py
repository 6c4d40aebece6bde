"""Attention."""

import math
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp

from unified.backends.jax.functional.broadcasting import same_rank, with_rank
from unified.backends.jax.functional.dropout import dropout
from unified.backends.jax.functional.linear import linear

__all__ = ["multi_head_attention_forward", "scaled_dot_product_attention"]


def additive_mask(mask: jax.Array | None, masked_value: bool, dtype: Any) -> jax.Array | None:
    """Return a mask to add to scores, from floats, or from booleans where `masked_value` hides a key."""
    if mask is None or jnp.issubdtype(mask.dtype, jnp.floating):
        return mask if mask is None else mask.astype(dtype)
    if mask.dtype != jnp.bool_:
        raise TypeError(f"an attention mask holds booleans or floats, got {mask.dtype}")
    return jnp.where(mask, -jnp.inf if masked_value else 0, 0 if masked_value else -jnp.inf).astype(dtype)


def _add_masks(*masks: jax.Array | None) -> jax.Array | None:
    """Return the sum of the masks that are not `None`."""
    arrays = [mask for mask in masks if mask is not None]
    return sum(arrays[1:], arrays[0]) if arrays else None


def causal_mask(queries: int, keys: int, dtype: Any) -> jax.Array:
    """Return a mask `(queries, keys)`: zero where the key is not after the query, else minus infinity."""
    return jnp.where(jnp.tril(jnp.ones((queries, keys), bool)), 0, -jnp.inf).astype(dtype)


def _softmax(scores: jax.Array) -> jax.Array:
    """Return the softmax along the last dimension; zeros where all scores are minus infinity, as in torch's kernels."""
    is_masked = jnp.all(scores == -jnp.inf, -1, keepdims=True)
    return jnp.where(is_masked, 0, jax.nn.softmax(jnp.where(is_masked, 0, scores), -1))


def scaled_dot_product_attention(
    query: jax.Array,
    key: jax.Array,
    value: jax.Array,
    attn_mask: jax.Array | None = None,
    dropout_p: float = 0.0,
    is_causal: bool = False,
    scale: float | None = None,
    enable_gqa: bool = False,
) -> jax.Array:
    """Return `softmax(query @ key.T * scale + attn_mask) @ value`.

    Shapes: `(..., L, E)`, `(..., S, E)` and `(..., S, V)` to `(..., L, V)`. In a mask of booleans, a query attends to
    the keys that are true. `scale` is `1 / sqrt(E)` by default. With `enable_gqa`, several heads of queries share each
    head of keys and values (dimension -3).
    """
    for name, array in (("query", query), ("key", key), ("value", value)):
        if array.ndim < 2 or array.dtype != query.dtype:
            raise ValueError(
                f"{name} must have at least 2 dimensions and query's dtype, got {array.dtype}{list(array.shape)}"
            )
    if is_causal and attn_mask is not None:
        raise ValueError("is_causal=True makes its own mask: attn_mask must be None")
    if enable_gqa:
        heads, key_heads, value_heads = query.shape[-3], key.shape[-3], value.shape[-3]
        if any(count != heads and (not heads or not count or heads % count) for count in (key_heads, value_heads)):
            raise ValueError(
                f"{heads} heads of queries cannot share {key_heads} heads of keys, {value_heads} of values"
            )
        if key_heads != value_heads:  # torch allows it
            key, value = jnp.repeat(key, heads // key_heads, -3), jnp.repeat(value, heads // value_heads, -3)
    scale = 1 / math.sqrt(query.shape[-1]) if scale is None else scale
    matmul = _shared_matmul if enable_gqa and heads != key_heads == value_heads else jnp.einsum
    scores = matmul("...ld,...sd->...ls", query * scale, key)
    if is_causal:
        scores = scores + with_rank(causal_mask(query.shape[-2], key.shape[-2], scores.dtype), scores.ndim)
        weights = jax.nn.softmax(scores, -1)  # each query has at least one key
    elif attn_mask is not None:
        mask = additive_mask(attn_mask, False, scores.dtype)
        assert mask is not None
        scores, mask = same_rank(scores, mask)
        weights = _softmax(scores + mask)
    else:
        weights = jax.nn.softmax(scores, -1)
    return matmul("...ls,...sv->...lv", dropout(weights, dropout_p), value)


def _shared_matmul(spec: str, x: jax.Array, shared: jax.Array) -> jax.Array:
    """Return `einsum(spec, x, shared)`, where each head of `shared` (dimension -3) may serve several heads of `x`.

    The rows of heads that share one stand in one matrix: `shared` is not repeated, which is 2 to 4 times as fast for
    few queries.
    """
    heads, length, shared_heads = x.shape[-3], x.shape[-2], shared.shape[-3]
    rows = x.reshape(*x.shape[:-3], shared_heads, heads // shared_heads * length, x.shape[-1])
    y = jnp.einsum(spec, rows, shared)
    return y.reshape(*y.shape[:-3], heads, length, y.shape[-1])


def project(
    query: jax.Array,
    key: jax.Array,
    value: jax.Array,
    weight: jax.Array | tuple[jax.Array, jax.Array, jax.Array],
    bias: jax.Array | None,
) -> tuple[jax.Array, jax.Array, jax.Array]:
    """Return the projections of query, key and value; inputs that are the same array share a product."""
    if isinstance(weight, tuple):
        biases: Any = (None, None, None) if bias is None else jnp.split(bias, 3)
        q, k, v = (linear(x, w, b) for x, w, b in zip((query, key, value), weight, biases, strict=True))
        return q, k, v
    size = query.shape[-1]
    if query is key and key is value:
        q, k, v = jnp.split(linear(query, weight, bias), 3, -1)
        return q, k, v
    q = linear(query, weight[:size], None if bias is None else bias[:size])
    if key is value:
        k, v = jnp.split(linear(key, weight[size:], None if bias is None else bias[size:]), 2, -1)
        return q, k, v
    k = linear(key, weight[size : 2 * size], None if bias is None else bias[size : 2 * size])
    return q, k, linear(value, weight[2 * size :], None if bias is None else bias[2 * size :])


def attend(
    query: jax.Array,
    key: jax.Array,
    value: jax.Array,
    mask: jax.Array | None,
    drop: Callable[[jax.Array], jax.Array],
    need_weights: bool,
    batch_first: bool,
) -> tuple[jax.Array, jax.Array]:
    """Return `(L, N, H, V)` for `(L, N, H, D)`, `(S, N, H, D)` and `(S, N, H, V)`, and the weights `(N, H, L, S)`.

    With `batch_first` the first two axes of all but the weights are in the other order, as swapping them would copy.
    """
    scores_spec, output_spec = "lnhd,snhd->nhls", "nhls,snhv->lnhv"
    if batch_first:
        scores_spec, output_spec = "nlhd,nshd->nhls", "nhls,nshv->nlhv"
    scores = jnp.einsum(scores_spec, query * (1 / math.sqrt(query.shape[-1])), key)
    if mask is None:
        weights = jax.nn.softmax(scores, -1)
    else:
        # torch returns NaN for a query without keys where it returns the weights, and zeros where it does not.
        weights = jax.nn.softmax(scores + mask, -1) if need_weights else _softmax(scores + mask)
    weights = drop(weights)
    return jnp.einsum(output_spec, weights, value), weights


def _append_step(sequence: jax.Array, step: jax.Array, axis: int) -> jax.Array:
    """Append `(1, 1, E)` to `(S, N, E)` if `axis` is 0, or to `(N, S, E)` if it is 1."""
    shape = (1, *sequence.shape[1:]) if axis == 0 else (sequence.shape[0], 1, sequence.shape[2])
    return jnp.concatenate([sequence, jnp.broadcast_to(step, shape).astype(sequence.dtype)], axis)


def _append_key(mask: jax.Array | None) -> jax.Array | None:
    """Append one more key, which is not masked, to a mask."""
    return None if mask is None else jnp.pad(mask, [(0, 0)] * (mask.ndim - 1) + [(0, 1)])


def multi_head_attention(
    query: jax.Array,
    key: jax.Array,
    value: jax.Array,
    num_heads: int,
    in_weight: jax.Array | tuple[jax.Array, jax.Array, jax.Array],
    in_bias: jax.Array | None,
    bias_k: jax.Array | None,
    bias_v: jax.Array | None,
    add_zero_attn: bool,
    out_weight: jax.Array,
    out_bias: jax.Array | None,
    drop: Callable[[jax.Array], jax.Array],
    key_padding_mask: jax.Array | None,
    need_weights: bool,
    attn_mask: jax.Array | None,
    average_attn_weights: bool,
    is_causal: bool,
    batch_first: bool = False,
) -> tuple[jax.Array, jax.Array | None]:
    """Compute `multi_head_attention_forward`, with `drop` as the dropout of the attention weights."""
    is_batched = query.ndim == 3
    time = 1 if batch_first and is_batched else 0
    _check_inputs(query, key, value, num_heads, time)
    dtype = query.dtype
    if is_causal and attn_mask is None:
        raise ValueError("is_causal=True is a hint about attn_mask, which is None: pass the mask too")
    mask, padding = additive_mask(attn_mask, True, dtype), additive_mask(key_padding_mask, True, dtype)
    if not is_batched:
        batched = {id(array): array[:, None] for array in (query, key, value)}  # arrays that are the same stay so
        query, key, value = batched[id(query)], batched[id(key)], batched[id(value)]
        padding = None if padding is None else padding[None]
    length, batch, size = query.shape[time], query.shape[1 - time], query.shape[2]
    keys = key.shape[time]
    if is_causal and padding is None and not need_weights:
        mask = causal_mask(length, keys, dtype)  # as in torch, which trusts the hint
    if mask is not None:
        mask = _expand_mask(mask, batch, num_heads, length, keys)
    if padding is not None and padding.shape != (batch, keys):
        raise ValueError(f"key_padding_mask must have shape {(batch, keys)}, got {padding.shape}")
    q, k, v = project(query, key, value, in_weight, in_bias)
    if bias_k is not None and bias_v is not None:
        k, v = _append_step(k, bias_k, time), _append_step(v, bias_v, time)
        mask, padding = _append_key(mask), _append_key(padding)
    if add_zero_attn:
        zero = jnp.zeros((1, 1, size), dtype)
        k, v = _append_step(k, zero, time), _append_step(v, zero, time)
        mask, padding = _append_key(mask), _append_key(padding)
    heads = (num_heads, size // num_heads)
    total_mask = _add_masks(mask, None if padding is None else padding[:, None, None, :])
    output, weights = attend(
        q.reshape(*q.shape[:2], *heads),
        k.reshape(*k.shape[:2], *heads),
        v.reshape(*v.shape[:2], *heads),
        total_mask,
        drop,
        need_weights,
        time == 1,
    )
    output = linear(output.reshape(query.shape), out_weight, out_bias)
    output = output if is_batched else output[:, 0]
    if not need_weights:
        return output, None
    weights = jnp.mean(weights, 1) if average_attn_weights else weights
    return output, weights if is_batched else weights[0]


def _check_inputs(query: jax.Array, key: jax.Array, value: jax.Array, num_heads: int, time: int) -> None:
    """Raise unless the shapes of the inputs match; `time` is their time axis."""
    if query.ndim not in (2, 3) or key.ndim != query.ndim or value.ndim != query.ndim:
        raise ValueError(
            "query, key and value must all have 3 dimensions, or 2 without a batch, got shapes "
            f"{query.shape}, {key.shape} and {value.shape}"
        )
    if key.shape[:-1] != value.shape[:-1] or (query.ndim == 3 and key.shape[1 - time] != query.shape[1 - time]):
        raise ValueError(
            f"key and value must be of one length and batch, got {query.shape}, {key.shape}, {value.shape}"
        )
    if query.shape[-1] % num_heads:
        raise ValueError(f"{query.shape[-1]} features cannot be split into {num_heads} heads")


def _expand_mask(mask: jax.Array, batch: int, num_heads: int, length: int, keys: int) -> jax.Array:
    """Return an attention mask as `(N or 1, H or 1, L, S)`."""
    if mask.shape == (length, keys):
        return mask[None, None]
    if mask.shape == (batch * num_heads, length, keys):
        return mask.reshape(batch, num_heads, length, keys)
    raise ValueError(
        f"attn_mask must have shape {(length, keys)} or {(batch * num_heads, length, keys)}, got {mask.shape}"
    )


def multi_head_attention_forward(
    query: jax.Array,
    key: jax.Array,
    value: jax.Array,
    embed_dim_to_check: int,
    num_heads: int,
    in_proj_weight: jax.Array | None,
    in_proj_bias: jax.Array | None,
    bias_k: jax.Array | None,
    bias_v: jax.Array | None,
    add_zero_attn: bool,
    dropout_p: float,
    out_proj_weight: jax.Array,
    out_proj_bias: jax.Array | None,
    training: bool = True,
    key_padding_mask: jax.Array | None = None,
    need_weights: bool = True,
    attn_mask: jax.Array | None = None,
    use_separate_proj_weight: bool = False,
    q_proj_weight: jax.Array | None = None,
    k_proj_weight: jax.Array | None = None,
    v_proj_weight: jax.Array | None = None,
    static_k: jax.Array | None = None,
    static_v: jax.Array | None = None,
    average_attn_weights: bool = True,
    is_causal: bool = False,
) -> tuple[jax.Array, jax.Array | None]:
    """Compute `MultiheadAttention`: `(L, N, E)`, `(S, N, ...)`, `(S, N, ...)` to `(L, N, E)` and the weights."""
    if static_k is not None or static_v is not None:
        raise NotImplementedError("static_k and static_v are not available on JAX: project keys and values by linear")
    if query.shape[-1] != embed_dim_to_check:
        raise ValueError(f"query must have {embed_dim_to_check} features, got shape {query.shape}")
    weight: Any = (q_proj_weight, k_proj_weight, v_proj_weight) if use_separate_proj_weight else in_proj_weight
    return multi_head_attention(
        query,
        key,
        value,
        num_heads,
        weight,
        in_proj_bias,
        bias_k,
        bias_v,
        add_zero_attn,
        out_proj_weight,
        out_proj_bias,
        lambda weights: dropout(weights, dropout_p, training),
        key_padding_mask,
        need_weights,
        attn_mask,
        average_attn_weights,
        is_causal,
    )
