"""Pooling."""

from collections.abc import Iterable
from typing import Any

from unified.core.layer import Layer, LayerVariable

__all__ = ["AdaptiveAvgPool2d", "AvgPool2d", "MaxPool2d"]


class MaxPool2d(Layer):
    """The largest value of each window.

    Args:
        kernel_size: size of a window, a number or one per dimension.
        stride: step from window to window; `kernel_size` if `None`.
        padding: how far windows may reach over each edge, at most half of `kernel_size`.
        dilation: step between the values of a window.
        return_indices: also returns where in its channel (`h * W + w`) each value was found.
        ceil_mode: rounds the number of windows up, so that the last may reach over the edge.

    Shapes: `(N, C, H, W)` or `(C, H, W)` to the same with fewer rows and columns.

    Source: `torch.nn.MaxPool2d`.

    >>> import torch, unified as u
    >>> net = u.transform(lambda x: u.MaxPool2d(2)(x), backend="torch").init(torch.ones(1, 1, 4, 4), rng=0)
    >>> list(net(torch.ones(1, 1, 4, 4)).shape)
    [1, 1, 2, 2]
    """

    @staticmethod
    def variables(
        kernel_size: Any,
        stride: Any = None,
        padding: Any = 0,
        dilation: Any = 1,
        return_indices: bool = False,
        ceil_mode: bool = False,
    ) -> Iterable[LayerVariable]:
        return ()


class AvgPool2d(Layer):
    """The mean of each window.

    Args:
        kernel_size, stride, padding, ceil_mode: as in `MaxPool2d`.
        count_include_pad: whether zeros of the padding count in the mean.
        divisor_override: what sums are divided by, instead of the number of values.

    Shapes: `(N, C, H, W)` or `(C, H, W)` to the same with fewer rows and columns.

    Source: `torch.nn.AvgPool2d`.

    >>> import torch, unified as u
    >>> net = u.transform(lambda x: u.AvgPool2d(2)(x), backend="torch").init(torch.ones(1, 1, 4, 4), rng=0)
    >>> net(torch.ones(1, 1, 4, 4)).flatten().tolist()
    [1.0, 1.0, 1.0, 1.0]
    """

    @staticmethod
    def variables(
        kernel_size: Any,
        stride: Any = None,
        padding: Any = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
        divisor_override: int | None = None,
    ) -> Iterable[LayerVariable]:
        return ()


class AdaptiveAvgPool2d(Layer):
    """Means of as many windows as `output_size` asks for, that cover the input evenly.

    Args:
        output_size: rows and columns of the output, or one number for both; `None` keeps a size as it is.

    Shapes: `(N, C, H, W)` or `(C, H, W)` to `(..., *output_size)`.

    Source: `torch.nn.AdaptiveAvgPool2d`.

    >>> import torch, unified as u
    >>> net = u.transform(lambda x: u.AdaptiveAvgPool2d(1)(x), backend="torch").init(torch.ones(1, 1, 4, 4), rng=0)
    >>> net(torch.ones(1, 1, 4, 4)).tolist()
    [[[[1.0]]]]
    """

    @staticmethod
    def variables(output_size: Any) -> Iterable[LayerVariable]:
        if output_size is None:
            raise ValueError("output_size must be a number or a pair, in which None keeps a size: (None, None)")
        return ()
