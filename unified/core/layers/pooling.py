"""Pooling: one value per window."""

from collections.abc import Iterable
from typing import Any, ClassVar

from unified.core.initializers import constant
from unified.core.layer import Layer, LayerVariable, buffer
from unified.core.layouts import check_data_format, check_padding, has_own_padding

__all__ = [
    "AvgPool1d",
    "AvgPool2d",
    "AvgPool3d",
    "FractionalMaxPool2d",
    "FractionalMaxPool3d",
    "LPPool1d",
    "LPPool2d",
    "LPPool3d",
    "MaxPool1d",
    "MaxPool2d",
    "MaxPool3d",
    "MaxUnpool1d",
    "MaxUnpool2d",
    "MaxUnpool3d",
]


class _Pool(Layer):
    """A layer of pooling over the last dimensions, or those before the channels."""

    dimensions: ClassVar[int]
    own_options = ("data_format",)

    @classmethod
    def check(cls, data_format: str | None, padding: Any = 0, ceil_mode: bool = False) -> Iterable[LayerVariable]:
        """Raise `ValueError` for options that do not fit; return no variables."""
        check_data_format(data_format, cls.dimensions)
        check_padding(padding, cls.dimensions)
        if ceil_mode and has_own_padding(padding):
            raise ValueError(f"ceil_mode=True goes with numbers as padding, got padding={padding!r}")
        return ()


class _MaxPool(_Pool):
    @classmethod
    def variables(
        cls,
        kernel_size: Any,
        stride: Any = None,
        padding: Any = 0,
        dilation: Any = 1,
        return_indices: bool = False,
        ceil_mode: bool = False,
        *,
        data_format: str | None = None,
    ) -> Iterable[LayerVariable]:
        return cls.check(data_format, padding, ceil_mode)


class _AvgPool(_Pool):
    @classmethod
    def variables(
        cls,
        kernel_size: Any,
        stride: Any = None,
        padding: Any = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
        divisor_override: int | None = None,
        *,
        data_format: str | None = None,
    ) -> Iterable[LayerVariable]:
        return cls.check(data_format, padding, ceil_mode)


class _LPPool(_Pool):
    @classmethod
    def variables(
        cls,
        norm_type: float,
        kernel_size: Any,
        stride: Any = None,
        ceil_mode: bool = False,
        *,
        data_format: str | None = None,
    ) -> Iterable[LayerVariable]:
        if norm_type == 0:
            raise ValueError("norm_type must not be zero: the root is undefined")
        return cls.check(data_format)


class _FractionalMaxPool(Layer):
    dimensions: ClassVar[int]
    is_random = True
    variable_names = ("_random_samples",)

    @classmethod
    def is_random_with(cls, **arguments: Any) -> bool:
        return arguments["_random_samples"] is None

    @classmethod
    def variables(
        cls,
        kernel_size: Any,
        output_size: Any = None,
        output_ratio: Any = None,
        return_indices: bool = False,
        _random_samples: Any = None,
    ) -> Iterable[LayerVariable]:
        kernel = (kernel_size,) if isinstance(kernel_size, int) else tuple(kernel_size)
        if min(kernel) < 1:
            raise ValueError(f"kernel_size must be positive, got {kernel_size}")
        if (output_size is None) == (output_ratio is None):
            raise ValueError(
                f"pass either output_size or output_ratio, got output_size={output_size}, output_ratio={output_ratio}"
            )
        if output_ratio is not None:
            ratios = (output_ratio,) if isinstance(output_ratio, (int, float)) else tuple(output_ratio)
            if not all(0 < ratio < 1 for ratio in ratios):
                raise ValueError(f"output_ratio must lie between 0 and 1, got {output_ratio}")
        if _random_samples is None:
            return ()
        shape = tuple(_random_samples.shape)
        if len(shape) != 3 or shape[2] != cls.dimensions:
            raise ValueError(f"_random_samples must have shape (N, C, {cls.dimensions}), got {shape}")
        return (buffer("_random_samples", shape, constant(_random_samples), _random_samples.dtype),)


class _MaxUnpool(Layer):
    @staticmethod
    def variables(kernel_size: Any, stride: Any = None, padding: Any = 0) -> Iterable[LayerVariable]:
        return ()


