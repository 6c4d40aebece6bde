"""`MobileNetV1`.

Source: Howard et al., "MobileNets" (2017), https://arxiv.org/abs/1704.04861
"""

from collections.abc import Sequence
from typing import Any

from unified.compat.haiku.conv import Conv2D
from unified.compat.haiku.depthwise_conv import DepthwiseConv2D
from unified.compat.haiku.linear import Linear
from unified.compat.haiku.module import Module
from unified.compat.haiku.norm import BatchNorm
from unified.compat.haiku.reshape import Flatten
from unified.compat.jax import nn
from unified.compat.jax import numpy as jnp

__all__ = ["MobileNetV1", "MobileNetV1Block"]


def _norm() -> BatchNorm:
    return BatchNorm(create_scale=True, create_offset=True, decay_rate=0.999)


class MobileNetV1Block(Module):
    """A depthwise convolution and a pointwise convolution."""

    def __init__(self, channels: int, stride: int, use_bn: bool = True, name: str | None = None) -> None:
        super().__init__(name=name)
        self.channels, self.stride, self.use_bn, self.with_bias = channels, stride, use_bn, not use_bn

    def __call__(self, inputs: Any, is_training: bool) -> Any:
        out = DepthwiseConv2D(
            1, 3, self.stride, padding=((1, 1), (1, 1)), with_bias=self.with_bias, name="depthwise_conv"
        )(inputs)
        if self.use_bn:
            out = _norm()(out, is_training)
        out = nn.relu(out)
        out = Conv2D(self.channels, (1, 1), padding="VALID", with_bias=self.with_bias, name="pointwise_conv")(out)
        if self.use_bn:
            out = _norm()(out, is_training)
        return nn.relu(out)


class MobileNetV1(Module):
    """MobileNet: depthwise and pointwise convolutions in turn.

    Args:
        strides: the stride of each block.
        channels: the output channels of each block.
        num_classes: the number of logits.
        use_bn: whether convolutions have batch normalisation, else biases.
        name: the module's name.

    A call takes `(inputs, is_training)`.

    Shapes: `[N, H, W, channels]` to `[N, num_classes]`.

    Source: Howard et al., "MobileNets" (2017), https://arxiv.org/abs/1704.04861

    >>> import torch, unified.compat.haiku as hk
    >>> def forward(x):
    ...     return hk.nets.MobileNetV1((2,), (4,), 5)(x, True)
    >>> net = hk.transform_with_state(forward, backend="torch")
    >>> x = torch.ones(1, 8, 8, 3)
    >>> params, state = net.init(0, x)
    >>> output, state = net.apply(params, state, None, x)
    >>> list(output.shape)
    [1, 5]
    """

    def __init__(
        self, strides: Sequence[int] = (1, 2, 1, 2, 1, 2, 1, 1, 1, 1, 1, 2, 1),
        channels: Sequence[int] = (64, 128, 128, 256, 256, 512, 512, 512, 512, 512, 512, 1024, 1024),
        num_classes: int = 1000, use_bn: bool = True, name: str | None = None,
    ) -> None:  # fmt: skip
        super().__init__(name=name)
        if len(strides) != len(channels):
            raise ValueError(
                "`strides` and `channels` must have the same length. Each block takes one of both, got "
                f"{len(strides)} and {len(channels)}"
            )
        self.strides, self.channels, self.num_classes = strides, channels, num_classes
        self.use_bn, self.with_bias = use_bn, not use_bn

    def __call__(self, inputs: Any, is_training: bool) -> Any:
        """Return logits `[batch, classes]` of images `[batch, height, width, channels]`."""
        out = Conv2D(32, (3, 3), stride=2, padding="VALID", with_bias=self.with_bias)(inputs)
        if self.use_bn:
            out = _norm()(out, is_training)
        out = nn.relu(out)
        for channels, stride in zip(self.channels, self.strides, strict=True):
            out = MobileNetV1Block(channels, stride, self.use_bn)(out, is_training)
        out = Flatten()(jnp.mean(out, axis=(1, 2)))
        return Linear(self.num_classes, name="logits")(out)
