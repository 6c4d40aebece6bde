"""Dropout."""

from collections.abc import Iterable
from typing import ClassVar

from unified.core.dropout import check_dropout
from unified.core.layer import Layer, LayerVariable
from unified.core.layouts import check_data_format

__all__ = ["AlphaDropout", "Dropout", "Dropout1d", "Dropout2d", "Dropout3d", "FeatureAlphaDropout"]


class Dropout(Layer):
    """Dropout: in training, each value is zeroed with probability `p`, and divided by `1 - p` otherwise.

    In evaluation it is the identity.

    Args:
        p: probability of a zero; `ValueError` outside 0 to 1.

    In a body on torch the mask is drawn by torch's generator; with `transform(..., rng="portable")` it equals that of
    JAX.

    Shapes: `(*)` to the same.

    Source: Srivastava et al. (2014); `torch.nn.Dropout`.

    >>> import torch, unified as u
    >>> net = u.transform(lambda x: u.Dropout(0.5)(x), backend="torch").init(torch.ones(3), rng=0).eval()
    >>> net(torch.ones(3)).tolist()
    [1.0, 1.0, 1.0]
    """

    is_random = True
    has_mode = True

    @staticmethod
    def variables(p: float = 0.5, inplace: bool = False) -> Iterable[LayerVariable]:
        check_dropout(p)
        return ()


class _ChannelDropout(Layer):
    dimensions: ClassVar[int]
    is_random = True
    has_mode = True
    own_options = ("data_format",)

    @classmethod
    def variables(
        cls, p: float = 0.5, inplace: bool = False, *, data_format: str | None = None
    ) -> Iterable[LayerVariable]:
        check_dropout(p)
        check_data_format(data_format, cls.dimensions)
        return ()


class Dropout1d(_ChannelDropout):
    """Channel dropout: in training, each channel is zeroed with probability `p`, and divided by `1 - p` otherwise.

    Args:
        p: probability for a channel; `ValueError` outside 0 to 1.
        data_format: `"channels_last"` or `"NWC"` for inputs `(..., L, C)`, `"channels_first"` or `"NCW"` for
            `(..., C, L)`, each with any number of batch dimensions; `None` is torch's layer.

    Shapes: `(N, C, L)` or `(C, L)` to the same.

    Source: Tompson et al. (2015); `torch.nn.Dropout1d`.

    >>> import torch, unified as u
    >>> x = torch.ones(1, 2, 3)
    >>> net = u.transform(lambda x: u.Dropout1d(0.5)(x), backend="torch").init(x, rng=0).eval()
    >>> torch.equal(net(x), x)
    True
    """

    dimensions = 1


class Dropout2d(_ChannelDropout):
    """Channel dropout: in training, each channel is zeroed with probability `p`, and divided by `1 - p` otherwise.

    Args:
        p: as in `Dropout1d`.
        data_format: `"channels_last"` or `"NHWC"` for inputs with the channels last, `"channels_first"` or `"NCHW"` for
            channels before two dimensions, each with any number of batch dimensions; `None` is torch's layer.

    Shapes: `(N, C, H, W)` to the same.

    Source: Tompson et al. (2015); `torch.nn.Dropout2d`.

    >>> import torch, unified as u
    >>> x = torch.ones(1, 2, 3, 3)
    >>> net = u.transform(lambda x: u.Dropout2d(0.5)(x), backend="torch").init(x, rng=0).eval()
    >>> torch.equal(net(x), x)
    True
    """

    dimensions = 2


class Dropout3d(_ChannelDropout):
    """Channel dropout: in training, each channel is zeroed with probability `p`, and divided by `1 - p` otherwise.

    Args:
        p: as in `Dropout1d`.
        data_format: `"channels_last"` or `"NDHWC"` for inputs with the channels last, `"channels_first"` or `"NCDHW"`
            for channels before three dimensions, each with any number of batch dimensions; `None` is torch's layer.

    Shapes: `(N, C, D, H, W)` or `(C, D, H, W)` to the same.

    Source: Tompson et al. (2015); `torch.nn.Dropout3d`.

    >>> import torch, unified as u
    >>> x = torch.ones(1, 2, 3, 3, 3)
    >>> net = u.transform(lambda x: u.Dropout3d(0.5)(x), backend="torch").init(x, rng=0).eval()
    >>> torch.equal(net(x), x)
    True
    """

    dimensions = 3


class AlphaDropout(Layer):
    """Dropout for SELU networks: in training, each value is set to the lower limit of SELU with probability `p`.

    All values are then scaled and shifted, which preserves their mean and variance.

    Args:
        p: probability of the lower limit; `ValueError` outside 0 to 1.

    Shapes: `(*)` to the same.

    Source: Klambauer et al. (2017); `torch.nn.AlphaDropout`.

    >>> import torch, unified as u
    >>> x = torch.ones(3)
    >>> net = u.transform(lambda x: u.AlphaDropout(0.5)(x), backend="torch").init(x, rng=0).eval()
    >>> torch.equal(net(x), x)
    True
    """

    is_random = True
    has_mode = True

    @staticmethod
    def variables(p: float = 0.5, inplace: bool = False) -> Iterable[LayerVariable]:
        check_dropout(p)
        return ()


class FeatureAlphaDropout(Layer):
    """`AlphaDropout` of whole channels.

    Args:
        p: probability for a channel; `ValueError` outside 0 to 1.
        data_format: `"channels_last"` for inputs `(N, ..., C)`.

    Shapes: `(N, C, ...)` to the same.

    Source: Klambauer et al. (2017); `torch.nn.FeatureAlphaDropout`.

    >>> import torch, unified as u
    >>> x = torch.ones(1, 2, 3)
    >>> net = u.transform(lambda x: u.FeatureAlphaDropout(0.5)(x), backend="torch").init(x, rng=0).eval()
    >>> torch.equal(net(x), x)
    True
    """

    is_random = True
    has_mode = True
    own_options = ("data_format",)

    @staticmethod
    def variables(p: float = 0.5, inplace: bool = False, *, data_format: str | None = None) -> Iterable[LayerVariable]:
        check_dropout(p)
        check_data_format(data_format)
        return ()
