"""`ResNet`, versions 1 and 2.

Source: He et al., "Deep residual learning" (2015), https://arxiv.org/abs/1512.03385, and "Identity mappings in deep
residual networks" (2016), https://arxiv.org/abs/1603.05027
"""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from unified.compat.haiku.conv import Conv2D
from unified.compat.haiku.docs import derived
from unified.compat.haiku.linear import Linear
from unified.compat.haiku.module import Module
from unified.compat.haiku.norm import BatchNorm
from unified.compat.haiku.pool import max_pool
from unified.compat.jax import nn
from unified.compat.jax import numpy as jnp

__all__ = ["ResNet", "ResNet18", "ResNet34", "ResNet50", "ResNet101", "ResNet152", "ResNet200"]


def _conv(channels: int, kernel: int, stride: Any, name: str) -> Conv2D:
    return Conv2D(channels, kernel, stride, with_bias=False, padding="SAME", name=name)


def _stages(
    channels: int, stride: Any, bottleneck: bool, config: Mapping[str, Any], last_scale: Any
) -> list[tuple[Any, Any]]:
    """Return the convolutions of a block, each with its norm; `last_scale` initializes a bottleneck's last scale."""
    width = channels // 4 if bottleneck else channels
    stages = [
        (_conv(width, 1, 1, "conv_0") if bottleneck else _conv(width, 3, stride, "conv_0"),
         BatchNorm(name="batchnorm_0", **config)),
        (_conv(width, 3, stride if bottleneck else 1, "conv_1"), BatchNorm(name="batchnorm_1", **config)),
    ]  # fmt: skip
    if bottleneck:
        last = BatchNorm(name="batchnorm_2", scale_init=last_scale, **config)
        stages.append((_conv(channels, 1, 1, "conv_2"), last))
    return stages


class BlockV1(Module):
    """A block of version 1: each convolution before its norm, and a shortcut."""

    def __init__(
        self, channels: int, stride: Any, use_projection: bool, bn_config: Mapping[str, Any], bottleneck: bool,
        name: str | None = None,
    ) -> None:  # fmt: skip
        super().__init__(name=name)
        config = {"create_scale": True, "create_offset": True, "decay_rate": 0.999, **bn_config}
        self.use_projection = use_projection
        if use_projection:
            self.proj_conv = _conv(channels, 1, stride, "shortcut_conv")
            self.proj_batchnorm = BatchNorm(name="shortcut_batchnorm", **config)
        self.layers = _stages(channels, stride, bottleneck, config, jnp.zeros)

    def __call__(self, inputs: Any, is_training: bool, test_local_stats: bool) -> Any:
        out = shortcut = inputs
        if self.use_projection:
            shortcut = self.proj_batchnorm(self.proj_conv(shortcut), is_training, test_local_stats)
        for number, (conv, norm) in enumerate(self.layers):
            out = norm(conv(out), is_training, test_local_stats)
            if number < len(self.layers) - 1:
                out = nn.relu(out)
        return nn.relu(out + shortcut)


class BlockV2(Module):
    """A block of version 2: each convolution after its norm, and a shortcut."""

    def __init__(
        self, channels: int, stride: Any, use_projection: bool, bn_config: Mapping[str, Any], bottleneck: bool,
        name: str | None = None,
    ) -> None:  # fmt: skip
        super().__init__(name=name)
        config = {"create_scale": True, "create_offset": True, **bn_config}
        self.use_projection = use_projection
        if use_projection:
            self.proj_conv = _conv(channels, 1, stride, "shortcut_conv")
        self.layers = _stages(channels, stride, bottleneck, config, jnp.ones)

    def __call__(self, inputs: Any, is_training: bool, test_local_stats: bool) -> Any:
        x = shortcut = inputs
        for number, (conv, norm) in enumerate(self.layers):
            x = nn.relu(norm(x, is_training, test_local_stats))
            if number == 0 and self.use_projection:
                shortcut = self.proj_conv(x)
            x = conv(x)
        return x + shortcut


