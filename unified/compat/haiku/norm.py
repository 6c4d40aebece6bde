"""Normalisation: `BatchNorm`, `LayerNorm`, `InstanceNorm`, `GroupNorm`, `RMSNorm`.

Source: https://dm-haiku.readthedocs.io/en/latest/api.html#normalization
"""

from collections.abc import Iterable, Sequence
from typing import Any

from unified.compat.haiku.module import Module
from unified.compat.haiku.moving_averages import ExponentialMovingAverage
from unified.compat.haiku.utils import get_channel_index
from unified.compat.haiku.variables import get_parameter
from unified.compat.jax import fused, lax
from unified.compat.jax import numpy as jnp

__all__ = ["BatchNorm", "GroupNorm", "InstanceNorm", "LayerNorm", "RMSNorm"]


def _check_affine(create_scale: bool, create_offset: bool, scale_init: Any, offset_init: Any) -> None:
    for name, created, init in (("scale", create_scale, scale_init), ("offset", create_offset, offset_init)):
        if not created and init is not None:
            raise ValueError(f"Cannot set `{name}_init` if `create_{name}=False`. There is no {name} to initialize")


def _check_arguments(create_scale: bool, create_offset: bool, scale: Any, offset: Any) -> None:
    for name, created, value in (("scale", create_scale, scale), ("offset", create_offset, offset)):
        if created and value is not None:
            raise ValueError(
                f"Cannot pass `{name}` at call time if `create_{name}=True`. The module multiplies or adds a parameter "
                f"of its own; make it with create_{name}=False"
            )


class BatchNorm(Module):
    """Normalisation by the statistics of the batch, with moving averages of them for evaluation.

    Source: Ioffe and Szegedy, "Batch normalization" (2015), https://arxiv.org/abs/1502.03167

    Args:
        create_scale: whether to create a parameter `scale`.
        create_offset: whether to create a parameter `offset`.
        decay_rate: the decay of the moving averages.
        eps: a constant added to the variance.
        scale_init: the initializer of `scale`, ones by default.
        offset_init: the initializer of `offset`, zeros by default.
        axis: the axes to average over; all but the channel axis by default.
        cross_replica_axis: the axis of `jax.pmap` over which statistics are averaged.
        cross_replica_axis_index_groups: groups of replicas that average theirs.
        data_format: the position of the channel axis.
        name: the module's name.

    A call takes `(inputs, is_training, test_local_stats=False, scale=None, offset=None)`.

    Shapes: `[N, ..., channels]` to the same. Parameters are `scale` and `offset`, one value for each channel; state is
    that of the averages `~/mean_ema` and `~/var_ema`.

    >>> import torch, unified.compat.haiku as hk
    >>> def forward(x):
    ...     norm = hk.BatchNorm(True, False, decay_rate=0.5)
    ...     return norm(x, is_training=True)
    >>> net = hk.transform_with_state(forward, backend="torch")
    >>> params, state = net.init(None, torch.ones(4, 3))
    >>> list(params["batch_norm"]["scale"].shape), list(state)
    ([1, 3], ['batch_norm/~/mean_ema', 'batch_norm/~/var_ema'])
    >>> output, state = net.apply(params, state, None, torch.ones(4, 3))
    """

    def __init__(
        self, create_scale: bool, create_offset: bool, decay_rate: float, eps: float = 1e-5, scale_init: Any = None,
        offset_init: Any = None, axis: Sequence[int] | None = None, cross_replica_axis: Any = None,
        cross_replica_axis_index_groups: Any = None, data_format: str = "channels_last", name: str | None = None,
    ) -> None:  # fmt: skip
        super().__init__(name=name)
        _check_affine(create_scale, create_offset, scale_init, offset_init)
        if cross_replica_axis is None and cross_replica_axis_index_groups is not None:
            raise ValueError(
                f"{self.module_name} got cross_replica_axis_index_groups and no cross_replica_axis that they are "
                "groups of: pass the axis_name of jax.pmap as cross_replica_axis"
            )
        self.create_scale, self.create_offset, self.eps, self.axis = create_scale, create_offset, eps, axis
        self.scale_init, self.offset_init = scale_init or jnp.ones, offset_init or jnp.zeros
        self.cross_replica_axis = cross_replica_axis
        self.cross_replica_axis_index_groups = cross_replica_axis_index_groups
        self.channel_index = get_channel_index(data_format)
        self.mean_ema = ExponentialMovingAverage(decay_rate, name="mean_ema")
        self.var_ema = ExponentialMovingAverage(decay_rate, name="var_ema")

    def __call__(
        self, inputs: Any, is_training: bool, test_local_stats: bool = False, scale: Any = None, offset: Any = None
    ) -> Any:
        """Return the normalised input.

        Args:
            inputs: the array.
            is_training: whether to use the statistics of the batch and update the averages.
            test_local_stats: whether to use the statistics of the batch in evaluation too.
            scale: a value in place of the parameter.
            offset: a value in place of the parameter.
        """
        _check_arguments(self.create_scale, self.create_offset, scale, offset)
        channel = self.channel_index + (inputs.ndim if self.channel_index < 0 else 0)
        axis = [i for i in range(inputs.ndim) if i != channel] if self.axis is None else self.axis
        shape = [1 if i in axis else inputs.shape[i] for i in range(inputs.ndim)]
        if self.create_scale:
            scale = get_parameter("scale", shape, inputs.dtype, self.scale_init)
        if self.create_offset:
            offset = get_parameter("offset", shape, inputs.dtype, self.offset_init)
        if not (is_training or test_local_stats):
            mean = self.mean_ema.average.astype(inputs.dtype)
            var = self.var_ema.average.astype(inputs.dtype)
            return fused.normalised(inputs, mean, var, scale, offset, self.eps)
        out, mean, var = fused.batch_norm(inputs, axis, channel, scale, offset, self.eps, self._replica_mean)
        if is_training:
            self.mean_ema(mean)
            self.var_ema(var)
        return out

    @property
    def _replica_mean(self) -> Any:
        if not self.cross_replica_axis:
            return None
        groups = self.cross_replica_axis_index_groups
        return lambda x: lax.pmean(x, axis_name=self.cross_replica_axis, axis_index_groups=groups)


