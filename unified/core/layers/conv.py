"""Convolutions."""

import math
from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

from unified.core.initializers import kaiming_uniform, uniform
from unified.core.layer import Layer, LayerVariable, Shape, parameter
from unified.core.layers.checks import check_sizes
from unified.core.layouts import channel_axis, check_data_format, check_padding, per_dimension

__all__ = ["Conv1d", "Conv2d", "Conv3d"]

PADDING_MODES = ("zeros", "reflect", "replicate", "circular")


class _Conv(Layer):
    dimensions: ClassVar[int]
    variable_names = ("weight", "bias")
    optional_sizes = ("in_channels",)
    own_options = ("data_format", "input_dilation")

    @classmethod
    def variables(
        cls,
        in_channels: int | None,
        out_channels: int,
        kernel_size: Any,
        stride: Any = 1,
        padding: Any = 0,
        dilation: Any = 1,
        groups: int = 1,
        bias: bool = True,
        padding_mode: str = "zeros",
        device: Any = None,
        dtype: Any = None,
        *,
        data_format: str | None = None,
        input_dilation: int | Sequence[int] = 1,
    ) -> Iterator[LayerVariable]:
        assert in_channels is not None
        check_sizes(in_channels=in_channels)
        check_sizes(1, out_channels=out_channels, groups=groups)
        if in_channels % groups or out_channels % groups:
            raise ValueError(
                f"groups must divide in_channels and out_channels, got groups={groups}, in_channels={in_channels}, "
                f"out_channels={out_channels}"
            )
        if padding_mode not in PADDING_MODES:
            raise ValueError(f"padding_mode must be one of {', '.join(PADDING_MODES)}, got {padding_mode!r}")
        check_padding(padding, cls.dimensions, ("same", "valid"))
        if padding == "same" and any(step != 1 for step in per_dimension("stride", stride, cls.dimensions)):
            raise ValueError(f"padding='same' needs a stride of 1, got stride={stride}: 'SAME' takes any")
        check_data_format(data_format, cls.dimensions)
        gaps = per_dimension("input_dilation", input_dilation, cls.dimensions)
        for gap in gaps:
            check_sizes(1, input_dilation=gap)
        if max(gaps) > 1 and padding_mode != "zeros":
            raise ValueError(f"input_dilation={input_dilation} needs padding_mode='zeros', got {padding_mode!r}")
        kernel = per_dimension("kernel_size", kernel_size, cls.dimensions, repeats=False)
        for size in kernel:
            check_sizes(1, kernel_size=size)
        if padding_mode != "zeros" and isinstance(padding, tuple) and len(padding) != cls.dimensions:
            raise ValueError(f"padding must be one number or {cls.dimensions} numbers, got {padding}")
        fan_in = in_channels // groups * math.prod(kernel)
        shape = (out_channels, in_channels // groups, *kernel)
        yield parameter("weight", shape, kaiming_uniform(a=math.sqrt(5)), dtype)
        if bias:
            bound = 1 / math.sqrt(fan_in) if fan_in > 0 else 0.0
            yield parameter("bias", (out_channels,), uniform(-bound, bound), dtype)

    @classmethod
    def sizes(cls, x: Any, data_format: str | None = None) -> dict[str, Any]:
        return {"in_channels": x.shape[channel_axis(data_format, cls.dimensions)]}

    @classmethod
    def flops(cls, arguments: dict[str, Any], inputs: list[Shape], outputs: list[Shape]) -> int:
        channels = inputs[0][channel_axis(arguments.get("data_format"), cls.dimensions)] // arguments["groups"]
        kernel = per_dimension("kernel_size", arguments["kernel_size"], cls.dimensions)
        return 2 * math.prod(outputs[0]) * channels * math.prod(kernel)


class Conv1d(_Conv):
    """Cross-correlation along one dimension, with a bias.

    Args:
        in_channels: channels of the input; `None` takes them from the first input.
        out_channels: channels of the output.
        kernel_size: size of the kernel.
        stride: steps of the input between two outputs.
        padding: steps added at both ends, `"same"` (those that preserve the length; stride 1 only) or `"valid"` (none);
            also `"SAME"` (any stride: `ceil(L / stride)` outputs), `"VALID"`, or a pair `(before, after)` for each
            dimension: `((1, 0),)`.
        dilation: steps of the input between two values of the kernel.
        groups: number of groups of channels; each group of outputs depends on one group of inputs.
        bias: whether there is a `bias`.
        padding_mode: `"zeros"`, `"reflect"`, `"replicate"` or `"circular"`.
        data_format: `"channels_last"` or `"NWC"` for inputs `(..., L, in_channels)`, `"channels_first"` or `"NCW"` for
            `(..., in_channels, L)`, each with any number of batch dimensions; `None` is torch's layer. The weight is
            the same.
        input_dilation: steps between two values of the input, with zeros between them before it is padded; with
            `padding_mode="zeros"` only.

    Shapes: `(N, in_channels, L)` or `(in_channels, L)` to the same with `out_channels`. `weight` is
    `(out_channels, in_channels / groups, kernel_size)` and `bias` `(out_channels,)`; both start uniform within
    `1 / sqrt(fan_in)`.

    Source: `torch.nn.Conv1d`.

    >>> import torch, unified as u
    >>> net = u.transform(lambda x: u.Conv1d(None, 8, 3)(x), backend="torch").init(torch.ones(1, 2, 10), rng=0)
    >>> list(net(torch.ones(1, 2, 10)).shape)
    [1, 8, 8]
    """

    dimensions = 1


class Conv2d(_Conv):
    """Cross-correlation along two dimensions, with a bias.

    Args:
        in_channels, out_channels, groups, bias, padding_mode: as in `Conv1d`.
        kernel_size, stride, dilation: as in `Conv1d`, a number or one per dimension.
        padding: as in `Conv1d`; a number, or one per dimension.
        data_format: `"channels_last"` or `"NHWC"` for inputs `(..., H, W, in_channels)`, `"channels_first"` or `"NCHW"`
            for `(..., in_channels, H, W)`, each with any number of batch dimensions; `None` is torch's layer. The
            weight is the same.
        input_dilation: as in `Conv1d`; a number, or one per dimension.

    Shapes: `(N, in_channels, H, W)` or `(in_channels, H, W)` to the same with `out_channels`. `weight` is
    `(out_channels, in_channels / groups, *kernel_size)` and `bias` `(out_channels,)`; both start uniform within
    `1 / sqrt(fan_in)`.

    Source: `torch.nn.Conv2d`.

    >>> import torch, unified as u
    >>> x = torch.ones(1, 3, 5, 5)
    >>> net = u.transform(lambda x: u.Conv2d(3, 8, 3, padding="same")(x), backend="torch").init(x, rng=0)
    >>> list(net(x).shape)
    [1, 8, 5, 5]
    """

    dimensions = 2


class Conv3d(_Conv):
    """Cross-correlation along three dimensions, with a bias.

    Args:
        in_channels, out_channels, groups, bias, padding_mode: as in `Conv1d`.
        kernel_size, stride, dilation: as in `Conv1d`, a number or one per dimension.
        padding: as in `Conv1d`; a number, or one per dimension.
        data_format: `"channels_last"` or `"NDHWC"` for inputs `(..., D, H, W, in_channels)`, `"channels_first"` or
            `"NCDHW"` for `(..., in_channels, D, H, W)`, each with any number of batch dimensions; `None` is torch's
            layer. The weight is the same.
        input_dilation: as in `Conv1d`; a number, or one per dimension.

    Shapes: `(N, in_channels, D, H, W)` or `(in_channels, D, H, W)` to the same with `out_channels`. `weight` is
    `(out_channels, in_channels / groups, *kernel_size)` and `bias` `(out_channels,)`; both start uniform within
    `1 / sqrt(fan_in)`.

    Source: `torch.nn.Conv3d`.

    >>> import torch, unified as u
    >>> net = u.transform(lambda x: u.Conv3d(1, 2, 3)(x), backend="torch").init(torch.ones(1, 1, 4, 4, 4), rng=0)
    >>> list(net(torch.ones(1, 1, 4, 4, 4)).shape)
    [1, 2, 2, 2, 2]
    """

    dimensions = 3
