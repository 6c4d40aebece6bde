"""Dropout."""

from collections.abc import Iterable

from unified.core.layer import Layer, LayerVariable

__all__ = ["AlphaDropout", "Dropout", "Dropout1d", "Dropout2d", "Dropout3d", "FeatureAlphaDropout"]


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

    is_random = True

    @staticmethod
    def variables(p: float = 0.5, inplace: bool = False) -> Iterable[LayerVariable]:
        _check(p)
        return ()


class Dropout1d(Layer):
    """In training, zeroes whole channels with probability `p` and divides the others by `1 - p`.

    Arguments are `Dropout`'s. Shapes: `(N, C, L)` or `(C, L)` to the same.

    Source: Tompson et al. (2015); `torch.nn.Dropout1d`.

    >>> import torch, unified as u
    >>> x = torch.ones(1, 2, 3)
    >>> net = u.transform(lambda x: u.Dropout1d(0.5)(x), backend="torch").init(x, rng=0).eval()
    >>> torch.equal(net(x), x)
    True
    """

    is_random = True

    @staticmethod
    def variables(p: float = 0.5, inplace: bool = False) -> Iterable[LayerVariable]:
        _check(p)
        return ()


class Dropout2d(Layer):
    """In training, zeroes whole channels with probability `p` and divides the others by `1 - p`.

    Arguments are `Dropout`'s. Shapes: `(N, C, H, W)` to the same.

    Source: Tompson et al. (2015); `torch.nn.Dropout2d`.

    >>> import torch, unified as u
    >>> x = torch.ones(1, 2, 3, 3)
    >>> net = u.transform(lambda x: u.Dropout2d(0.5)(x), backend="torch").init(x, rng=0).eval()
    >>> torch.equal(net(x), x)
    True
    """

    is_random = True

    @staticmethod
    def variables(p: float = 0.5, inplace: bool = False) -> Iterable[LayerVariable]:
        _check(p)
        return ()


class Dropout3d(Layer):
    """In training, zeroes whole channels with probability `p` and divides the others by `1 - p`.

    Arguments are `Dropout`'s. Shapes: `(N, C, D, H, W)` or `(C, D, H, W)` to the same.

    Source: Tompson et al. (2015); `torch.nn.Dropout3d`.

    >>> import torch, unified as u
    >>> x = torch.ones(1, 2, 3, 3, 3)
    >>> net = u.transform(lambda x: u.Dropout3d(0.5)(x), backend="torch").init(x, rng=0).eval()
    >>> torch.equal(net(x), x)
    True
    """

    is_random = True

    @staticmethod
    def variables(p: float = 0.5, inplace: bool = False) -> Iterable[LayerVariable]:
        _check(p)
        return ()


class AlphaDropout(Layer):
    """In training, sets values to the least that a SELU returns with probability `p`, and moves all to keep mean and
    variance.

    Arguments are `Dropout`'s. Shapes: any to the same.

    Source: Klambauer et al. (2017); `torch.nn.AlphaDropout`.

    >>> import torch, unified as u
    >>> x = torch.ones(3)
    >>> net = u.transform(lambda x: u.AlphaDropout(0.5)(x), backend="torch").init(x, rng=0).eval()
    >>> torch.equal(net(x), x)
    True
    """

    is_random = True

    @staticmethod
    def variables(p: float = 0.5, inplace: bool = False) -> Iterable[LayerVariable]:
        _check(p)
        return ()


class FeatureAlphaDropout(Layer):
    """`AlphaDropout` of whole channels.

    Arguments are `Dropout`'s. Shapes: `(N, C, ...)` to the same.

    Source: Klambauer et al. (2017); `torch.nn.FeatureAlphaDropout`.

    >>> import torch, unified as u
    >>> x = torch.ones(1, 2, 3)
    >>> net = u.transform(lambda x: u.FeatureAlphaDropout(0.5)(x), backend="torch").init(x, rng=0).eval()
    >>> torch.equal(net(x), x)
    True
    """

    is_random = True

    @staticmethod
    def variables(p: float = 0.5, inplace: bool = False) -> Iterable[LayerVariable]:
        _check(p)
        return ()


def _check(p: float) -> None:
    if not 0 <= p <= 1:
        raise ValueError(f"a dropout probability lies between 0 and 1, got {p}")
