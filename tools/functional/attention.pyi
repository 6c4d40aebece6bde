"""Attention."""

def multi_head_attention_forward(
    query,
    key,
    value,
    embed_dim_to_check,
    num_heads,
    in_proj_weight,
    in_proj_bias,
    bias_k,
    bias_v,
    add_zero_attn,
    dropout_p,
    out_proj_weight,
    out_proj_bias,
    training=True,
    key_padding_mask=None,
    need_weights=True,
    attn_mask=None,
    use_separate_proj_weight=False,
    q_proj_weight=None,
    k_proj_weight=None,
    v_proj_weight=None,
    static_k=None,
    static_v=None,
    average_attn_weights=True,
    is_causal=False,
):
    """Return what the layer `unified.MultiheadAttention` computes from these weights, which has friendlier arguments.

    Args:
        query: an array `(L, N, E)`, or `(L, E)` without a batch.
        key: an array `(S, N, E)` or `(S, E)`.
        value: an array `(S, N, E)` or `(S, E)`.
        embed_dim_to_check: `E`, which `query` must have.
        num_heads: the number of heads `H`, which divides `E`.
        in_proj_weight: the weights of the three input projections, `(3 * E, E)`.
        in_proj_bias: their biases, `(3 * E,)`, or `None`.
        bias_k: one more key, `(1, 1, E)`, or `None`.
        bias_v: one more value, `(1, 1, E)`, or `None`.
        add_zero_attn: whether a key and a value of zeros are added.
        dropout_p: the probability with which an attention weight is dropped in training.
        out_proj_weight: the weight of the output projection, `(E, E)`.
        out_proj_bias: its bias, `(E,)`, or `None`.
        training: whether weights are dropped.
        key_padding_mask: `(N, S)` or `(S,)`: true for keys that are left out, or numbers that are added to the scores.
        need_weights: whether the attention weights are returned.
        attn_mask: `(L, S)` or `(N * H, L, S)`: true for pairs that are left out, or numbers that are added.
        use_separate_proj_weight: whether the three following weights are taken instead of `in_proj_weight`.
        q_proj_weight: the weight of the query's projection, `(E, E)`.
        k_proj_weight: the weight of the key's projection, `(E, K)` for keys of `K` features.
        v_proj_weight: the weight of the value's projection, `(E, V)` for values of `V` features.
        static_k: projected keys; not available on JAX.
        static_v: projected values; not available on JAX.
        average_attn_weights: whether the weights are averaged over the heads.
        is_causal: a hint that `attn_mask` is causal; the mask is passed too.

    Returns:
        The output, of the shape of `query`, and the weights `(N, L, S)`, `(N, H, L, S)` without the average, or `None`.

    Raises:
        NotImplementedError: `static_k` or `static_v` was passed on JAX.

    Source: `torch.nn.functional.multi_head_attention_forward`; Vaswani et al. (2017).

    >>> x, weight = torch.ones(3, 1, 4), torch.eye(4).repeat(3, 1)
    >>> output, weights = F.multi_head_attention_forward(
    ...     x, x, x, 4, 2, weight, None, None, None, False, 0.0, torch.eye(4), None
    ... )
    >>> output.shape, weights.shape
    (torch.Size([3, 1, 4]), torch.Size([1, 3, 3]))
    """

def scaled_dot_product_attention(
    query, key, value, attn_mask=None, dropout_p=0.0, is_causal=False, scale=None, enable_gqa=False
):
    """Return `softmax(query @ key.T * scale + attn_mask) @ value`.

    Args:
        query: an array `(..., L, E)`.
        key: an array `(..., S, E)`.
        value: an array `(..., S, V)`.
        attn_mask: an array that broadcasts to `(..., L, S)`: true for pairs that attend, or numbers that are added.
        dropout_p: the probability with which an attention weight is dropped, also in evaluation.
        is_causal: whether a query attends only to keys up to its own position; then `attn_mask` is `None`.
        scale: the factor of the scores, by default `1 / sqrt(E)`.
        enable_gqa: whether several heads of queries (axis -3) share each head of keys and values.

    Returns:
        An array `(..., L, V)`.

    Source: `torch.nn.functional.scaled_dot_product_attention`; Vaswani et al. (2017).

    >>> x = torch.tensor([[[1.0], [3.0]]])
    >>> F.scaled_dot_product_attention(torch.zeros(1, 2, 1), x, x, is_causal=True)
    tensor([[[1.],
             [2.]]])
    """
