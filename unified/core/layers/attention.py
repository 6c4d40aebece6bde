"""Attention."""

import math
from collections.abc import Iterator
from typing import Any

from unified.core.initializers import kaiming_uniform, xavier_normal, xavier_uniform, zeros
from unified.core.layer import Layer, LayerVariable, Shape, parameter
from unified.core.layers.checks import check_probability, check_sizes

__all__ = ["MultiheadAttention"]


class MultiheadAttention(Layer):
    """Multi-head attention: scaled dot-product attention in `num_heads` parts of linear projections of the features.

    Args:
        embed_dim: features of the query and of the output, a multiple of `num_heads`; `None` takes the size from the
            first query.
        num_heads: number of parts that attend independently.
        dropout: probability of zeroing an attention weight in training.
        bias: whether the projections have a bias.
        add_bias_kv: adds one trained key and value to every sequence.
        add_zero_attn: adds one key and value of zeros to every sequence.
        kdim, vdim: features of keys and values; `embed_dim` if `None`.
        batch_first: whether the batch comes before the sequence.

    A call takes `(query, key, value, key_padding_mask=None, need_weights=True, attn_mask=None,
    average_attn_weights=True, is_causal=False)`. A boolean mask hides a key where it is true; a float mask is added.
    `attn_mask` is `(L, S)` or `(N * num_heads, L, S)`, `key_padding_mask` is `(N, S)`. `is_causal` is a hint that
    `attn_mask` is causal, and that mask is still required.

    Shapes: query `(L, N, embed_dim)`, keys and values `(S, N, kdim)` and `(S, N, vdim)`, or batch first, or
    without a batch, to `(output, weights)`: the output has the query's shape, the weights are `(N, L, S)`, or
    `(N, num_heads, L, S)` if they are not averaged, or `None` without `need_weights`.

    `in_proj_weight` is `(3 * embed_dim, embed_dim)`, the rows of query, key and value; if `kdim` or `vdim` differ,
    there are `q_proj_weight`, `k_proj_weight` and `v_proj_weight` in its place. All start Xavier uniform.
    `in_proj_bias` is `(3 * embed_dim,)` and `out_proj/bias` `(embed_dim,)`, zeros; `out_proj/weight` is `(embed_dim,
    embed_dim)` and starts uniform within `1 / sqrt(embed_dim)`; `bias_k` and `bias_v` are `(1, 1, embed_dim)`, Xavier
    normal.

    Source: Vaswani et al. (2017); `torch.nn.MultiheadAttention`.

    >>> import torch, unified as u
    >>> q, k, v = torch.ones(5, 1, 4), torch.ones(3, 1, 4), torch.ones(3, 1, 4)
    >>> net = u.transform(lambda q, k, v: u.MultiheadAttention(4, 2)(q, k, v), backend="torch").init(q, k, v, rng=0)
    >>> output, weights = net(q, k, v)
    >>> list(output.shape), list(weights.shape)
    ([5, 1, 4], [1, 5, 3])
    """

    compound = True
    variable_names = (
        "in_proj_weight",
        "q_proj_weight",
        "k_proj_weight",
        "v_proj_weight",
        "in_proj_bias",
        "bias_k",
        "bias_v",
    )
    optional_sizes = ("embed_dim",)

    @staticmethod
    def variables(
        embed_dim: int | None,
        num_heads: int,
        dropout: float = 0.0,
        bias: bool = True,
        add_bias_kv: bool = False,
        add_zero_attn: bool = False,
        kdim: int | None = None,
        vdim: int | None = None,
        batch_first: bool = False,
        device: Any = None,
        dtype: Any = None,
    ) -> Iterator[LayerVariable]:
        assert embed_dim is not None
        check_sizes(1, embed_dim=embed_dim, num_heads=num_heads)
        check_probability(dropout=dropout)
        if embed_dim % num_heads:
            raise ValueError(f"embed_dim must be a multiple of num_heads, got {embed_dim} and {num_heads}")
        kdim, vdim = embed_dim if kdim is None else kdim, embed_dim if vdim is None else vdim
        if kdim == vdim == embed_dim:
            yield parameter("in_proj_weight", (3 * embed_dim, embed_dim), xavier_uniform(), dtype)
        else:
            yield parameter("q_proj_weight", (embed_dim, embed_dim), xavier_uniform(), dtype)
            yield parameter("k_proj_weight", (embed_dim, kdim), xavier_uniform(), dtype)
            yield parameter("v_proj_weight", (embed_dim, vdim), xavier_uniform(), dtype)
        if bias:
            yield parameter("in_proj_bias", (3 * embed_dim,), zeros, dtype)
        if add_bias_kv:
            yield parameter("bias_k", (1, 1, embed_dim), xavier_normal(), dtype)
            yield parameter("bias_v", (1, 1, embed_dim), xavier_normal(), dtype)
        yield parameter("out_proj/weight", (embed_dim, embed_dim), kaiming_uniform(a=math.sqrt(5)), dtype)
        if bias:
            yield parameter("out_proj/bias", (embed_dim,), zeros, dtype)

    @staticmethod
    def sizes(query: Any, key: Any, value: Any, *others: Any) -> dict[str, Any]:
        return {"embed_dim": query.shape[-1]}

    @classmethod
    def is_random_with(cls, **arguments: Any) -> bool:
        return bool(arguments["dropout"])

    @classmethod
    def flops(cls, arguments: dict[str, Any], inputs: list[Shape], outputs: list[Shape]) -> int:
        (query, key, value), size = inputs[:3], arguments["embed_dim"]
        steps = query[1] if arguments["batch_first"] and len(query) == 3 else query[0]
        keys = key[1] if arguments["batch_first"] and len(key) == 3 else key[0]
        keys += bool(arguments["add_bias_kv"]) + bool(arguments["add_zero_attn"])
        batch = math.prod(query[:-1]) // max(steps, 1)
        projected = 2 * math.prod(query) + math.prod(key) + math.prod(value)  # queries, outputs, keys and values
        return 2 * size * (projected + 2 * batch * steps * keys)
