"""Adaptive pooling: a number of windows that cover the input evenly."""

from collections.abc import Iterable
from typing import Any

from unified.core.layer import LayerVariable
from unified.core.layers.pooling import _Pool

__all__ = [
    "AdaptiveAvgPool1d",
    "AdaptiveAvgPool2d",
    "AdaptiveAvgPool3d",
    "AdaptiveMaxPool1d",
    "AdaptiveMaxPool2d",
    "AdaptiveMaxPool3d",
]


def _check_output_size(output_size: Any) -> None:
    if output_size is None:
        raise ValueError("output_size must be a number, or one per dimension where None preserves a size, got None")


class _AdaptiveAvgPool(_Pool):
    @classmethod
    def variables(cls, output_size: Any, *, data_format: str | None = None) -> Iterable[LayerVariable]:
        _check_output_size(output_size)
        return cls.check(data_format)


class _AdaptiveMaxPool(_Pool):
    @classmethod
    def variables(
        cls, output_size: Any, return_indices: bool = False, *, data_format: str | None = None
    ) -> Iterable[LayerVariable]:
        _check_output_size(output_size)
        return cls.check(data_format)


class AdaptiveAvgPool1d(_AdaptiveAvgPool):
    """The mean of each of `output_size` windows that cover sequences evenly.

    Args:
        output_size: the number of windows.
        data_format: as in `MaxPool1d`.

    Shapes: `(N, C, L)` or `(C, L)` to `(..., *output_size)`.

    Source: `torch.nn.AdaptiveAvgPool1d`.

    >>> import torch, unified as u
    >>> net = u.transform(lambda x: u.AdaptiveAvgPool1d(1)(x), backend="torch").init(torch.ones(1, 1, 4), rng=0)
    >>> net(torch.ones(1, 1, 4)).flatten().tolist()
    [1.0]
    """

    dimensions = 1


class AdaptiveAvgPool2d(_AdaptiveAvgPool):
    """The mean of each of `output_size` windows that cover images evenly.

    Args:
        output_size: number of windows along each dimension, or one number for all; `None` preserves a size.
        data_format: `"channels_last"` or `"NHWC"` for inputs `(..., H, W, C)`, `"channels_first"` or `"NCHW"`
            for `(..., C, H, W)`, each with any number of batch dimensions; `None` is torch's layer.

    Shapes: `(N, C, H, W)` or `(C, H, W)` to `(..., *output_size)`.

    Source: `torch.nn.AdaptiveAvgPool2d`.

    >>> import torch, unified as u
    >>> net = u.transform(lambda x: u.AdaptiveAvgPool2d(1)(x), backend="torch").init(torch.ones(1, 1, 4, 4), rng=0)
    >>> net(torch.ones(1, 1, 4, 4)).flatten().tolist()
    [1.0]
    """

    dimensions = 2


class AdaptiveAvgPool3d(_AdaptiveAvgPool):
    """The mean of each of `output_size` windows that cover volumes evenly.

    Args:
        output_size: number of windows along each dimension, or one number for all; `None` preserves a size.
        data_format: `"channels_last"` or `"NDHWC"` for inputs `(..., D, H, W, C)`, `"channels_first"` or `"NCDHW"`
            for `(..., C, D, H, W)`, each with any number of batch dimensions; `None` is torch's layer.

    Shapes: `(N, C, D, H, W)` or `(C, D, H, W)` to `(..., *output_size)`.

    Source: `torch.nn.AdaptiveAvgPool3d`.

    >>> import torch, unified as u
    >>> net = u.transform(lambda x: u.AdaptiveAvgPool3d(1)(x), backend="torch").init(torch.ones(1, 1, 4, 4, 4), rng=0)
    >>> net(torch.ones(1, 1, 4, 4, 4)).flatten().tolist()
    [1.0]
    """

    dimensions = 3


class AdaptiveMaxPool1d(_AdaptiveMaxPool):
    """The largest value of each of `output_size` windows that cover sequences evenly.

    Args:
        output_size: the number of windows.
        return_indices: also returns the index of each value in its channel (`l`).
        data_format: as in `MaxPool1d`.

    Shapes: `(N, C, L)` or `(C, L)` to `(..., *output_size)`.

    Source: `torch.nn.AdaptiveMaxPool1d`.

    >>> import torch, unified as u
    >>> net = u.transform(lambda x: u.AdaptiveMaxPool1d(3)(x), backend="torch").init(torch.ones(1, 1, 4), rng=0)
    >>> list(net(torch.ones(1, 1, 4)).shape)
    [1, 1, 3]
    """

    dimensions = 1


class AdaptiveMaxPool2d(_AdaptiveMaxPool):
    """The largest value of each of `output_size` windows that cover images evenly.

    Args:
        output_size: number of windows along each dimension, or one number for all; `None` preserves a size.
        return_indices: also returns the index of each value in its channel (`h * W + w`).
        data_format: `"channels_last"` or `"NHWC"` for inputs `(..., H, W, C)`, `"channels_first"` or `"NCHW"`
            for `(..., C, H, W)`, each with any number of batch dimensions; `None` is torch's layer.

    Shapes: `(N, C, H, W)` or `(C, H, W)` to `(..., *output_size)`.

    Source: `torch.nn.AdaptiveMaxPool2d`.

    >>> import torch, unified as u
    >>> net = u.transform(lambda x: u.AdaptiveMaxPool2d(3)(x), backend="torch").init(torch.ones(1, 1, 4, 4), rng=0)
    >>> list(net(torch.ones(1, 1, 4, 4)).shape)
    [1, 1, 3, 3]
    """

    dimensions = 2


class AdaptiveMaxPool3d(_AdaptiveMaxPool):
    """The largest value of each of `output_size` windows that cover volumes evenly.

    Args:
        output_size: number of windows along each dimension, or one number for all; `None` preserves a size.
        return_indices: also returns the index of each value in its channel (`(d * H + h) * W + w`).
        data_format: `"channels_last"` or `"NDHWC"` for inputs `(..., D, H, W, C)`, `"channels_first"` or `"NCDHW"`
            for `(..., C, D, H, W)`, each with any number of batch dimensions; `None` is torch's layer.

    Shapes: `(N, C, D, H, W)` or `(C, D, H, W)` to `(..., *output_size)`.

    Source: `torch.nn.AdaptiveMaxPool3d`.

    >>> import torch, unified as u
    >>> net = u.transform(lambda x: u.AdaptiveMaxPool3d(3)(x), backend="torch").init(torch.ones(1, 1, 4, 4, 4), rng=0)
    >>> list(net(torch.ones(1, 1, 4, 4, 4)).shape)
    [1, 1, 3, 3, 3]
    """

    dimensions = 3
