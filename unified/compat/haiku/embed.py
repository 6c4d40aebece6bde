"""`Embed`: a vector for each integer.

Source: https://dm-haiku.readthedocs.io/en/latest/api.html#embed
"""

import enum
from typing import Any

from unified.compat.haiku import initializers
from unified.compat.haiku.module import Module
from unified.compat.haiku.variables import get_parameter
from unified.compat.jax import lax, nn
from unified.compat.jax import numpy as jnp

__all__ = ["Embed", "EmbedLookupStyle"]


class EmbedLookupStyle(enum.Enum):
    """How `Embed` finds its vectors.

    Attributes:
        ARRAY_INDEX: by indexing the table.
        ONE_HOT: by the product of one-hot vectors with the table.

    >>> import unified.compat.haiku as hk
    >>> hk.EmbedLookupStyle["ONE_HOT"].name
    'ONE_HOT'
    """

    ARRAY_INDEX = 1
    ONE_HOT = 2


class Embed(Module):
    """Vectors `[..., embed_dim]` for integers `[...]`, from the parameter `embeddings` `[vocab_size, embed_dim]`.

    Args:
        vocab_size: the number of vectors.
        embed_dim: the size of a vector.
        embedding_matrix: the initial vectors, in place of both sizes.
        w_init: the initializer, a truncated normal by default.
        lookup_style: an `EmbedLookupStyle` or the name of one.
        name: the module's name.
        precision: the precision of the product.

    Shapes: integers `[...]` to `[..., embed_dim]`; other dtypes raise `ValueError`. The property `embeddings` is the
    table.

    >>> import torch, unified.compat.haiku as hk
    >>> net = hk.transform(lambda x: hk.Embed(5, 2)(x), backend="torch")
    >>> x = torch.tensor([[0, 4]])
    >>> params = net.init(0, x)
    >>> list(params["embed"]["embeddings"].shape)
    [5, 2]
    >>> list(net.apply(params, None, x).shape)
    [1, 2, 2]
    """

    def __init__(
        self, vocab_size: int | None = None, embed_dim: int | None = None, embedding_matrix: Any = None,
        w_init: Any = None, lookup_style: Any = "ARRAY_INDEX", name: str | None = None,
        precision: Any = lax.Precision.HIGHEST,
    ) -> None:  # fmt: skip
        super().__init__(name=name)
        if embedding_matrix is None and not (vocab_size and embed_dim):
            raise ValueError(
                f"{self.module_name} does not know its shape, which must be supplied either with an embedding_matrix= "
                f"or by both vocab_size= and embed_dim=; got vocab_size={vocab_size}, embed_dim={embed_dim}"
            )
        if embedding_matrix is not None:
            matrix = jnp.asarray(embedding_matrix)
            for name_, argument, size in zip(
                ("vocab_size", "embed_dim"), (vocab_size, embed_dim), matrix.shape, strict=True
            ):
                if argument and argument != size:
                    raise ValueError(
                        f"An embedding_matrix of shape {matrix.shape} was supplied but the `{name_}` is {argument}: "
                        f"make it {size}, or leave it out"
                    )
            w_init = lambda shape, dtype: matrix  # noqa: E731
            vocab_size, embed_dim = matrix.shape
        self.vocab_size, self.embed_dim, self.lookup_style, self.precision = (
            vocab_size,
            embed_dim,
            lookup_style,
            precision,
        )
        self.w_init = w_init or initializers.TruncatedNormal()

    @property
    def embeddings(self) -> Any:
        """The table, `[vocab_size, embed_dim]`."""
        return get_parameter("embeddings", [self.vocab_size, self.embed_dim], init=self.w_init)

    def __call__(self, ids: Any, lookup_style: Any = None, precision: Any = None) -> Any:
        ids = jnp.asarray(ids)
        if not jnp.issubdtype(ids.dtype, jnp.integer):
            raise ValueError(
                f"hk.Embed's __call__ method must take an array of integer dtype but was called with an array "
                f"of {ids.dtype}: {self.module_name} looks vectors up by number; cast with ids.astype(int)"
            )
        style = lookup_style or self.lookup_style
        if isinstance(style, str):
            style = getattr(EmbedLookupStyle, style.upper())
        name = getattr(style, "name", style)
        if name == "ARRAY_INDEX":
            return jnp.asarray(self.embeddings)[(ids,)]
        if name == "ONE_HOT":
            one_hot = nn.one_hot(ids, self.vocab_size)
            return jnp.dot(one_hot, self.embeddings, precision=self.precision if precision is None else precision)
        raise NotImplementedError(f"lookup_style of hk.Embed is ARRAY_INDEX or ONE_HOT, got {style}")
