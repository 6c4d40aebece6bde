"""Dropout."""

from collections.abc import Iterable

from unified.core.layer import Layer, LayerVariable

__all__ = ["Dropout"]


class Dropout(Layer):
    """In training, zeroes each value with probability `p` and divides the others by `1 - p`; nothing in evaluation.

    Args:
        p: a probability; `ValueError` outside 0 to 1.
        inplace: writes over the input on torch, and has no effect on JAX.

    On torch the mask comes from torch's generator, or with `transform(..., rng="portable")` it is the same as JAX's.

    Source: Srivastava et al. (2014); `torch.nn.Dropout`.

    >>> import torch, unified as u
    >>> net = u.transform(lambda x: u.Dropout(0.5)(x), backend="torch").init(torch.ones(3), rng=0).eval()
    >>> net(torch.ones(3)).tolist()
    [1.0, 1.0, 1.0]
    """

    draws = True

    @staticmethod
    def variables(p: float = 0.5, inplace: bool = False) -> Iterable[LayerVariable]:
        if not 0 <= p <= 1:
            raise ValueError(f"a dropout probability lies between 0 and 1, got {p}")
        return ()
