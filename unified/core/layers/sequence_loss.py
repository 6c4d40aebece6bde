"""Sequence losses."""

from collections.abc import Iterable

from unified.core.layer import Layer, LayerVariable
from unified.core.layers.checks import check_reduction

__all__ = ["CTCLoss"]


class CTCLoss(Layer):
    """The negative log-probability of a target sequence, over all alignments to a longer input.

    An alignment repeats labels and inserts blanks.

    Args:
        blank: the class of the blank label.
        reduction: `'none'` returns every value, `'sum'` their sum, and `'mean'` the mean after each is divided by the
            length of its target (at least 1).
        zero_infinity: whether the loss of a target that does not fit into its input is zero, with gradient zero,
            instead of infinite.

    Shapes: log-probabilities `(T, N, C)`, targets `(N, S)` or concatenated `(sum of lengths)`, lengths of
    the inputs `(N)` and of the targets `(N)`, to `()`, or to `(N)` without a reduction; and all without `N`.

    The gradient is torch's, which assumes that the input is the output of `log_softmax`.

    Source: Graves et al. (2006); `torch.nn.CTCLoss`.

    >>> import torch, unified as u
    >>> x = torch.log(torch.full((2, 1, 2), 0.5)), torch.tensor([[1]]), torch.tensor([2]), torch.tensor([1])
    >>> loss = u.transform(lambda *x: u.CTCLoss()(*x), backend="torch").init(*x, rng=0)
    >>> round(loss(*x).exp().item(), 4)  # three of four ways: 11, 10, 01
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
