"""Embeddings: look-up tables."""

from collections.abc import Iterator
from typing import Any

from unified.core.annotations import ArrayT
from unified.core.initializers import Initializer, ZeroRow, constant, normal
from unified.core.layer import Layer, LayerVariable, parameter
from unified.core.layers.checks import check_sizes
from unified.core.scope import current_scope

__all__ = ["Embedding", "EmbeddingBag"]


def _table(rows: int, size: int, padding_idx: int | None, weight: Any, dtype: Any) -> LayerVariable:
    """The table of a layer, standard normal if no `weight` is given."""
    check_sizes(num_embeddings=rows, embedding_dim=size)
    if padding_idx is not None and not -rows <= padding_idx < rows:
        raise ValueError(f"padding_idx must name one of {rows} rows, got {padding_idx}")
    initializer: Initializer = normal()
    if weight is not None:
        if tuple(weight.shape) != (rows, size):
            raise ValueError(f"_weight must have shape {(rows, size)}, got {tuple(weight.shape)}")
        initializer, dtype = constant(weight), weight.dtype
    elif padding_idx is not None:
        initializer = ZeroRow(normal(), padding_idx)
    return parameter("weight", (rows, size), initializer, dtype)


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

    variable_names = ("weight",)

    @staticmethod
    def attend(embedding: "Embedding", query: ArrayT) -> ArrayT:
        """The product of `query`, `(*, embedding_dim)`, with each row of an embedding's table: `(*, num_embeddings)`.

        The output layer of a language model that ties its weights (Press and Wolf, 2017). It is called on the class,
        for the layer itself is `torch.nn`'s on torch: `unified.Embedding.attend(embedding, query)`.

        >>> import torch, unified as u
        >>> def forward(ids):
        ...     embedding = u.Embedding(5, 2)
        ...     return u.Embedding.attend(embedding, embedding(ids))
        >>> u.transform(forward, backend="torch").init(torch.tensor([1]), rng=0)(torch.tensor([1])).shape
        torch.Size([1, 5])
        """
        return current_scope("Embedding.attend").functional.linear(query, embedding.weight)  # type: ignore[attr-defined]

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
        table = _table(num_embeddings, embedding_dim, padding_idx, _weight, dtype)
        yield table._replace(trainable=not _freeze)


class EmbeddingBag(Layer):
    """The sum, mean or maximum of the rows that each bag of integers names.

    Args:
        num_embeddings, embedding_dim, max_norm, norm_type, scale_grad_by_freq, sparse, padding_idx, _weight: as in
            `Embedding`; entries that are `padding_idx` are no part of their bag.
        mode: `'sum'`, `'mean'` or `'max'`; an empty bag gives zeros.
        include_last_offset: whether the offsets end with the number of entries.

    Shapes: bags of equal size `(N, size)`, or entries `(L)` and the `offsets` `(N)` at which bags begin (`(N + 1)` with
    `include_last_offset`), to `(N, embedding_dim)`. `per_sample_weights`, for `'sum'`, has the shape of the input and
    multiplies the rows.

    Source: `torch.nn.EmbeddingBag`.

    >>> import torch, unified as u
    >>> net = u.transform(lambda x, at: u.EmbeddingBag(5, 2, mode="sum")(x, at), backend="torch")
    >>> x, offsets = torch.tensor([0, 1, 2]), torch.tensor([0, 2, 3])
    >>> net.init(x, offsets, rng=0)(x, offsets)[2].tolist()  # the third bag is empty
    [0.0, 0.0]
    """

    variable_names = ("weight",)

    @staticmethod
    def variables(
        num_embeddings: int,
        embedding_dim: int,
        max_norm: float | None = None,
        norm_type: float = 2.0,
        scale_grad_by_freq: bool = False,
        mode: str = "mean",
        sparse: bool = False,
        _weight: Any = None,
        include_last_offset: bool = False,
        padding_idx: int | None = None,
        device: Any = None,
        dtype: Any = None,
    ) -> Iterator[LayerVariable]:
        if mode not in ("sum", "mean", "max"):
            raise ValueError(f"mode must be 'sum', 'mean' or 'max', got {mode!r}")
        if mode == "max" and (scale_grad_by_freq or sparse):
            raise ValueError("mode='max' has no scale_grad_by_freq= and no sparse=")
        yield _table(num_embeddings, embedding_dim, padding_idx, _weight, dtype)