class BlockGroup(Module):
    """Blocks of one width; the first has the stride."""

    def __init__(
        self, channels: int, num_blocks: int, stride: Any, bn_config: Mapping[str, Any], resnet_v2: bool,
        bottleneck: bool, use_projection: bool, name: str | None = None,
    ) -> None:  # fmt: skip
        super().__init__(name=name)
        block = BlockV2 if resnet_v2 else BlockV1
        self.blocks = [
            block(channels, 1 if i else stride, i == 0 and use_projection, bn_config, bottleneck, name=f"block_{i}")
            for i in range(num_blocks)
        ]

    def __call__(self, inputs: Any, is_training: bool, test_local_stats: bool) -> Any:
        out = inputs
        for block in self.blocks:
            out = block(out, is_training, test_local_stats)
        return out


def _config(blocks: tuple[int, ...], bottleneck: bool) -> dict[str, Any]:
    return {
        "blocks_per_group": blocks,
        "bottleneck": bottleneck,
        "channels_per_group": (256, 512, 1024, 2048) if bottleneck else (64, 128, 256, 512),
        "use_projection": (True, True, True, True) if bottleneck else (False, True, True, True),
    }


class ResNet(Module):
    """A residual network.

    Args:
        blocks_per_group: the number of blocks of each of the four groups.
        num_classes: the number of logits.
        bn_config: the arguments of all norms.
        resnet_v2: whether norms come before convolutions.
        bottleneck: whether blocks have three convolutions.
        channels_per_group: the width of each group.
        use_projection: whether the first block of each group has a convolution in its shortcut.
        logits_config: the arguments of the last layer.
        name: the module's name.
        initial_conv_config: the arguments of the first convolution.
        strides: the stride of each group.

    A call takes `(inputs, is_training, test_local_stats=False)`.

    Shapes: `[N, H, W, channels]` to `[N, num_classes]`.

    Raises `ValueError` unless there are four groups.

    Source: He et al., "Deep residual learning" (2015), https://arxiv.org/abs/1512.03385; for version 2, "Identity
    mappings" (2016), https://arxiv.org/abs/1603.05027

    >>> import torch, unified.compat.haiku as hk
    >>> def forward(x):
    ...     net = hk.nets.ResNet((1, 1, 1, 1), 5, bottleneck=False, channels_per_group=(4, 4, 4, 4))
    ...     return net(x, is_training=True)
    >>> net = hk.transform_with_state(forward, backend="torch")
    >>> x = torch.ones(1, 16, 16, 3)
    >>> list(net.apply(*net.init(0, x), None, x)[0].shape)
    [1, 5]
    """

    CONFIGS: ClassVar[dict[int, dict[str, Any]]] = {
        18: _config((2, 2, 2, 2), False), 34: _config((3, 4, 6, 3), False), 50: _config((3, 4, 6, 3), True),
        101: _config((3, 4, 23, 3), True), 152: _config((3, 8, 36, 3), True), 200: _config((3, 24, 36, 3), True),
    }  # fmt: skip
    BlockGroup, BlockV1, BlockV2 = BlockGroup, BlockV1, BlockV2

    def __init__(
        self, blocks_per_group: Sequence[int], num_classes: int, bn_config: Mapping[str, Any] | None = None,
        resnet_v2: bool = False, bottleneck: bool = True,
        channels_per_group: Sequence[int] = (256, 512, 1024, 2048),
        use_projection: Sequence[bool] = (True, True, True, True), logits_config: Mapping[str, Any] | None = None,
        name: str | None = None, initial_conv_config: Mapping[str, Any] | None = None,
        strides: Sequence[int] = (1, 2, 2, 2),
    ) -> None:  # fmt: skip
        super().__init__(name=name)
        self.resnet_v2 = resnet_v2
        config = {"decay_rate": 0.9, "eps": 1e-5, "create_scale": True, "create_offset": True, **(bn_config or {})}
        for what, value in (
            ("blocks_per_group", blocks_per_group), ("channels_per_group", channels_per_group), ("strides", strides)
        ):  # fmt: skip
            if len(value) != 4:
                raise ValueError(
                    f"`{what}` must be of length 4 not {len(value)}: {self.module_name} has four groups of blocks"
                )
        first = {
            "output_channels": 64, "kernel_shape": 7, "stride": 2, "with_bias": False, "padding": "SAME",
            "name": "initial_conv", **(initial_conv_config or {}),
        }  # fmt: skip
        self.initial_conv = Conv2D(**first)
        if not resnet_v2:
            self.initial_batchnorm = BatchNorm(name="initial_batchnorm", **config)
        self.block_groups = [
            BlockGroup(
                channels_per_group[i], blocks_per_group[i], stride, config, resnet_v2, bottleneck, use_projection[i],
                name=f"block_group_{i}",
            )
            for i, stride in enumerate(strides)
        ]  # fmt: skip
        if resnet_v2:
            self.final_batchnorm = BatchNorm(name="final_batchnorm", **config)
        self.logits = Linear(num_classes, **{"w_init": jnp.zeros, "name": "logits", **(logits_config or {})})

    def __call__(self, inputs: Any, is_training: bool, test_local_stats: bool = False) -> Any:
        """Return logits `[batch, classes]` of images `[batch, height, width, channels]`."""
        out = self.initial_conv(inputs)
        if not self.resnet_v2:
            out = nn.relu(self.initial_batchnorm(out, is_training, test_local_stats))
        out = max_pool(out, window_shape=(1, 3, 3, 1), strides=(1, 2, 2, 1), padding="SAME")
        for group in self.block_groups:
            out = group(out, is_training, test_local_stats)
        if self.resnet_v2:
            out = nn.relu(self.final_batchnorm(out, is_training, test_local_stats))
        return self.logits(jnp.mean(out, axis=(1, 2)))