class MaxPool1d(_MaxPool):
    """The largest value of each window of sequences.

    Args:
        kernel_size: size of a window, a number or one per dimension.
        stride: step from window to window; `kernel_size` if `None`.
        padding: number of steps that windows may extend over each edge, at most half of `kernel_size`; or `"SAME"`
            (`ceil(size / stride)` windows), `"VALID"` (none), or a pair `(before, after)` for each dimension.
        dilation: step between the values of a window.
        return_indices: also returns the index of each value in its channel, the first one of equal values.
        ceil_mode: rounds the number of windows up, so that the last one may extend over the edge.
        data_format: `"channels_last"` or `"NWC"` for inputs `(..., L, C)`, `"channels_first"` or `"NCW"` for
            `(..., C, L)`, each with any number of batch dimensions; `None` is torch's layer.

    Shapes: `(N, C, L)` or `(C, L)` to the same with a smaller length.

    Source: `torch.nn.MaxPool1d`.

    >>> import torch, unified as u
    >>> net = u.transform(lambda x: u.MaxPool1d(2)(x), backend="torch").init(torch.ones(1, 1, 4), rng=0)
    >>> list(net(torch.ones(1, 1, 4)).shape)
    [1, 1, 2]
    """

    dimensions = 1


class MaxPool2d(_MaxPool):
    """The largest value of each window of images.

    Args:
        kernel_size, stride, padding, dilation, ceil_mode: as in `MaxPool1d`.
        return_indices: as in `MaxPool1d`; the index is `h * W + w`.
        data_format: `"channels_last"` or `"NHWC"` for inputs `(..., H, W, C)`, `"channels_first"` or `"NCHW"`
            for `(..., C, H, W)`, each with any number of batch dimensions; `None` is torch's layer.

    Shapes: `(N, C, H, W)` or `(C, H, W)` to the same with smaller sizes.

    Source: `torch.nn.MaxPool2d`.

    >>> import torch, unified as u
    >>> net = u.transform(lambda x: u.MaxPool2d(2)(x), backend="torch").init(torch.ones(1, 1, 4, 4), rng=0)
    >>> list(net(torch.ones(1, 1, 4, 4)).shape)
    [1, 1, 2, 2]
    """

    dimensions = 2


class MaxPool3d(_MaxPool):
    """The largest value of each window of volumes.

    Args:
        kernel_size, stride, padding, dilation, ceil_mode: as in `MaxPool1d`.
        return_indices: as in `MaxPool1d`; the index is `(d * H + h) * W + w`.
        data_format: `"channels_last"` or `"NDHWC"` for inputs `(..., D, H, W, C)`, `"channels_first"` or `"NCDHW"`
            for `(..., C, D, H, W)`, each with any number of batch dimensions; `None` is torch's layer.

    Shapes: `(N, C, D, H, W)` or `(C, D, H, W)` to the same with smaller sizes.

    Source: `torch.nn.MaxPool3d`.

    >>> import torch, unified as u
    >>> net = u.transform(lambda x: u.MaxPool3d(2)(x), backend="torch").init(torch.ones(1, 1, 4, 4, 4), rng=0)
    >>> list(net(torch.ones(1, 1, 4, 4, 4)).shape)
    [1, 1, 2, 2, 2]
    """

    dimensions = 3


class AvgPool1d(_Pool):
    """The mean of each window of sequences.

    Args:
        kernel_size, stride, padding, ceil_mode: as in `MaxPool1d`.
        count_include_pad: whether the zeros of the padding count in the mean; Haiku's `"SAME"` does not count them.
        data_format: as in `MaxPool1d`.

    Shapes: `(N, C, L)` or `(C, L)` to the same with a smaller length.

    Source: `torch.nn.AvgPool1d`.

    >>> import torch, unified as u
    >>> net = u.transform(lambda x: u.AvgPool1d(2)(x), backend="torch").init(torch.ones(1, 1, 4), rng=0)
    >>> net(torch.ones(1, 1, 4)).unique().tolist()
    [1.0]
    """

    dimensions = 1

    @classmethod
    def variables(
        cls,
        kernel_size: Any,
        stride: Any = None,
        padding: Any = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
        *,
        data_format: str | None = None,
    ) -> Iterable[LayerVariable]:
        return cls.check(data_format, padding, ceil_mode)


class AvgPool2d(_AvgPool):
    """The mean of each window of images.

    Args:
        kernel_size, stride, padding, ceil_mode, count_include_pad: as in `AvgPool1d`.
        divisor_override: the divisor of the sums, in place of the number of values.
        data_format: `"channels_last"` or `"NHWC"` for inputs `(..., H, W, C)`, `"channels_first"` or `"NCHW"`
            for `(..., C, H, W)`, each with any number of batch dimensions; `None` is torch's layer.

    Shapes: `(N, C, H, W)` or `(C, H, W)` to the same with smaller sizes.

    Source: `torch.nn.AvgPool2d`.

    >>> import torch, unified as u
    >>> net = u.transform(lambda x: u.AvgPool2d(2)(x), backend="torch").init(torch.ones(1, 1, 4, 4), rng=0)
    >>> net(torch.ones(1, 1, 4, 4)).unique().tolist()
    [1.0]
    """

    dimensions = 2


