"""Look-up tables."""

from collections.abc import Iterator
from typing import Any

from unified.core.initializers import Initializer, ZeroRow, constant, normal
from unified.core.layer import Layer, LayerVariable, parameter
from unified.core.layers.checks import check_sizes

__all__ = ["Embedding"]


class Embedding(Layer):
    """Row `x` of a table, for each integer `x` of the input.

    Args:
        num_embeddings: rows of the table.
        embedding_dim: size of a row.
        padding_idx: a row that starts at zero and gets no gradient; counted from the end if negative.
        max_norm: rows that are looked up are first scaled down to this norm. On torch this changes the parameter in
            place; on JAX the new table is among the changes that `apply` returns.
        norm_type: the `p` of that norm.
        scale_grad_by_freq: divides a row's gradient by how often the input names it.
        sparse: on torch, makes the gradient a sparse tensor.
        _weight: the initial table. `_freeze`: the table is not trained.

    Shapes: integers `(*)` to `(*, embedding_dim)`. `weight` is `(num_embeddings, embedding_dim)` and starts standard
    normal.

    Source: `torch.nn.Embedding`.

    >>> import torch, unified as u
    >>> net = u.transform(lambda x: u.Embedding(5, 2, padding_idx=0)(x), backend="torch").init(torch.tensor([1]), rng=0)
    >>> net(torch.tensor([0])).tolist()
    [[0.0, 0.0]]
    """

    leaves = ("weight",)

    @staticmethod
    def variables(
        num_embeddings: int,
        embedding_dim: int,
        padding_idx: int | None = None,
        max_norm: float | None = None,
        norm_type: float = 2.0,
        scale_grad_by_freq: bool = False,
        sparse: bool = False,
        _weight: Any = None,
        _freeze: bool = False,
        device: Any = None,
        dtype: Any = None,
    ) -> Iterator[LayerVariable]:
        check_sizes(num_embeddings=num_embeddings, embedding_dim=embedding_dim)
        if padding_idx is not None and not -num_embeddings <= padding_idx < num_embeddings:
            raise ValueError(f"padding_idx must name one of {num_embeddings} rows, got {padding_idx}")
        shape = (num_embeddings, embedding_dim)
        initializer: Initializer = normal()
        if _weight is not None:
            if tuple(_weight.shape) != shape:
                raise ValueError(f"_weight must have shape {shape}, got {tuple(_weight.shape)}")
            initializer, dtype = constant(_weight), _weight.dtype
        elif padding_idx is not None:
            initializer = ZeroRow(normal(), padding_idx)
        yield parameter("weight", shape, initializer, dtype)._replace(trainable=not _freeze)
