"""Folding and shuffling: sliding windows, and channels moved to pixels and back."""

from collections.abc import Iterable
from typing import Any

from unified.core.layer import Layer, LayerVariable
from unified.core.layers.checks import check_sizes
from unified.core.layouts import check_data_format

__all__ = ["ChannelShuffle", "Fold", "PixelShuffle", "PixelUnshuffle", "Unfold"]


class Unfold(Layer):
    """All sliding windows of an image, as columns.

    Args:
        kernel_size, dilation, padding, stride: those of the windows, a number or one for rows and one for columns.

    Shapes: `(N, C, H, W)` or `(C, H, W)` to `(N, C * kernel_height * kernel_width, L)`, where `L` is the number of
    windows.

    Source: `torch.nn.Unfold`.

    >>> import torch, unified as u
    >>> x = torch.ones(1, 3, 4, 4)
    >>> net = u.transform(lambda x: u.Unfold(2)(x), backend="torch").init(x, rng=0)
    >>> list(net(x).shape)
    [1, 12, 9]
    """

    @staticmethod
    def variables(kernel_size: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1) -> Iterable[LayerVariable]:
        return ()


class Fold(Layer):
    """The sum of windows, the columns of the input, at the places where `Unfold` reads them.

    Args:
        output_size: height and width of the output, or one number for both.
        kernel_size, dilation, padding, stride: those of the windows, a number or one for rows and one for columns.

    Shapes: `(N, C * kernel_height * kernel_width, L)`, or without `N`, to `(N, C, *output_size)`.

    Source: `torch.nn.Fold`.

    >>> import torch, unified as u
    >>> x = torch.ones(1, 12, 9)
    >>> net = u.transform(lambda x: u.Fold(4, 2)(x), backend="torch").init(x, rng=0)
    >>> list(net(x).shape)
    [1, 3, 4, 4]
    """

    @staticmethod
    def variables(
        output_size: Any, kernel_size: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1
    ) -> Iterable[LayerVariable]:
        return ()


class PixelShuffle(Layer):
    """A larger image, by `upscale_factor` in height and width, whose pixels come from the channels.

    Args:
        upscale_factor: the ratio `r` of new to old height and width.
        data_format: `"channels_last"` or `"NHWC"` for inputs with the channels last.

    Shapes: `(..., C * r * r, H, W)` to `(..., C, H * r, W * r)`, where `r` is `upscale_factor`; with
    `data_format="channels_last"` or `"NHWC"`, `(..., H, W, C * r * r)` to `(..., H * r, W * r, C)`.

    Source: Shi et al. (2016); `torch.nn.PixelShuffle`.

    >>> import torch, unified as u
    >>> x = torch.ones(1, 8, 2, 3)
    >>> net = u.transform(lambda x: u.PixelShuffle(2)(x), backend="torch").init(x, rng=0)
    >>> list(net(x).shape)
    [1, 2, 4, 6]
    """

    own_options = ("data_format",)

    @staticmethod
    def variables(upscale_factor: int, *, data_format: str | None = None) -> Iterable[LayerVariable]:
        check_sizes(1, upscale_factor=upscale_factor)
        check_data_format(data_format, 2)
        return ()


class PixelUnshuffle(Layer):
    """A smaller image, by `downscale_factor`, whose pixels become channels: the inverse of `PixelShuffle`.

    Args:
        downscale_factor: the ratio `r` of old to new height and width.
        data_format: `"channels_last"` or `"NHWC"` for inputs with the channels last.

    Shapes: `(..., C, H * r, W * r)` to `(..., C * r * r, H, W)`, where `r` is `downscale_factor`; with
    `data_format="channels_last"` or `"NHWC"`, `(..., H * r, W * r, C)` to `(..., H, W, C * r * r)`.

    Source: Shi et al. (2016); `torch.nn.PixelUnshuffle`.

    >>> import torch, unified as u
    >>> x = torch.ones(1, 2, 4, 6)
    >>> net = u.transform(lambda x: u.PixelUnshuffle(2)(x), backend="torch").init(x, rng=0)
    >>> list(net(x).shape)
    [1, 8, 2, 3]
    """

    own_options = ("data_format",)

    @staticmethod
    def variables(downscale_factor: int, *, data_format: str | None = None) -> Iterable[LayerVariable]:
        check_sizes(1, downscale_factor=downscale_factor)
        check_data_format(data_format, 2)
        return ()


class ChannelShuffle(Layer):
    """The channels reordered: the first of each of `groups` groups, then the second of each, ...

    Args:
        groups: number of groups, a divisor of the number of channels.
        data_format: `"channels_last"` for inputs `(N, ..., C)`.

    Shapes: `(N, C, ...)` to the same.

    Source: Zhang et al. (2017); `torch.nn.ChannelShuffle`.

    >>> import torch, unified as u
    >>> x = torch.arange(4.0).reshape(1, 4, 1)
    >>> net = u.transform(lambda x: u.ChannelShuffle(2)(x), backend="torch").init(x, rng=0)
    >>> net(x).flatten().tolist()
    [0.0, 2.0, 1.0, 3.0]
    """

    own_options = ("data_format",)

    @staticmethod
    def variables(groups: int, *, data_format: str | None = None) -> Iterable[LayerVariable]:
        check_sizes(1, groups=groups)
        check_data_format(data_format)
        return ()
