"""Depthwise convolutions, which convolve each channel separately.

Source: https://dm-haiku.readthedocs.io/en/latest/api.html#depthwiseconv1d
"""

import math
from typing import Any

from unified.compat.haiku import initializers
from unified.compat.haiku.conv import to_dimension_numbers
from unified.compat.haiku.docs import derived
from unified.compat.haiku.module import Module
from unified.compat.haiku.utils import get_channel_index, replicate
from unified.compat.haiku.variables import get_parameter
from unified.compat.jax import lax
from unified.compat.jax import numpy as jnp

__all__ = ["DepthwiseConv1D", "DepthwiseConv2D", "DepthwiseConv3D", "SeparableDepthwiseConv2D"]


class DepthwiseConvND(Module):
    """A depthwise convolution: each channel has kernels of its own.

    Args:
        channel_multiplier: the number of output channels for each input channel.
        kernel_shape: the size of the kernel.
        num_spatial_dims: the number of axes besides batch and channels.
        data_format: a letter for each axis, such as `"NHWC"`.
        stride: the step between outputs.
        rate: the dilation of the kernel.
        padding: `"SAME"`, `"VALID"`, or pairs of numbers.
        with_bias: whether to add a bias `b`.
        w_init: the initializer of `w`.
        b_init: the initializer of `b`, zeros by default.
        name: the module's name.

    Shapes: `[N, *sizes, channels]`, or in the order of `data_format`, to the same with `channels * channel_multiplier`.
    Parameters are `w` `[*kernel, 1, channels * channel_multiplier]`, which starts truncated normal with standard
    deviation `1 / sqrt(product of kernel)`, and `b`, one for each output channel.
    """

    def __init__(
        self, channel_multiplier: int, kernel_shape: Any, num_spatial_dims: int, data_format: str, stride: Any = 1,
        rate: Any = 1, padding: Any = "SAME", with_bias: bool = True, w_init: Any = None, b_init: Any = None,
        name: str | None = None,
    ) -> None:  # fmt: skip
        super().__init__(name=name)
        self.num_spatial_dims, self.channel_multiplier = num_spatial_dims, channel_multiplier
        self.kernel_shape = replicate(kernel_shape, num_spatial_dims, "kernel_shape")
        self.lhs_dilation = (1,) * num_spatial_dims
        self.rhs_dilation = replicate(rate, num_spatial_dims, "rhs_dilation")
        self.stride = replicate(stride, num_spatial_dims, "strides")
        self.padding, self.data_format = padding, data_format
        self.channel_index = get_channel_index(data_format)
        self.with_bias, self.w_init, self.b_init = with_bias, w_init, b_init or jnp.zeros
        self.dn = to_dimension_numbers(num_spatial_dims, self.channel_index == -1, False)

    def __call__(self, inputs: Any) -> Any:
        channels = inputs.shape[self.channel_index]
        shape = (*self.kernel_shape, 1, self.channel_multiplier * channels)
        w_init = self.w_init or initializers.TruncatedNormal(stddev=1.0 / math.sqrt(math.prod(shape[:-1])))
        w = get_parameter("w", shape, inputs.dtype, init=w_init)
        out = lax.conv_general_dilated(
            inputs, w, window_strides=self.stride, padding=self.padding, lhs_dilation=self.lhs_dilation,
            rhs_dilation=self.rhs_dilation, dimension_numbers=self.dn, feature_group_count=channels,
        )  # fmt: skip
        if self.with_bias:
            spatial = () if self.channel_index == -1 else (1,) * self.num_spatial_dims
            b = get_parameter("b", (self.channel_multiplier * channels, *spatial), inputs.dtype, init=self.b_init)
            out = out + jnp.broadcast_to(b, out.shape)
        return out


def _make_class(rank: int, default: str) -> Any:
    class Depthwise(DepthwiseConvND):
        def __init__(
            self, channel_multiplier: int, kernel_shape: Any, stride: Any = 1, rate: Any = 1, padding: Any = "SAME",
            with_bias: bool = True, w_init: Any = None, b_init: Any = None, data_format: str = default,
            name: str | None = None,
        ) -> None:  # fmt: skip
            super().__init__(
                channel_multiplier,
                kernel_shape,
                rank,
                data_format,
                stride,
                rate,
                padding,
                with_bias,
                w_init,
                b_init,
                name,
            )

    Depthwise.__name__ = Depthwise.__qualname__ = f"DepthwiseConv{rank}D"
    sizes = ", ".join(["6"] * rank)
    Depthwise.__doc__ = derived(
        DepthwiseConvND,
        f"A depthwise convolution over {rank} {'axis' if rank == 1 else 'axes'}: each channel has kernels of its own.",
        f"""Shapes: `[N, *sizes, channels]` to the same with `channels * channel_multiplier`. Parameters are
        `w` `[*kernel, 1, channels * channel_multiplier]` and `b`.

        >>> import torch, unified.compat.haiku as hk
        >>> net = hk.transform(lambda x: hk.DepthwiseConv{rank}D(2, 3)(x), backend="torch")
        >>> params = net.init(0, torch.ones(1, {sizes}, 3))
        >>> list(net.apply(params, None, torch.ones(1, {sizes}, 3)).shape)
        [1, {sizes}, 6]
        """,
        without=("num_spatial_dims",),
    )
    return Depthwise


DepthwiseConv1D, DepthwiseConv2D, DepthwiseConv3D = (
    _make_class(1, "NWC"),
    _make_class(2, "NHWC"),
    _make_class(3, "NDHWC"),
)


class SeparableDepthwiseConv2D(Module):
    __doc__ = derived(
        DepthwiseConv2D,
        "A depthwise convolution over columns, then one over rows.",
        """Shapes: `[N, H, W, channels]` to the same with `channels * channel_multiplier`. Parameters are
        those of its two depthwise convolutions, `w` each, and `b` of the second.

        >>> import torch, unified.compat.haiku as hk
        >>> net = hk.transform(lambda x: hk.SeparableDepthwiseConv2D(2, 3)(x), backend="torch")
        >>> params = net.init(0, torch.ones(1, 6, 6, 3))
        >>> list(net.apply(params, None, torch.ones(1, 6, 6, 3)).shape)
        [1, 6, 6, 6]
        """,
        without=("rate",),
    )

    def __init__(
        self,
        channel_multiplier: int,
        kernel_shape: Any,
        stride: Any = 1,
        padding: Any = "SAME",
        with_bias: bool = True,
        w_init: Any = None,
        b_init: Any = None,
        data_format: str = "NHWC",
        name: str | None = None,
    ) -> None:
        super().__init__(name=name)
        rows, columns = replicate(kernel_shape, 2, "kernel_shape")
        shared = {"padding": padding, "w_init": w_init, "b_init": b_init, "data_format": data_format}
        self._conv1 = DepthwiseConv2D(channel_multiplier, [rows, 1], stride=stride, with_bias=False, **shared)
        self._conv2 = DepthwiseConv2D(1, [1, columns], stride=1, with_bias=with_bias, **shared)

    def __call__(self, inputs: Any) -> Any:
        return self._conv2(self._conv1(inputs))