class AvgPool3d(_AvgPool):
    """The mean of each window of volumes.

    Args:
        kernel_size, stride, padding, ceil_mode, count_include_pad: as in `AvgPool1d`.
        divisor_override: the divisor of the sums, in place of the number of values.
        data_format: `"channels_last"` or `"NDHWC"` for inputs `(..., D, H, W, C)`, `"channels_first"` or `"NCDHW"`
            for `(..., C, D, H, W)`, each with any number of batch dimensions; `None` is torch's layer.

    Shapes: `(N, C, D, H, W)` or `(C, D, H, W)` to the same with smaller sizes.

    Source: `torch.nn.AvgPool3d`.

    >>> import torch, unified as u
    >>> net = u.transform(lambda x: u.AvgPool3d(2)(x), backend="torch").init(torch.ones(1, 1, 4, 4, 4), rng=0)
    >>> net(torch.ones(1, 1, 4, 4, 4)).unique().tolist()
    [1.0]
    """

    dimensions = 3


class LPPool1d(_LPPool):
    """The norm of each window of sequences: the `norm_type`-th root of the sum of its values' powers.

    Args:
        norm_type: the exponent, not zero; infinity is the largest absolute value, minus infinity the smallest.
        kernel_size: size of a window.
        stride: as in `MaxPool1d`.
        ceil_mode: as in `MaxPool1d`; such a window counts as if filled with its mean.
        data_format: as in `MaxPool1d`.

    Shapes: `(N, C, L)` or `(C, L)` to the same with a smaller length. The gradient is zero where the sum is zero.

    Source: `torch.nn.LPPool1d`.

    >>> import torch, unified as u
    >>> net = u.transform(lambda x: u.LPPool1d(1, 2)(x), backend="torch").init(torch.ones(1, 1, 4), rng=0)
    >>> net(torch.ones(1, 1, 4)).unique().tolist()
    [2.0]
    """

    dimensions = 1


class LPPool2d(_LPPool):
    """The norm of each window of images: the `norm_type`-th root of the sum of its values' powers.

    Args:
        norm_type, ceil_mode: as in `LPPool1d`.
        kernel_size: size of a window, a number or one per dimension.
        stride: as in `MaxPool1d`.
        data_format: `"channels_last"` or `"NHWC"` for inputs `(..., H, W, C)`, `"channels_first"` or `"NCHW"`
            for `(..., C, H, W)`, each with any number of batch dimensions; `None` is torch's layer.

    Shapes: `(N, C, H, W)` or `(C, H, W)` to the same with smaller sizes.

    Source: `torch.nn.LPPool2d`.

    >>> import torch, unified as u
    >>> net = u.transform(lambda x: u.LPPool2d(1, 2)(x), backend="torch").init(torch.ones(1, 1, 4, 4), rng=0)
    >>> net(torch.ones(1, 1, 4, 4)).unique().tolist()
    [4.0]
    """

    dimensions = 2


class LPPool3d(_LPPool):
    """The norm of each window of volumes: the `norm_type`-th root of the sum of its values' powers.

    Args:
        norm_type, ceil_mode: as in `LPPool1d`.
        kernel_size: size of a window, a number or one per dimension.
        stride: as in `MaxPool1d`.
        data_format: `"channels_last"` or `"NDHWC"` for inputs `(..., D, H, W, C)`, `"channels_first"` or `"NCDHW"`
            for `(..., C, D, H, W)`, each with any number of batch dimensions; `None` is torch's layer.

    Shapes: `(N, C, D, H, W)` or `(C, D, H, W)` to the same with smaller sizes.

    Source: `torch.nn.LPPool3d`.

    >>> import torch, unified as u
    >>> net = u.transform(lambda x: u.LPPool3d(1, 2)(x), backend="torch").init(torch.ones(1, 1, 4, 4, 4), rng=0)
    >>> net(torch.ones(1, 1, 4, 4, 4)).unique().tolist()
    [8.0]
    """

    dimensions = 3


