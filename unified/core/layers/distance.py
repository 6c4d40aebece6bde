"""Distances and similarities."""

from collections.abc import Iterable

from unified.core.layer import Layer, LayerVariable

__all__ = ["CosineSimilarity", "PairwiseDistance"]


class CosineSimilarity(Layer):
    """The cosine of the angle between two vectors.

    Args:
        dim: the dimension of the vectors.
        eps: lower bound of the norms, against division by zero.

    Shapes: two arrays that are broadcast to `(*, D, *)`, with `D` at `dim`, to `(*, *)`.

    Source: `torch.nn.CosineSimilarity`.

    >>> import torch, unified as u
    >>> x, y = torch.tensor([[3.0, 4.0]]), torch.tensor([[1.0, 0.0]])
    >>> net = u.transform(lambda x, y: u.CosineSimilarity()(x, y), backend="torch").init(x, y, rng=0)
    >>> round(net(x, y).item(), 4)
    0.6
    """

    @staticmethod
    def variables(dim: int = 1, eps: float = 1e-08) -> Iterable[LayerVariable]:
        return ()


class PairwiseDistance(Layer):
    """The `p`-norm of the difference of two vectors.

    Args:
        p: exponent of the norm; it may be negative or infinite.
        eps: a number added to the difference.
        keepdim: whether the last dimension is kept, with size 1.

    Shapes: two arrays that are broadcast to `(*, D)`, to `(*)`, or to `(*, 1)` with `keepdim`.

    Source: `torch.nn.PairwiseDistance`.

    >>> import torch, unified as u
    >>> x, y = torch.tensor([[3.0, 4.0]]), torch.tensor([[0.0, 0.0]])
    >>> net = u.transform(lambda x, y: u.PairwiseDistance()(x, y), backend="torch").init(x, y, rng=0)
    >>> round(net(x, y).item(), 4)
    5.0
    """

    @staticmethod
    def variables(p: float = 2.0, eps: float = 1e-06, keepdim: bool = False) -> Iterable[LayerVariable]:
        return ()
