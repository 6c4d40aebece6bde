"""Group, instance, RMS and local response normalisation: within each sample."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, ClassVar

from unified.core.initializers import ones, zeros
from unified.core.layer import Layer, LayerVariable, buffer, parameter
from unified.core.layers.checks import check_groups, check_sizes
from unified.core.layouts import channel_axis, check_data_format, is_channels_last

__all__ = [
    "CrossMapLRN2d",
    "GroupNorm",
    "InstanceNorm1d",
    "InstanceNorm2d",
    "InstanceNorm3d",
    "LocalResponseNorm",
    "RMSNorm",
]


class GroupNorm(Layer):
    """Normalisation of each sample over groups of channels, then a scale and a shift of each channel.

    Args:
        num_groups: number of groups.
        num_channels: channels, a multiple of `num_groups`; `None` takes them from the first input.
        eps: added to the variance.
        affine: whether there are `weight` and `bias`.
        bias: whether there is a `bias`.
        weight: whether there is a `weight`.
        data_format: `"channels_last"` for inputs `(N, ..., C)`.

    Shapes: `(N, C, ...)` to the same. `weight` and `bias` are `(C,)` and start at one and zero.

    Source: Wu and He (2018); `torch.nn.GroupNorm`.

    >>> import torch, unified as u
    >>> net = u.transform(lambda x: u.GroupNorm(2, None)(x), backend="torch").init(torch.ones(1, 4, 3), rng=0)
    >>> list(net.group_norm.weight.shape)
    [4]
    """

    computes_in_float32 = True
    variable_names = ("weight", "bias")
    optional_sizes = ("num_channels",)
    own_options = ("weight", "data_format")

    @staticmethod
    def variables(
        num_groups: int,
        num_channels: int | None,
        eps: float = 1e-05,
        affine: bool = True,
        device: Any = None,
        dtype: Any = None,
        *,
        bias: bool = True,
        weight: bool = True,
        data_format: str | None = None,
    ) -> Iterator[LayerVariable]:
        assert num_channels is not None
        check_data_format(data_format)
        check_sizes(1, num_groups=num_groups)
        check_sizes(num_channels=num_channels)
        if num_channels % num_groups:
            raise ValueError(f"num_channels must be a multiple of num_groups, got {num_channels} and {num_groups}")
        if affine:
            if weight:
                yield parameter("weight", (num_channels,), ones, dtype)
            if bias:
                yield parameter("bias", (num_channels,), zeros, dtype)

    @staticmethod
    def sizes(x: Any, data_format: str | None = None) -> dict[str, Any]:
        return {"num_channels": x.shape[-1 if is_channels_last(data_format) else 1]}


class RMSNorm(Layer):
    """Division by the root mean square over the last dimensions, then a scale.

    Args:
        normalized_shape: sizes of those dimensions, or one size; `None` takes the last one of the first input.
        eps: added to the mean square; `None` is the machine epsilon of the dtype that torch computes in.
        elementwise_affine: whether there is a `weight`, of `normalized_shape`.
        axis_name: the last dimensions are split over this axis of `u.vmap`, on JAX also of `shard_map` or `pmap`, or on
            torch over all processes of `torch.distributed`; sizes are those of one part.
        axis_index_groups: as in `BatchNorm1d`.

    Shapes: `(..., *normalized_shape)` to the same. `weight` is `normalized_shape` and starts at one.

    Source: Zhang and Sennrich (2019); `torch.nn.RMSNorm`.

    >>> import torch, unified as u
    >>> net = u.transform(lambda x: u.RMSNorm(None)(x), backend="torch").init(torch.ones(2, 3), rng=0)
    >>> net(torch.full((1, 3), 2.0)).round(decimals=3).tolist()
    [[1.0, 1.0, 1.0]]
    """

    computes_in_float32 = True
    base_name = "rms_norm"
    variable_names = ("weight",)
    optional_sizes = ("normalized_shape",)
    own_options = ("axis_name", "axis_index_groups")

    @staticmethod
    def variables(
        normalized_shape: Any,
        eps: float | None = None,
        elementwise_affine: bool = True,
        device: Any = None,
        dtype: Any = None,
        *,
        axis_name: Any = None,
        axis_index_groups: Sequence[Sequence[int]] | None = None,
    ) -> Iterator[LayerVariable]:
        check_groups(axis_index_groups, axis_name)
        shape = (normalized_shape,) if hasattr(normalized_shape, "__index__") else tuple(normalized_shape)
        for size in shape:
            check_sizes(normalized_shape=size)
        if elementwise_affine:
            yield parameter("weight", shape, ones, dtype)

    @staticmethod
    def sizes(x: Any) -> dict[str, Any]:
        return {"normalized_shape": x.shape[-1]}


class LocalResponseNorm(Layer):
    """Division of each value by `(k + alpha * mean) ** beta`, with the mean square of `size` neighbouring channels.

    Args:
        size: number of channels in the window.
        alpha, beta, k: the numbers of the formula.
        data_format: `"channels_last"` for inputs `(N, ..., C)`.

    Shapes: `(N, C, ...)` to the same.

    Source: Krizhevsky et al. (2012); `torch.nn.LocalResponseNorm`.

    >>> import torch, unified as u
    >>> x = torch.zeros(1, 4, 2)
    >>> net = u.transform(lambda x: u.LocalResponseNorm(2)(x), backend="torch").init(x, rng=0)
    >>> net(x).abs().max().item()
    0.0
    """

    computes_in_float32 = True
    own_options = ("data_format",)

    @staticmethod
    def variables(
        size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0, *, data_format: str | None = None
    ) -> Iterator[LayerVariable]:
        check_sizes(1, size=size)
        check_data_format(data_format)
        yield from ()


class _InstanceNorm(Layer):
    computes_in_float32 = True
    dimensions: ClassVar[int]
    variable_names = ("weight", "bias", "running_mean", "running_var", "num_batches_tracked")
    optional_sizes = ("num_features",)
    own_options = ("weight", "data_format")
    has_mode = True

    @classmethod
    def variables(
        cls,
        num_features: int | None,
        eps: float = 1e-05,
        momentum: float = 0.1,
        affine: bool = False,
        track_running_stats: bool = False,
        device: Any = None,
        dtype: Any = None,
        *,
        bias: bool = True,
        weight: bool = True,
        data_format: str | None = None,
    ) -> Iterator[LayerVariable]:
        assert num_features is not None
        check_sizes(num_features=num_features)
        check_data_format(data_format, cls.dimensions)
        if affine:
            if weight:
                yield parameter("weight", (num_features,), ones, dtype)
            if bias:
                yield parameter("bias", (num_features,), zeros, dtype)
        if track_running_stats:
            yield buffer("running_mean", (num_features,), zeros, dtype)
            yield buffer("running_var", (num_features,), ones, dtype)
            yield buffer("num_batches_tracked", (), zeros, "int64")

    @classmethod
    def sizes(cls, x: Any, data_format: str | None = None) -> dict[str, Any]:
        return {"num_features": x.shape[channel_axis(data_format, cls.dimensions)]}


class InstanceNorm1d(_InstanceNorm):
    """Normalisation of each channel of each sample, then a scale and a shift if `affine`.

    Args:
        num_features: channels; `None` takes them from the first input.
        eps: added to the variance.
        momentum: weight of the new statistics in the running ones, in training.
        affine: whether there are `weight` and `bias`.
        track_running_stats: whether there are running statistics, which evaluation uses.
        bias: whether there is a `bias`.
        weight: whether there is a `weight`.
        data_format: `"channels_last"` or `"NWC"` for inputs `(..., L, C)`, `"channels_first"` or `"NCW"` for
            `(..., C, L)`, each with any number of batch dimensions; `None` is torch's layer.

    Shapes: `(N, C, L)` or `(C, L)` to the same. Raises `ValueError` for one value per channel, unless it uses running
    statistics.

    With `affine`, `weight` and `bias` are `(C,)` and start at one and zero; with `track_running_stats`, so do the
    buffers `running_var` and `running_mean`, `(C,)`, and `num_batches_tracked` is `()`.

    Source: Ulyanov et al. (2016); `torch.nn.InstanceNorm1d`.

    >>> import torch, unified as u
    >>> net = u.transform(lambda x: u.InstanceNorm1d(None)(x), backend="torch").init(torch.ones(1, 2, 3), rng=0)
    >>> list(net(torch.ones(1, 2, 3)).shape)
    [1, 2, 3]
    """

    dimensions = 1


class InstanceNorm2d(_InstanceNorm):
    """Normalisation of each channel of each image.

    Args:
        data_format: `"channels_last"` or `"NHWC"` for inputs `(..., H, W, C)`, `"channels_first"` or `"NCHW"` for
            `(..., C, H, W)`, each with any number of batch dimensions; `None` is torch's layer.
        others: those of `InstanceNorm1d`.

    Shapes: `(N, C, H, W)` or `(C, H, W)` to the same.

    With `affine`, `weight` and `bias` are `(C,)` and start at one and zero; with `track_running_stats`, so do the
    buffers `running_var` and `running_mean`, `(C,)`, and `num_batches_tracked` is `()`.

    Source: Ulyanov et al. (2016); `torch.nn.InstanceNorm2d`.

    >>> import torch, unified as u
    >>> net = u.transform(lambda x: u.InstanceNorm2d(2)(x), backend="torch").init(torch.ones(1, 2, 3, 3), rng=0)
    >>> list(net(torch.ones(1, 2, 3, 3)).shape)
    [1, 2, 3, 3]
    """

    dimensions = 2


class InstanceNorm3d(_InstanceNorm):
    """Normalisation of each channel of each volume.

    Args:
        data_format: `"channels_last"` or `"NDHWC"` for inputs `(..., D, H, W, C)`, `"channels_first"` or `"NCDHW"` for
            `(..., C, D, H, W)`, each with any number of batch dimensions; `None` is torch's layer.
        others: those of `InstanceNorm1d`.

    Shapes: `(N, C, D, H, W)` or `(C, D, H, W)` to the same.

    With `affine`, `weight` and `bias` are `(C,)` and start at one and zero; with `track_running_stats`, so do the
    buffers `running_var` and `running_mean`, `(C,)`, and `num_batches_tracked` is `()`.

    Source: Ulyanov et al. (2016); `torch.nn.InstanceNorm3d`.

    >>> import torch, unified as u
    >>> net = u.transform(lambda x: u.InstanceNorm3d(2)(x), backend="torch").init(torch.ones(1, 2, 2, 2, 2), rng=0)
    >>> list(net(torch.ones(1, 2, 2, 2, 2)).shape)
    [1, 2, 2, 2, 2]
    """

    dimensions = 3


class CrossMapLRN2d(Layer):
    """`LocalResponseNorm` for images, as torch's older layer computes it; prefer `LocalResponseNorm`.

    The window of a channel is the `size` channels around it. Torch also adds channel 0 to every window that no longer
    contains it, and its gradient ignores that term.

    Args:
        size: number of channels in the window.
        alpha, beta, k: the output is `x / (k + alpha / size * sum of squares) ** beta`.

    Shapes: `(N, C, H, W)` to the same.

    Source: Krizhevsky et al. (2012); `torch.nn.CrossMapLRN2d`.

    >>> import torch, unified as u
    >>> x = torch.ones(1, 1, 1, 1)
    >>> net = u.transform(lambda x: u.CrossMapLRN2d(3, alpha=3.0, beta=1.0)(x), backend="torch").init(x, rng=0)
    >>> net(x).item()
    0.5
    """

    computes_in_float32 = True
    base_name = "cross_map_lrn2d"

    @staticmethod
    def variables(size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1) -> Iterable[LayerVariable]:
        check_sizes(1, size=size)
        return ()