class FractionalMaxPool2d(_FractionalMaxPool):
    """The largest value of each window of images; windows have one size, and the steps between them are random.

    Every call draws new windows, in evaluation too.

    Args:
        kernel_size: size of a window, a number or one per dimension.
        output_size: number of windows along each dimension, or one number for all.
        output_ratio: in place of `output_size`, the ratio of output size to input size, between 0 and 1.
        return_indices: also returns the index of each value in its channel (`h * W + w`).
        _random_samples: numbers from 0 to 1 that fix the windows of every call, `(N, C, 2)`; a buffer.

    Shapes: `(N, C, H, W)` or `(C, H, W)` to `(..., *output_size)`.

    In a body on torch the windows are drawn by torch's generator; with `transform(..., rng="portable")` they equal
    those of JAX.

    Source: Graham (2014); `torch.nn.FractionalMaxPool2d`.

    >>> import torch, unified as u
    >>> x = torch.ones(1, 1, 4, 4)
    >>> net = u.transform(lambda x: u.FractionalMaxPool2d(2, output_size=2)(x), backend="torch").init(x, rng=0)
    >>> list(net(x).shape)
    [1, 1, 2, 2]
    """

    dimensions = 2


class FractionalMaxPool3d(_FractionalMaxPool):
    """`FractionalMaxPool2d` for volumes.

    Args:
        kernel_size, output_size, output_ratio: as in `FractionalMaxPool2d`.
        return_indices: also returns the index of each value in its channel (`(d * H + h) * W + w`).
        _random_samples: numbers from 0 to 1 that fix the windows of every call, `(N, C, 3)`; a buffer.

    Shapes: `(N, C, D, H, W)` or `(C, D, H, W)` to `(..., *output_size)`.

    Source: Graham (2014); `torch.nn.FractionalMaxPool3d`.

    >>> import torch, unified as u
    >>> x = torch.ones(1, 1, 4, 4, 4)
    >>> net = u.transform(lambda x: u.FractionalMaxPool3d(2, output_size=2)(x), backend="torch").init(x, rng=0)
    >>> list(net(x).shape)
    [1, 1, 2, 2, 2]
    """

    dimensions = 3


class MaxUnpool1d(_MaxUnpool):
    """The values of `MaxPool1d` put back at their indices, with zeros elsewhere.

    A call takes `(values, indices, output_size=None)`: values and indices as `MaxPool1d(..., return_indices=True)`
    returns them, and the size of its input, where several sizes have that number of windows.

    Args:
        kernel_size, stride, padding: those of the pooling.

    Shapes: two of `(N, C, L)` or `(C, L)` to the same with a larger length. An index that is out of range raises on
    torch, and turns all values of its channel into NaN on JAX.

    Source: `torch.nn.MaxUnpool1d`.

    >>> import torch, unified as u
    >>> x, index = torch.ones(1, 1, 1), torch.zeros(1, 1, 1, dtype=torch.int64)
    >>> net = u.transform(lambda x, index: u.MaxUnpool1d(2)(x, index), backend="torch").init(x, index, rng=0)
    >>> net(x, index).flatten().tolist()
    [1.0, 0.0]
    """


class MaxUnpool2d(_MaxUnpool):
    """The values of `MaxPool2d` put back at their indices, with zeros elsewhere.

    A call takes `(values, indices, output_size=None)`: values and indices as the pooling with `return_indices=True`
    returns them, and the size of its input, where several sizes have that number of windows.

    Args:
        kernel_size, stride, padding: as in `MaxUnpool1d`, a number or one per dimension.

    Shapes: two of `(N, C, H, W)` or `(C, H, W)` to the same with larger sizes.

    Source: `torch.nn.MaxUnpool2d`.

    >>> import torch, unified as u
    >>> x, index = torch.ones(1, 1, 1, 1), torch.zeros(1, 1, 1, 1, dtype=torch.int64)
    >>> net = u.transform(lambda x, index: u.MaxUnpool2d(2)(x, index), backend="torch").init(x, index, rng=0)
    >>> net(x, index).flatten().tolist()
    [1.0, 0.0, 0.0, 0.0]
    """


class MaxUnpool3d(_MaxUnpool):
    """The values of `MaxPool3d` put back at their indices, with zeros elsewhere.

    A call takes `(values, indices, output_size=None)`: values and indices as the pooling with `return_indices=True`
    returns them, and the size of its input, where several sizes have that number of windows.

    Args:
        kernel_size, stride, padding: as in `MaxUnpool1d`, a number or one per dimension.

    Shapes: two of `(N, C, D, H, W)` or `(C, D, H, W)` to the same with larger sizes.

    Source: `torch.nn.MaxUnpool3d`.

    >>> import torch, unified as u
    >>> x, index = torch.ones(1, 1, 1, 1, 1), torch.zeros(1, 1, 1, 1, 1, dtype=torch.int64)
    >>> net = u.transform(lambda x, index: u.MaxUnpool3d(2)(x, index), backend="torch").init(x, index, rng=0)
    >>> net(x, index).flatten().tolist()
    [1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]
    """
