"""Sequence losses."""

from collections.abc import Iterable

from unified.core.layer import Layer, LayerVariable
from unified.core.layers.checks import check_reduction

__all__ = ["CTCLoss"]


class CTCLoss(Layer):
    """Minus the log-probability of a shorter sequence, over all ways to stretch it by repetition and blanks.

    Args:
        blank: the class that stands for no label.
        reduction: `'none'` returns every value, `'sum'` one number, and `'mean'` divides each by the length of its
            target (at least 1) before the mean is taken.
        zero_infinity: whether a target that does not fit into its input costs nothing, with gradient zero, in place
            of infinity.

    Shapes: log-probabilities `(T, N, C)`, targets `(N, S)` or all one after the other `(sum of lengths)`, lengths of
    the inputs `(N)` and of the targets `(N)`, to `()`, or to `(N)` without a reduction; and all without `N`.

    The gradient is torch's: it takes the inputs for logits that `log_softmax` was applied to.

    Source: Graves et al. (2006); `torch.nn.CTCLoss`.

    >>> import torch, unified as u
    >>> loss = u.transform(lambda *x: u.CTCLoss()(*x), backend="torch")
    >>> x = torch.log(torch.full((2, 1, 2), 0.5)), torch.tensor([[1]]), torch.tensor([2]), torch.tensor([1])
    >>> round(loss.init(*x, rng=0)(*x).exp().item(), 4)  # three of four ways: 11, 10, 01
    1.3333
    """

    @staticmethod
    def variables(
        blank: int = 0,
        reduction: str = "mean",
        zero_infinity: bool = False,
    ) -> Iterable[LayerVariable]:
        check_reduction(reduction)
        return ()
