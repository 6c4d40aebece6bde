"""Transposed convolutions."""

import math
from collections.abc import Iterator
from typing import Any, ClassVar

from unified.core.initializers import kaiming_uniform, uniform
from unified.core.layer import Layer, LayerVariable, Shape, parameter
from unified.core.layers.checks import check_sizes
from unified.core.layouts import channel_axis, check_data_format, check_padding, per_dimension

__all__ = ["ConvTranspose1d", "ConvTranspose2d", "ConvTranspose3d"]


class _ConvTranspose(Layer):
    dimensions: ClassVar[int]
    variable_names = ("weight", "bias")
    optional_sizes = ("in_channels",)
    own_options = ("data_format",)

    @classmethod
    def variables(
        cls,
        in_channels: int | None,
        out_channels: int,
        kernel_size: Any,
        stride: Any = 1,
        padding: Any = 0,
        output_padding: Any = 0,
        groups: int = 1,
        bias: bool = True,
        dilation: Any = 1,
        padding_mode: str = "zeros",
        device: Any = None,
        dtype: Any = None,
        *,
        data_format: str | None = None,
    ) -> Iterator[LayerVariable]:
        assert in_channels is not None
        check_sizes(in_channels=in_channels)
        check_sizes(1, out_channels=out_channels, groups=groups)
        if in_channels % groups or out_channels % groups:
            raise ValueError(
                f"groups must divide in_channels and out_channels, got groups={groups}, in_channels={in_channels}, "
                f"out_channels={out_channels}"
            )
        if padding_mode != "zeros":
            raise ValueError(f"padding_mode of a transposed convolution must be 'zeros', got {padding_mode!r}")
        check_padding(padding, cls.dimensions)
        check_data_format(data_format, cls.dimensions)
        kernel = per_dimension("kernel_size", kernel_size, cls.dimensions, repeats=False)
        for size in kernel:
            check_sizes(1, kernel_size=size)
        fan = out_channels // groups * math.prod(kernel)
        yield parameter(
            "weight", (in_channels, out_channels // groups, *kernel), kaiming_uniform(a=math.sqrt(5)), dtype
        )
        if bias:
            yield parameter("bias", (out_channels,), uniform(-1 / math.sqrt(fan), 1 / math.sqrt(fan)), dtype)

    @classmethod
    def sizes(cls, x: Any, *others: Any, data_format: str | None = None) -> dict[str, Any]:
        return {"in_channels": x.shape[channel_axis(data_format, cls.dimensions)]}

    @classmethod
    def flops(cls, arguments: dict[str, Any], inputs: list[Shape], outputs: list[Shape]) -> int:
        channels = arguments["out_channels"] // arguments["groups"]
        kernel = per_dimension("kernel_size", arguments["kernel_size"], cls.dimensions)
        return 2 * math.prod(inputs[0]) * channels * math.prod(kernel)


class ConvTranspose1d(_ConvTranspose):
    """The gradient of `Conv1d` with respect to its input, as a layer: each value of the input spreads over a kernel.

    Args:
        in_channels: channels of the input; `None` takes them from the first input.
        out_channels: channels of the output.
        kernel_size: size of the kernel.
        stride: steps of the output per step of the input.
        padding: steps removed at both ends of the output, or a pair `(before, after)` for each dimension; `"SAME"`
            makes `L * stride` outputs, `"VALID"` `(L - 1) * stride + max(kernel_size, stride)`.
        output_padding: steps added at the end of the output, fewer than `stride` or `dilation`.
        groups: number of groups of channels; each group of outputs depends on one group of inputs.
        bias: whether there is a `bias`.
        dilation: steps of the output between two values of the kernel.
        padding_mode: `"zeros"`, the only one that torch has here.
        data_format: as in `Conv1d`.

    A call takes `(input, output_size=None)`: the length of the output, where `stride` allows several.

    Shapes: `(N, in_channels, L)` or `(in_channels, L)` to `out_channels` and
    `(L - 1) * stride - 2 * padding + dilation * (kernel_size - 1) + output_padding + 1` steps. `weight` is
    `(in_channels, out_channels / groups, kernel_size)` and `bias` `(out_channels,)`; both start uniform within
    `1 / sqrt(out_channels / groups * kernel_size)`, as in torch.

    Source: `torch.nn.ConvTranspose1d`.

    >>> import torch, unified as u
    >>> net = u.transform(lambda x: u.ConvTranspose1d(None, 8, 3)(x), backend="torch").init(torch.ones(1, 2, 10), rng=0)
    >>> list(net(torch.ones(1, 2, 10)).shape)
    [1, 8, 12]
    """

    dimensions = 1


class ConvTranspose2d(_ConvTranspose):
    """The gradient of `Conv2d` with respect to its input, as a layer.

    Args:
        in_channels, out_channels, groups, bias, padding_mode: as in `ConvTranspose1d`.
        kernel_size, stride, dilation: as in `ConvTranspose1d`, a number or one per dimension.
        padding: as in `ConvTranspose1d`; a number, or one per dimension.
        output_padding: as in `ConvTranspose1d`; a number, or one per dimension.
        data_format: as in `Conv2d`.

    A call takes `(input, output_size=None)`: the sizes of the output, where `stride` allows several.

    Shapes: `(N, in_channels, H, W)` or `(in_channels, H, W)` to the same with `out_channels` and larger `H` and `W`.

    `weight` is `(in_channels, out_channels / groups, *kernel_size)` and `bias` `(out_channels,)`; both start uniform
    within `1 / sqrt(out_channels / groups * product of kernel_size)`, as in torch.

    Source: `torch.nn.ConvTranspose2d`.

    >>> import torch, unified as u
    >>> x = torch.ones(1, 3, 5, 5)
    >>> net = u.transform(lambda x: u.ConvTranspose2d(3, 8, 2, stride=2)(x), backend="torch").init(x, rng=0)
    >>> list(net(x).shape)
    [1, 8, 10, 10]
    """

    dimensions = 2


class ConvTranspose3d(_ConvTranspose):
    """The gradient of `Conv3d` with respect to its input, as a layer.

    Args:
        in_channels, out_channels, groups, bias, padding_mode: as in `ConvTranspose1d`.
        kernel_size, stride, dilation: as in `ConvTranspose1d`, a number or one per dimension.
        padding: as in `ConvTranspose1d`; a number, or one per dimension.
        output_padding: as in `ConvTranspose1d`; a number, or one per dimension.
        data_format: as in `Conv3d`.

    A call takes `(input, output_size=None)`: the sizes of the output, where `stride` allows several.

    Shapes: `(N, in_channels, D, H, W)` or `(in_channels, D, H, W)` to the same with `out_channels` and larger sizes.

    `weight` is `(in_channels, out_channels / groups, *kernel_size)` and `bias` `(out_channels,)`; both start uniform
    within `1 / sqrt(out_channels / groups * product of kernel_size)`, as in torch.

    Source: `torch.nn.ConvTranspose3d`.

    >>> import torch, unified as u
    >>> x = torch.ones(1, 1, 2, 2, 2)
    >>> net = u.transform(lambda x: u.ConvTranspose3d(1, 2, 2)(x), backend="torch").init(x, rng=0)
    >>> list(net(x).shape)
    [1, 2, 3, 3, 3]
    """

    dimensions = 3
