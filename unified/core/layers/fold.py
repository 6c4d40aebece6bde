"""Windows and channels: sliding windows, and channels moved to pixels and back."""

from collections.abc import Iterable
from typing import Any

from unified.core.layer import Layer, LayerVariable
from unified.core.layers.checks import check_sizes

__all__ = ["ChannelShuffle", "Fold", "PixelShuffle", "PixelUnshuffle", "Unfold"]


class Unfold(Layer):
    """Takes out all windows of an image, as columns.

    Args:
        kernel_size, dilation, padding, stride: of the windows, a number or one for rows and one for columns.

    Shapes: `(N, C, H, W)` or `(C, H, W)` to `(N, C * kernel_height * kernel_width, L)`, where `L` counts the windows.

    Source: `torch.nn.Unfold`.

    >>> import torch, unified as u
    >>> x = torch.ones(1, 3, 4, 4)
    >>> list(u.transform(lambda x: u.Unfold(2)(x), backend="torch").init(x, rng=0)(x).shape)
    [1, 12, 9]
    """

    @staticmethod
    def variables(kernel_size: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1) -> Iterable[LayerVariable]:
        return ()


class Fold(Layer):
    """Adds up windows, given as columns, where `Unfold` took them from.

    Args:
        output_size: rows and columns of the output.
        kernel_size, dilation, padding, stride: of the windows, a number or one for rows and one for columns.

    Shapes: `(N, C * kernel_height * kernel_width, L)`, or without `N`, to `(N, C, *output_size)`.

    Source: `torch.nn.Fold`.

    >>> import torch, unified as u
    >>> x = torch.ones(1, 12, 9)
    >>> list(u.transform(lambda x: u.Fold(4, 2)(x), backend="torch").init(x, rng=0)(x).shape)
    [1, 3, 4, 4]
    """

    @staticmethod
    def variables(
        output_size: Any, kernel_size: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1
    ) -> Iterable[LayerVariable]:
        return ()


class PixelShuffle(Layer):
    """Makes an image larger by `upscale_factor`, of pixels taken from the channels.

    Shapes: `(..., C * r * r, H, W)` to `(..., C, H * r, W * r)`.

    Source: Shi et al. (2016); `torch.nn.PixelShuffle`.

    >>> import torch, unified as u
    >>> x = torch.ones(1, 8, 2, 3)
    >>> list(u.transform(lambda x: u.PixelShuffle(2)(x), backend="torch").init(x, rng=0)(x).shape)
    [1, 2, 4, 6]
    """

    @staticmethod
    def variables(upscale_factor: int) -> Iterable[LayerVariable]:
        check_sizes(1, upscale_factor=upscale_factor)
        return ()


class PixelUnshuffle(Layer):
    """Makes an image smaller by `downscale_factor`, and puts its pixels into channels: undoes `PixelShuffle`.

    Shapes: `(..., C, H * r, W * r)` to `(..., C * r * r, H, W)`.

    Source: Shi et al. (2016); `torch.nn.PixelUnshuffle`.

    >>> import torch, unified as u
    >>> x = torch.ones(1, 2, 4, 6)
    >>> list(u.transform(lambda x: u.PixelUnshuffle(2)(x), backend="torch").init(x, rng=0)(x).shape)
    [1, 8, 2, 3]
    """

    @staticmethod
    def variables(downscale_factor: int) -> Iterable[LayerVariable]:
        check_sizes(1, downscale_factor=downscale_factor)
        return ()


class ChannelShuffle(Layer):
    """Deals the channels of `groups` groups out in turn.

    Shapes: `(N, C, ...)` to the same; `groups` divides `C`.

    Source: Zhang et al. (2017); `torch.nn.ChannelShuffle`.

    >>> import torch, unified as u
    >>> x = torch.arange(4.0).reshape(1, 4, 1)
    >>> u.transform(lambda x: u.ChannelShuffle(2)(x), backend="torch").init(x, rng=0)(x).flatten().tolist()
    [0.0, 2.0, 1.0, 3.0]
    """

    @staticmethod
    def variables(groups: int) -> Iterable[LayerVariable]:
        check_sizes(1, groups=groups)
        return ()
