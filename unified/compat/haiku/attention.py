"""`MultiHeadAttention`.

Source: Vaswani et al., "Attention is all you need" (2017), https://arxiv.org/abs/1706.03762
"""

import math
import warnings
from typing import Any

from unified.compat.haiku import initializers
from unified.compat.haiku.linear import Linear
from unified.compat.haiku.module import Module, transparent
from unified.compat.jax import fused
from unified.compat.jax import numpy as jnp

__all__ = ["MultiHeadAttention"]


class MultiHeadAttention(Module):
    """Multi-head attention: dot products of queries and keys weight the values, in parts of the features.

    Args:
        num_heads: the number of heads.
        key_size: the size of keys and queries.
        w_init_scale: the scale of a `VarianceScaling` initializer; deprecated, use `w_init`.
        w_init: the initializer of all weights.
        with_bias: whether the projections have biases.
        b_init: the initializer of the biases.
        value_size: the size of values, by default the size of keys.
        model_size: the size of the output, by default `key_size * num_heads`.
        name: the module's name.

    A call takes `(query, key, value, mask=None)`; a mask `[..., heads or 1, queries, keys]` hides keys where it is
    false.

    Shapes: `[..., queries, features]`, and two of `[..., keys, features]`, to `[..., queries, model_size]`. Parameters
    are those of the modules `query`, `key`, `value` and `linear`, a `Linear` each.

    Source: Vaswani et al., "Attention is all you need" (2017), https://arxiv.org/abs/1706.03762

    >>> import torch, unified.compat.haiku as hk
    >>> net = hk.transform(
    ...     lambda x: hk.MultiHeadAttention(2, 4, w_init=hk.initializers.VarianceScaling())(x, x, x), backend="torch"
    ... )
    >>> x = torch.ones(1, 5, 3)
    >>> params = net.init(0, x)
    >>> sorted(name.rpartition('/')[2] for name in params)
    ['key', 'linear', 'query', 'value']
    >>> list(net.apply(params, None, x).shape)
    [1, 5, 8]
    """

    def __init__(
        self, num_heads: int, key_size: int, w_init_scale: float | None = None, *, w_init: Any = None,
        with_bias: bool = True, b_init: Any = None, value_size: int | None = None, model_size: int | None = None,
        name: str | None = None,
    ) -> None:  # fmt: skip
        super().__init__(name=name)
        self.num_heads, self.key_size = num_heads, key_size
        self.value_size, self.model_size = value_size or key_size, model_size or key_size * num_heads
        if w_init_scale is not None:
            message = (
                f"w_init_scale of hk.MultiHeadAttention is going away: replace w_init_scale={w_init_scale} by "
                f"w_init=hk.initializers.VarianceScaling({w_init_scale}), which draws the same weights"
            )
            warnings.warn(message, DeprecationWarning, stacklevel=2)
        if w_init and w_init_scale:
            raise ValueError(
                f"{self.module_name} got both w_init and w_init_scale={w_init_scale}: provide only `w_init`, and put "
                "the scale into it"
            )
        if w_init is None and w_init_scale is None:
            raise ValueError(
                f"{self.module_name} has no initial values for its weights: provide a weight initializer, such as "
                "w_init=hk.initializers.VarianceScaling(1.0)"
            )
        self.w_init = initializers.VarianceScaling(w_init_scale) if w_init is None else w_init  # type: ignore[arg-type]
        self.with_bias, self.b_init = with_bias, b_init

    def __call__(self, query: Any, key: Any, value: Any, mask: Any = None) -> Any:
        """Return `[..., time, model]` for `query` `[..., time, q]`, `key` and `value` `[..., source, k]`.

        Args:
            query: the array that the queries are computed from.
            key: the array that the keys are computed from.
            value: the array that the values are computed from.
            mask: `[..., heads or 1, time, source]`, false where a query must not attend.
        """
        *leading, length, _ = query.shape
        queries = self._linear_projection(query, self.key_size, "query")
        keys = self._linear_projection(key, self.key_size, "key")
        values = self._linear_projection(value, self.value_size, "value")
        heads = fused.attention(queries, keys, values, mask, math.sqrt(self.key_size))
        out = jnp.reshape(heads, (*leading, length, -1))
        return Linear(self.model_size, w_init=self.w_init, with_bias=self.with_bias, b_init=self.b_init)(out)

    @transparent
    def _linear_projection(self, x: Any, head_size: int, name: str | None = None) -> Any:
        layer = Linear(
            self.num_heads * head_size, w_init=self.w_init, with_bias=self.with_bias, b_init=self.b_init, name=name
        )
        return layer(x).reshape((*x.shape[:-1], self.num_heads, head_size))
