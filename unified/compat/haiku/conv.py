"""Convolutions and transposed convolutions of any number of dimensions.

Kernels have shape `[*kernel, inputs / groups, outputs]`, and in transposed convolutions `[*kernel, outputs, inputs]`.

Source: https://dm-haiku.readthedocs.io/en/latest/api.html#convolutional
"""

import math
from typing import Any

from unified.compat.haiku import initializers, pad
from unified.compat.haiku.docs import derived
from unified.compat.haiku.module import Module, transparent
from unified.compat.haiku.utils import get_channel_index, replicate
from unified.compat.haiku.variables import get_parameter
from unified.compat.jax import lax
from unified.compat.jax import numpy as jnp

__all__ = [
    "Conv1D",
    "Conv1DTranspose",
    "Conv2D",
    "Conv2DTranspose",
    "Conv3D",
    "Conv3DTranspose",
    "ConvND",
    "ConvNDTranspose",
]


def to_dimension_numbers(num_spatial_dims: int, channels_last: bool, transpose: bool) -> Any:
    """Return the positions of the batch, channel and spatial axes."""
    rank = num_spatial_dims + 2
    image = (0, rank - 1, *range(1, rank - 1)) if channels_last else tuple(range(rank))
    outputs, inputs = (rank - 2, rank - 1) if transpose else (rank - 1, rank - 2)
    return lax.ConvDimensionNumbers(image, (outputs, inputs, *range(rank - 2)), image)


class _Convolution(Module):
    """The base class of both kinds of convolution: the rank of the input, the kernel, the bias."""

    num_spatial_dims: int
    transposed = False

    @transparent
    def _set_options(
        self, num_spatial_dims: int, output_channels: int, kernel_shape: Any, stride: Any, with_bias: bool, w_init: Any,
        b_init: Any, data_format: str, mask: Any,
    ) -> None:  # fmt: skip
        if num_spatial_dims <= 0:
            raise ValueError(
                f"{self.module_name} got num_spatial_dims={num_spatial_dims}: there are only convolution operations "
                "for `num_spatial_dims` greater than 0. For none, use hk.Linear"
            )
        self.num_spatial_dims, self.output_channels = num_spatial_dims, output_channels
        self.kernel_shape = replicate(kernel_shape, num_spatial_dims, "kernel_shape")
        self.stride = replicate(stride, num_spatial_dims, "strides")
        self.with_bias, self.w_init, self.b_init = with_bias, w_init, b_init or jnp.zeros
        self.mask, self.data_format = mask, data_format
        self.channel_index = get_channel_index(data_format)
        self.dimension_numbers = to_dimension_numbers(num_spatial_dims, self.channel_index == -1, self.transposed)

    @transparent
    def _add_batch(self, inputs: Any, layer: str) -> tuple[Any, bool]:
        """Return the input with a batch axis, and whether that was added."""
        inputs = jnp.asarray(inputs)
        ranks = [self.num_spatial_dims + 1, self.num_spatial_dims + 2]
        if inputs.ndim not in ranks:
            raise ValueError(
                f"Input to {layer} needs to have rank in {ranks}, but input has shape {inputs.shape}: "
                f"{self.module_name} wants {self.num_spatial_dims} spatial axes and one of channels, and takes a batch "
                "axis too"
            )
        single = inputs.ndim == ranks[0]
        return (jnp.expand_dims(inputs, axis=0) if single else inputs), single

    @transparent
    def _kernel(self, shape: tuple[int, ...], fan_in: int, dtype: Any) -> Any:
        if self.mask is not None and self.mask.shape != shape:
            raise ValueError(
                "Mask needs to have the same shape as weights. Shapes are: "
                f"{self.mask.shape} of mask=, {shape} of {self.module_name}/w"
            )
        w_init = self.w_init or initializers.TruncatedNormal(stddev=1.0 / math.sqrt(fan_in))
        w = get_parameter("w", shape, dtype, init=w_init)
        return w if self.mask is None else w * self.mask

    @transparent
    def _add_bias(self, out: Any, dtype: Any, single: bool) -> Any:
        if self.with_bias:
            spatial = () if self.channel_index == -1 else (1,) * self.num_spatial_dims
            b = get_parameter("b", (self.output_channels, *spatial), dtype, init=self.b_init)
            out = out + jnp.broadcast_to(b, out.shape)
        return jnp.squeeze(out, axis=0) if single else out