def _as_axes(axis: Any) -> tuple[int, ...] | slice:
    if isinstance(axis, slice):
        return axis
    if isinstance(axis, int):
        return (axis,)
    if isinstance(axis, Iterable) and all(isinstance(number, int) for number in axis):
        return tuple(axis)
    raise ValueError(f"`axis` should be an int, slice or iterable of ints. {axis!r} names no axes")


def _resolve_axes(axis: tuple[int, ...] | slice, ndim: int) -> tuple[int, ...]:
    return tuple(range(ndim)[axis]) if isinstance(axis, slice) else tuple(sorted({number % ndim for number in axis}))


def _parameter_shape(axis: tuple[int, ...] | slice, shape: tuple[int, ...]) -> tuple[int, ...]:
    axes = _resolve_axes(axis, len(shape))
    if axes == (len(shape) - 1,):
        return tuple(shape[-1:])
    return tuple(size if i in axes else 1 for i, size in enumerate(shape))


class LayerNorm(Module):
    """Normalisation of each example over some of its axes.

    Source: Ba et al., "Layer normalization" (2016), https://arxiv.org/abs/1607.06450

    Args:
        axis: the axes to average over: an integer, several, or a slice.
        create_scale: whether to create a parameter `scale`.
        create_offset: whether to create a parameter `offset`.
        eps: a constant added to the variance.
        scale_init: the initializer of `scale`, ones by default.
        offset_init: the initializer of `offset`, zeros by default.
        use_fast_variance: whether to compute the variance as the mean square minus the squared mean.
        name: the module's name.
        param_axis: the axes along which `scale` and `offset` vary, the last by default.

    Shapes: any to the same. Parameters are `scale` and `offset`, of the sizes of `param_axis`. A call may bring both:
    `(inputs, scale=None, offset=None)`.

    >>> import torch, unified.compat.haiku as hk
    >>> net = hk.transform(lambda x: hk.LayerNorm(-1, True, True)(x), backend="torch")
    >>> x = torch.ones(2, 3)
    >>> params = net.init(0, x)
    >>> list(params["layer_norm"]["scale"].shape)
    [3]
    >>> net.apply(params, None, x).shape == x.shape
    True
    """

    def __init__(
        self, axis: Any, create_scale: bool, create_offset: bool, eps: float = 1e-5, scale_init: Any = None,
        offset_init: Any = None, use_fast_variance: bool = False, name: str | None = None, *, param_axis: Any = None,
    ) -> None:  # fmt: skip
        super().__init__(name=name)
        _check_affine(create_scale, create_offset, scale_init, offset_init)
        self.axis, self.eps, self.use_fast_variance = _as_axes(axis), eps, use_fast_variance
        self.create_scale, self.create_offset = create_scale, create_offset
        self.scale_init, self.offset_init = scale_init or jnp.ones, offset_init or jnp.zeros
        self.param_axis = (-1,) if param_axis is None else _as_axes(param_axis)

    def __call__(self, inputs: Any, scale: Any = None, offset: Any = None) -> Any:
        """Return the normalised input; `scale` and `offset` replace the parameters."""
        inputs = jnp.asarray(inputs)
        _check_arguments(self.create_scale, self.create_offset, scale, offset)
        shape = _parameter_shape(self.param_axis, inputs.shape)
        if self.create_scale:
            scale = get_parameter("scale", shape, inputs.dtype, init=self.scale_init)
        if self.create_offset:
            offset = get_parameter("offset", shape, inputs.dtype, init=self.offset_init)
        return fused.layer_norm(
            inputs, _resolve_axes(self.axis, inputs.ndim), scale, offset, self.eps, self.use_fast_variance
        )


