"""Embeddings: tables of vectors, indexed by integers."""

from collections.abc import Iterator
from typing import Any

from unified.core.annotations import ArrayT
from unified.core.initializers import Initializer, ZeroRow, constant, normal
from unified.core.layer import Layer, LayerVariable, parameter
from unified.core.layers.checks import check_sizes
from unified.core.scope import current_scope

__all__ = ["Embedding", "EmbeddingBag"]


def _table(rows: int, size: int, padding_idx: int | None, weight: Any, dtype: Any) -> LayerVariable:
    """Return the table of a layer, standard normal unless a `weight` is passed."""
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
    """The row of a table for each integer of the input.

    Args:
        num_embeddings: number of rows.
        embedding_dim: size of a row.
        padding_idx: a row that starts at zero and receives no gradient; counted from the end if negative.
        max_norm: largest norm of the rows that are looked up; longer ones are scaled down first. On torch this changes
            the parameter in place; on JAX the new table is among the changes that `apply` returns.
        norm_type: the `p` of that norm.
        scale_grad_by_freq: divides the gradient of a row by its number of occurrences in the input.
        sparse: on torch, makes the gradient a sparse tensor.
        _weight: the initial table.
        _freeze: whether the table is frozen, not trained.

    Shapes: integers `(*)` to `(*, embedding_dim)`. `weight` is `(num_embeddings, embedding_dim)` and starts standard
    normal.

    Source: `torch.nn.Embedding`.

    >>> import torch, unified as u
    >>> net = u.transform(lambda x: u.Embedding(5, 2, padding_idx=0)(x), backend="torch").init(torch.tensor([1]), rng=0)
    >>> net(torch.tensor([0])).tolist()
    [[0.0, 0.0]]
    """

    variable_names = ("weight",)

    def attend(self, query: ArrayT) -> ArrayT:
        """Return the product of `query`, `(*, embedding_dim)`, with each row of the table: `(*, num_embeddings)`.

        This is the output layer of a language model with tied weights (Press and Wolf, 2017). On torch the layer has
        this method if the body calls it in init; `unified.Embedding.attend(embedding, query)` is the same for any.

        >>> import torch, unified as u
        >>> def forward(ids):
        ...     embedding = u.Embedding(5, 2)
        ...     return embedding.attend(embedding(ids))
        >>> u.transform(forward, backend="torch").init(torch.tensor([1]), rng=0)(torch.tensor([1])).shape
        torch.Size([1, 5])
        """
        weight: Any = self.weight  # type: ignore[attr-defined]
        linear: Any = current_scope("Embedding.attend").functional.linear
        logits: ArrayT = linear(query, weight)
        return logits

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
    """The sum, mean or maximum of the rows for each bag of integers.

    Args:
        num_embeddings, embedding_dim, max_norm, norm_type, scale_grad_by_freq, sparse, _weight: as in `Embedding`.
        padding_idx: as in `Embedding`; entries that equal it are left out of their bag.
        mode: `'sum'`, `'mean'` or `'max'`; the result of an empty bag is zero.
        include_last_offset: whether the offsets end with the number of entries.

    Shapes: bags of equal size `(N, size)`, or entries `(L)` and the `offsets` `(N)` at which bags begin (`(N + 1)` with
    `include_last_offset`), to `(N, embedding_dim)`. `per_sample_weights`, for `'sum'`, has the shape of the input and
    multiplies the rows.

    `weight` is `(num_embeddings, embedding_dim)` and starts standard normal.

    Source: `torch.nn.EmbeddingBag`.

    >>> import torch, unified as u
    >>> x, at = torch.tensor([0, 1, 2]), torch.tensor([0, 2, 3])
    >>> net = u.transform(lambda x, at: u.EmbeddingBag(5, 2, mode="sum")(x, at), backend="torch").init(x, at, rng=0)
    >>> net(x, at)[2].tolist()  # the third bag is empty
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
            raise ValueError("mode='max' supports neither scale_grad_by_freq= nor sparse=")
        yield _table(num_embeddings, embedding_dim, padding_idx, _weight, dtype)