def _make_class(depth: int) -> type[ResNet]:
    class Net(ResNet):
        def __init__(
            self, num_classes: int, bn_config: Mapping[str, Any] | None = None, resnet_v2: bool = False,
            logits_config: Mapping[str, Any] | None = None, name: str | None = None,
            initial_conv_config: Mapping[str, Any] | None = None, strides: Sequence[int] = (1, 2, 2, 2),
        ) -> None:  # fmt: skip
            super().__init__(
                num_classes=num_classes,
                bn_config=bn_config,
                resnet_v2=resnet_v2,
                logits_config=logits_config,
                name=name,
                initial_conv_config=initial_conv_config,
                strides=strides,
                **ResNet.CONFIGS[depth],
            )

    Net.__name__ = Net.__qualname__ = f"ResNet{depth}"
    Net.__doc__ = derived(
        ResNet,
        f"A residual network of {depth} layers: `ResNet` with the blocks of `ResNet.CONFIGS[{depth}]`.",
        f"""A call takes `(inputs, is_training, test_local_stats=False)`.

        Shapes: `[N, H, W, channels]` to `[N, num_classes]`.

        Source: He et al., "Deep residual learning" (2015), https://arxiv.org/abs/1512.03385

        >>> import unified.compat.haiku as hk
        >>> forward = lambda images, is_training: hk.nets.ResNet{depth}(1000)(images, is_training)
        >>> net = hk.transform_with_state(forward, backend="torch")
        """,
        without=("blocks_per_group", "bottleneck", "channels_per_group", "use_projection"),
    )
    return Net


ResNet18, ResNet34, ResNet50 = _make_class(18), _make_class(34), _make_class(50)
ResNet101, ResNet152, ResNet200 = _make_class(101), _make_class(152), _make_class(200)