class InstanceNorm(LayerNorm):
    """Normalisation of each channel of each example over its spatial axes.

    Source: Ulyanov et al., "Instance normalization" (2016), https://arxiv.org/abs/1607.08022

    Args:
        create_scale: whether to create a parameter `scale`.
        create_offset: whether to create a parameter `offset`.
        eps: a constant added to the variance.
        scale_init: the initializer of `scale`, ones by default.
        offset_init: the initializer of `offset`, zeros by default.
        data_format: the position of the channel axis.
        name: the module's name.

    Shapes: `[N, *sizes, channels]`, or in the order of `data_format`, to the same. Parameters are `scale` and `offset`,
    one value for each channel.

    >>> import torch, unified.compat.haiku as hk
    >>> net = hk.transform(lambda x: hk.InstanceNorm(True, True)(x), backend="torch")
    >>> x = torch.ones(2, 4, 4, 3)
    >>> params = net.init(0, x)
    >>> list(params["instance_norm"]["scale"].shape)
    [3]
    >>> net.apply(params, None, x).shape == x.shape
    True
    """

    def __init__(
        self,
        create_scale: bool,
        create_offset: bool,
        eps: float = 1e-5,
        scale_init: Any = None,
        offset_init: Any = None,
        data_format: str = "channels_last",
        name: str | None = None,
    ) -> None:
        channel = get_channel_index(data_format)
        axis = slice(2, None) if channel == 1 else slice(1, -1)
        super().__init__(axis, create_scale, create_offset, eps, scale_init, offset_init, name=name, param_axis=channel)