class ConvND(_Convolution):
    """A convolution over any number of axes.

    Args:
        num_spatial_dims: the number of axes besides batch and channels.
        output_channels: the number of output channels.
        kernel_shape: the size of the kernel, one number or one for each axis.
        stride: the step between outputs.
        rate: the dilation of the kernel.
        padding: `"SAME"`, `"VALID"`, pairs of numbers, or functions such as `hk.pad.causal`.
        with_bias: whether to add a bias `b`.
        w_init: the initializer of `w`.
        b_init: the initializer of `b`, zeros by default.
        data_format: `"channels_last"`, `"channels_first"`, or a letter for each axis.
        mask: an array that multiplies `w`.
        feature_group_count: the number of groups that the channels are split into.
        name: the module's name.

    Shapes: `[N, *sizes, channels]`, with or without `N`, or in the order of `data_format`, to the same with
    `output_channels`. Parameters are `w` `[*kernel, channels / feature_group_count, output_channels]`, which starts
    truncated normal with standard deviation `1 / sqrt(fan_in)`, and `b` `[output_channels]`.

    Raises `ValueError` for an input of another rank, and for channels that the groups do not divide.

    >>> import torch, unified.compat.haiku as hk
    >>> net = hk.transform(lambda x: hk.ConvND(2, 8, 3)(x), backend="torch")
    >>> x = torch.ones(1, 5, 5, 3)
    >>> params = net.init(0, x)
    >>> list(params["conv_nd"]["w"].shape)
    [3, 3, 3, 8]
    >>> list(net.apply(params, None, x).shape)
    [1, 5, 5, 8]
    """

    def __init__(
        self, num_spatial_dims: int, output_channels: int, kernel_shape: Any, stride: Any = 1, rate: Any = 1,
        padding: Any = "SAME", with_bias: bool = True, w_init: Any = None, b_init: Any = None,
        data_format: str = "channels_last", mask: Any = None, feature_group_count: int = 1, name: str | None = None,
    ) -> None:  # fmt: skip
        super().__init__(name=name)
        self._set_options(
            num_spatial_dims, output_channels, kernel_shape, stride, with_bias, w_init, b_init, data_format, mask
        )
        self.feature_group_count = feature_group_count
        self.lhs_dilation = (1,) * num_spatial_dims
        self.kernel_dilation = replicate(rate, num_spatial_dims, "kernel_dilation")
        if isinstance(padding, str):
            self.padding: Any = padding.upper()
        elif pad.is_padfn(padding):
            self.padding = pad.create_from_padfn(padding, self.kernel_shape, self.kernel_dilation, num_spatial_dims)
        else:
            self.padding = pad.create_from_tuple(padding, num_spatial_dims)

    def __call__(self, inputs: Any, *, precision: Any = None) -> Any:
        """Return the output for an input with the axes of `data_format`, with or without the batch axis."""
        inputs, single = self._add_batch(inputs, "ConvND")
        channels = inputs.shape[self.channel_index]
        if channels % self.feature_group_count:
            raise ValueError(
                f"{self.module_name} cannot split the {channels} channels of its input into "
                f"feature_group_count={self.feature_group_count} equal groups: pass a divisor of {channels}"
            )
        shape = (*self.kernel_shape, channels // self.feature_group_count, self.output_channels)
        w = self._kernel(shape, math.prod(shape[:-1]), inputs.dtype)
        out = lax.conv_general_dilated(
            inputs, w, window_strides=self.stride, padding=self.padding, lhs_dilation=self.lhs_dilation,
            rhs_dilation=self.kernel_dilation, dimension_numbers=self.dimension_numbers,
            feature_group_count=self.feature_group_count, precision=precision,
        )  # fmt: skip
        return self._add_bias(out, inputs.dtype, single)


class Conv1D(ConvND):
    __doc__ = derived(
        ConvND,
        "A convolution over one axis.",
        """Shapes: `[N, L, channels]`, with or without `N`, to the same with `output_channels`. Parameters
        are `w` `[*kernel, channels / feature_group_count, output_channels]` and `b` `[output_channels]`.

        >>> import torch, unified.compat.haiku as hk
        >>> net = hk.transform(lambda x: hk.Conv1D(8, 3, stride=2)(x), backend="torch")
        >>> params = net.init(0, torch.ones(1, 6, 3))
        >>> list(net.apply(params, None, torch.ones(1, 6, 3)).shape)
        [1, 3, 8]
        """,
        without=("num_spatial_dims",),
    )

    def __init__(
        self, output_channels: int, kernel_shape: Any, stride: Any = 1, rate: Any = 1, padding: Any = "SAME",
        with_bias: bool = True, w_init: Any = None, b_init: Any = None, data_format: str = "NWC", mask: Any = None,
        feature_group_count: int = 1, name: str | None = None,
    ) -> None:  # fmt: skip
        super().__init__(
            1, output_channels, kernel_shape, stride, rate, padding, with_bias, w_init, b_init, data_format, mask,
            feature_group_count, name,
        )  # fmt: skip


class Conv2D(ConvND):
    __doc__ = derived(
        ConvND,
        "A convolution over two axes.",
        """Shapes: `[N, H, W, channels]`, with or without `N`, to the same with `output_channels`. Parameters
        are `w` `[*kernel, channels / feature_group_count, output_channels]` and `b` `[output_channels]`.

        >>> import torch, unified.compat.haiku as hk
        >>> net = hk.transform(lambda x: hk.Conv2D(8, 3, stride=2)(x), backend="torch")
        >>> params = net.init(0, torch.ones(1, 6, 6, 3))
        >>> list(net.apply(params, None, torch.ones(1, 6, 6, 3)).shape)
        [1, 3, 3, 8]
        """,
        without=("num_spatial_dims",),
    )

    def __init__(
        self, output_channels: int, kernel_shape: Any, stride: Any = 1, rate: Any = 1, padding: Any = "SAME",
        with_bias: bool = True, w_init: Any = None, b_init: Any = None, data_format: str = "NHWC", mask: Any = None,
        feature_group_count: int = 1, name: str | None = None,
    ) -> None:  # fmt: skip
        super().__init__(
            2, output_channels, kernel_shape, stride, rate, padding, with_bias, w_init, b_init, data_format, mask,
            feature_group_count, name,
        )  # fmt: skip


class Conv3D(ConvND):
    __doc__ = derived(
        ConvND,
        "A convolution over three axes.",
        """Shapes: `[N, D, H, W, channels]`, with or without `N`, to the same with `output_channels`. Parameters
        are `w` `[*kernel, channels / feature_group_count, output_channels]` and `b` `[output_channels]`.

        >>> import torch, unified.compat.haiku as hk
        >>> net = hk.transform(lambda x: hk.Conv3D(8, 3, stride=2)(x), backend="torch")
        >>> params = net.init(0, torch.ones(1, 6, 6, 6, 3))
        >>> list(net.apply(params, None, torch.ones(1, 6, 6, 6, 3)).shape)
        [1, 3, 3, 3, 8]
        """,
        without=("num_spatial_dims",),
    )

    def __init__(
        self, output_channels: int, kernel_shape: Any, stride: Any = 1, rate: Any = 1, padding: Any = "SAME",
        with_bias: bool = True, w_init: Any = None, b_init: Any = None, data_format: str = "NDHWC", mask: Any = None,
        feature_group_count: int = 1, name: str | None = None,
    ) -> None:  # fmt: skip
        super().__init__(
            3, output_channels, kernel_shape, stride, rate, padding, with_bias, w_init, b_init, data_format, mask,
            feature_group_count, name,
        )  # fmt: skip


def compute_adjusted_padding(
    input_size: int, output_size: int, kernel_size: int, stride: int, padding: str, dilation: int = 1
) -> tuple[int, int]:
    """Return the padding with which a transposed convolution has `output_size`."""
    window = (kernel_size - 1) * dilation + 1
    if padding == "VALID":
        expected, before = (output_size - window + stride) // stride, 0
    elif padding == "SAME":
        expected = (output_size + stride - 1) // stride
        before = max(0, (input_size - 1) * stride + window - output_size) // 2
    else:
        raise ValueError(f"output_shape goes with padding='VALID' or padding='SAME', got padding={padding!r}")
    if input_size != expected:
        raise ValueError(
            f"output_shape asks for {output_size} along an axis of {input_size}, where a kernel of {kernel_size} with "
            f"stride={stride} and padding={padding!r} makes that of {expected}: change output_shape, stride or padding"
        )
    low = window - 1 - before
    return low, output_size + window - 1 - ((input_size - 1) * stride + 1) - low


class ConvNDTranspose(_Convolution):
    """A transposed convolution over any number of axes: the gradient of a convolution, as a layer.

    Args:
        num_spatial_dims: the number of axes besides batch and channels.
        output_channels: the number of output channels.
        kernel_shape: the size of the kernel.
        stride: the step between inputs.
        output_shape: the sizes of the spatial axes of the output; only if `padding` is a name.
        padding: `"SAME"`, `"VALID"`, or pairs of numbers.
        with_bias: whether to add a bias `b`.
        w_init: the initializer of `w`.
        b_init: the initializer of `b`, zeros by default.
        data_format: `"channels_last"`, `"channels_first"`, or a letter for each axis.
        mask: an array that multiplies `w`.
        name: the module's name.

    Shapes: `[N, *sizes, channels]`, with or without `N`, or in the order of `data_format`, to the same with
    `output_channels` and sizes that are `stride` times as large (`"SAME"`). Parameters are `w` `[*kernel,
    output_channels, channels]`, which starts truncated normal with standard deviation `1 / sqrt(fan_in)`, and `b`
    `[output_channels]`.

    Raises `ValueError` for an input of another rank, and for an `output_shape` that the stride cannot make.

    >>> import torch, unified.compat.haiku as hk
    >>> net = hk.transform(lambda x: hk.ConvNDTranspose(2, 8, 3, stride=2)(x), backend="torch")
    >>> x = torch.ones(1, 5, 5, 3)
    >>> params = net.init(0, x)
    >>> list(params["conv_nd_transpose"]["w"].shape)
    [3, 3, 8, 3]
    >>> list(net.apply(params, None, x).shape)
    [1, 10, 10, 8]
    """

    transposed = True

    def __init__(
        self, num_spatial_dims: int, output_channels: int, kernel_shape: Any, stride: Any = 1, output_shape: Any = None,
        padding: Any = "SAME", with_bias: bool = True, w_init: Any = None, b_init: Any = None,
        data_format: str = "channels_last", mask: Any = None, name: str | None = None,
    ) -> None:  # fmt: skip
        super().__init__(name=name)
        self._set_options(
            num_spatial_dims, output_channels, kernel_shape, stride, with_bias, w_init, b_init, data_format, mask
        )
        self.output_shape = None if output_shape is None else replicate(output_shape, num_spatial_dims, "output_shape")
        if output_shape is not None and not isinstance(padding, str):
            raise ValueError(
                f"{self.module_name} got output_shape={output_shape} and padding={padding!r}, which fixes the size "
                "already: leave output_shape out, or choose padding='SAME' or padding='VALID'"
            )
        self.padding = padding

    def __call__(self, inputs: Any, *, precision: Any = None) -> Any:
        """Return the output for an input with the axes of `data_format`, with or without the batch axis."""
        inputs, single = self._add_batch(inputs, "ConvNDTranspose")
        channels = inputs.shape[self.channel_index]
        shape = (*self.kernel_shape, self.output_channels, channels)
        w = self._kernel(shape, math.prod((*self.kernel_shape, channels)), inputs.dtype)
        padding = self.padding
        if self.output_shape is not None:
            sizes = inputs.shape[2:] if self.channel_index == 1 else inputs.shape[1:-1]
            axes = zip(sizes, self.output_shape, self.kernel_shape, self.stride, strict=True)
            padding = tuple(compute_adjusted_padding(*axis, self.padding) for axis in axes)
        out = lax.conv_transpose(
            inputs,
            w,
            strides=self.stride,
            padding=padding,
            dimension_numbers=self.dimension_numbers,
            precision=precision,
        )
        return self._add_bias(out, inputs.dtype, single)


class Conv1DTranspose(ConvNDTranspose):
    __doc__ = derived(
        ConvNDTranspose,
        "A transposed convolution over one axis: the gradient of `Conv1D`, as a layer.",
        """Shapes: `[N, L, channels]`, with or without `N`, to the same with `output_channels` and larger sizes.
        Parameters are those of `ConvNDTranspose`: `w` `[*kernel, output_channels, channels]` and `b`.

        >>> import torch, unified.compat.haiku as hk
        >>> net = hk.transform(lambda x: hk.Conv1DTranspose(8, 3, stride=2)(x), backend="torch")
        >>> params = net.init(0, torch.ones(1, 6, 3))
        >>> list(net.apply(params, None, torch.ones(1, 6, 3)).shape)
        [1, 12, 8]
        """,
        without=("num_spatial_dims",),
    )

    def __init__(
        self, output_channels: int, kernel_shape: Any, stride: Any = 1, output_shape: Any = None, padding: Any = "SAME",
        with_bias: bool = True, w_init: Any = None, b_init: Any = None, data_format: str = "NWC", mask: Any = None,
        name: str | None = None,
    ) -> None:  # fmt: skip
        super().__init__(
            1,
            output_channels,
            kernel_shape,
            stride,
            output_shape,
            padding,
            with_bias,
            w_init,
            b_init,
            data_format,
            mask,
            name,
        )


class Conv2DTranspose(ConvNDTranspose):
    __doc__ = derived(
        ConvNDTranspose,
        "A transposed convolution over two axes: the gradient of `Conv2D`, as a layer.",
        """Shapes: `[N, H, W, channels]`, with or without `N`, to the same with `output_channels` and larger sizes.
        Parameters are those of `ConvNDTranspose`: `w` `[*kernel, output_channels, channels]` and `b`.

        >>> import torch, unified.compat.haiku as hk
        >>> net = hk.transform(lambda x: hk.Conv2DTranspose(8, 3, stride=2)(x), backend="torch")
        >>> params = net.init(0, torch.ones(1, 6, 6, 3))
        >>> list(net.apply(params, None, torch.ones(1, 6, 6, 3)).shape)
        [1, 12, 12, 8]
        """,
        without=("num_spatial_dims",),
    )

    def __init__(
        self, output_channels: int, kernel_shape: Any, stride: Any = 1, output_shape: Any = None, padding: Any = "SAME",
        with_bias: bool = True, w_init: Any = None, b_init: Any = None, data_format: str = "NHWC", mask: Any = None,
        name: str | None = None,
    ) -> None:  # fmt: skip
        super().__init__(
            2,
            output_channels,
            kernel_shape,
            stride,
            output_shape,
            padding,
            with_bias,
            w_init,
            b_init,
            data_format,
            mask,
            name,
        )


class Conv3DTranspose(ConvNDTranspose):
    __doc__ = derived(
        ConvNDTranspose,
        "A transposed convolution over three axes: the gradient of `Conv3D`, as a layer.",
        """Shapes: `[N, D, H, W, channels]`, with or without `N`, to the same with `output_channels` and larger sizes.
        Parameters are those of `ConvNDTranspose`: `w` `[*kernel, output_channels, channels]` and `b`.

        >>> import torch, unified.compat.haiku as hk
        >>> net = hk.transform(lambda x: hk.Conv3DTranspose(8, 3, stride=2)(x), backend="torch")
        >>> params = net.init(0, torch.ones(1, 6, 6, 6, 3))
        >>> list(net.apply(params, None, torch.ones(1, 6, 6, 6, 3)).shape)
        [1, 12, 12, 12, 8]
        """,
        without=("num_spatial_dims",),
    )

    def __init__(
        self, output_channels: int, kernel_shape: Any, stride: Any = 1, output_shape: Any = None, padding: Any = "SAME",
        with_bias: bool = True, w_init: Any = None, b_init: Any = None, data_format: str = "NDHWC", mask: Any = None,
        name: str | None = None,
    ) -> None:  # fmt: skip
        super().__init__(
            3,
            output_channels,
            kernel_shape,
            stride,
            output_shape,
            padding,
            with_bias,
            w_init,
            b_init,
            data_format,
            mask,
            name,
        )