class GroupNorm(Module):
    """Normalisation of each group of channels of each example.

    Source: Wu and He, "Group normalization" (2018), https://arxiv.org/abs/1803.08494

    Args:
        groups: the number of groups.
        axis: the axes to average over, all but the first by default.
        create_scale: whether to create a parameter `scale`.
        create_offset: whether to create a parameter `offset`.
        eps: a constant added to the variance.
        scale_init: the initializer of `scale`, ones by default.
        offset_init: the initializer of `offset`, zeros by default.
        data_format: the position of the channel axis.
        name: the module's name.

    Shapes: `[N, ..., channels]` to the same; the groups divide the channels. Parameters are `scale` and `offset`, one
    value for each channel.

    >>> import torch, unified.compat.haiku as hk
    >>> net = hk.transform(lambda x: hk.GroupNorm(2)(x), backend="torch")
    >>> x = torch.ones(2, 5, 4)
    >>> params = net.init(0, x)
    >>> list(params["group_norm"]["scale"].shape)
    [4]
    >>> net.apply(params, None, x).shape == x.shape
    True
    """

    def __init__(
        self, groups: int, axis: Any = slice(1, None), create_scale: bool = True, create_offset: bool = True,
        eps: float = 1e-5, scale_init: Any = None, offset_init: Any = None, data_format: str = "channels_last",
        name: str | None = None,
    ) -> None:  # fmt: skip
        super().__init__(name=name)
        _check_affine(create_scale, create_offset, scale_init, offset_init)
        self.axis, self.groups, self.eps, self.data_format = _as_axes(axis), groups, eps, data_format
        self.channel_index = get_channel_index(data_format)
        self.create_scale, self.create_offset = create_scale, create_offset
        self.scale_init, self.offset_init = scale_init or jnp.ones, offset_init or jnp.zeros
        self.rank: int | None = None

    def __call__(self, x: Any, scale: Any = None, offset: Any = None) -> Any:
        """Return the normalised input; `scale` and `offset` replace the parameters."""
        if self.rank is not None and x.ndim != self.rank:
            raise ValueError(
                f"The rank of the inputs cannot change between calls, the original input of {self.module_name} had "
                f"{self.rank} axes, and this one has shape {x.shape}: make another GroupNorm for it"
            )
        _check_arguments(self.create_scale, self.create_offset, scale, offset)
        channels, rank = x.shape[self.channel_index], x.ndim
        if channels % self.groups:
            raise ValueError(
                f"The number of channels must be divisible by the number of groups. {self.module_name} was made with "
                f"groups={self.groups}, and its input of shape {x.shape} has {channels} channels"
            )
        self.rank = rank
        last = self.channel_index == -1
        shape = (channels,) if last else (channels,) + (1,) * (rank - 2)
        if self.create_scale:
            scale = get_parameter("scale", shape, x.dtype, self.scale_init)
        if self.create_offset:
            offset = get_parameter("offset", shape, x.dtype, self.offset_init)
        # Split the channel axis in two: the groups, and the channels of each.
        axes = tuple(range(rank))[self.axis] if isinstance(self.axis, slice) else self.axis
        split = (self.groups, channels // self.groups)
        if last:
            axes = tuple(axis + (axis == rank - 1) for axis in axes)
            grouped = x.reshape((-1, *x.shape[1:-1], *split))
        else:
            axes = tuple(axis + (axis != 0) for axis in axes)
            grouped = x.reshape((-1, *split, *x.shape[2:]))
        mean, var = jnp.mean(grouped, axes, keepdims=True), jnp.var(grouped, axes, keepdims=True)
        out = ((grouped - mean) * lax.rsqrt(var + self.eps)).reshape((-1, *x.shape[1:]))
        if scale is not None:
            out = out * lax.broadcast_to_rank(scale, rank)
        if offset is not None:
            out = out + lax.broadcast_to_rank(offset, rank)
        return out


class RMSNorm(Module):
    """Division by the root mean square.

    Source: Zhang and Sennrich, "Root mean square layer normalization" (2019), https://arxiv.org/abs/1910.07467

    Args:
        axis: the axes to average over.
        eps: a constant added to the mean square.
        scale_init: the initializer of `scale`, ones by default.
        name: the module's name.
        create_scale: whether to create a parameter `scale`.
        param_axis: the axes along which `scale` varies, the last by default.

    Shapes: any to the same. The parameter is `scale`, of the sizes of `param_axis`.

    >>> import torch, unified.compat.haiku as hk
    >>> net = hk.transform(lambda x: hk.RMSNorm(-1)(x), backend="torch")
    >>> x = torch.ones(2, 3)
    >>> params = net.init(0, x)
    >>> list(params["rms_norm"]["scale"].shape)
    [3]
    >>> net.apply(params, None, x).shape == x.shape
    True
    """

    def __init__(
        self,
        axis: Any,
        eps: float = 1e-5,
        scale_init: Any = None,
        name: str | None = None,
        create_scale: bool = True,
        *,
        param_axis: Any = None,
    ) -> None:
        super().__init__(name=name)
        _check_affine(create_scale, True, scale_init, None)
        self.axis, self.eps, self.create_scale = _as_axes(axis), eps, create_scale
        self.scale_init = scale_init or jnp.ones
        self.param_axis = (-1,) if param_axis is None else _as_axes(param_axis)

    def __call__(self, inputs: Any) -> Any:
        inputs = jnp.asarray(inputs)
        axis = tuple(range(inputs.ndim))[self.axis] if isinstance(self.axis, slice) else self.axis
        scale: Any = 1.0
        if self.create_scale:
            shape = _parameter_shape(self.param_axis, inputs.shape)
            scale = jnp.broadcast_to(get_parameter("scale", shape, inputs.dtype, init=self.scale_init), inputs.shape)
        squared = jnp.broadcast_to(jnp.mean(jnp.square(inputs), axis=axis, keepdims=True), inputs.shape)
        return inputs * scale * lax.rsqrt(squared + self.eps)
