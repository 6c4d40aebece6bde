"""Batch and layer normalisation."""

from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

from unified.core.initializers import ones, zeros
from unified.core.layer import Layer, LayerVariable, buffer, parameter
from unified.core.layers.checks import check_groups, check_sizes
from unified.core.layouts import check_data_format, is_channels_last

__all__ = ["BatchNorm1d", "BatchNorm2d", "BatchNorm3d", "LayerNorm", "SyncBatchNorm"]


class _BatchNorm(Layer):
    computes_in_float32 = True
    ranks: ClassVar[Sequence[int]]  # the ranks of inputs that the layer accepts
    variable_names = ("weight", "bias", "running_mean", "running_var", "num_batches_tracked")
    optional_sizes = ("num_features",)
    own_options = ("axis_name", "weight", "data_format", "axis_index_groups")
    has_mode = True

    @staticmethod
    def variables(
        num_features: int | None,
        eps: float = 1e-05,
        momentum: float | None = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
        device: Any = None,
        dtype: Any = None,
        *,
        bias: bool = True,
        axis_name: Any = None,
        weight: bool = True,
        data_format: str | None = None,
        axis_index_groups: Sequence[Sequence[int]] | None = None,
    ) -> Iterator[LayerVariable]:
        assert num_features is not None
        check_sizes(num_features=num_features)
        check_data_format(data_format)
        check_groups(axis_index_groups, axis_name)
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
    def axis_of(cls, data_format: str | None, rank: int) -> int:
        """Return the axis of channels of an input of this rank, counted from the end."""
        if is_channels_last(data_format):
            return -1
        return 1 - (rank if data_format is None else min(max(rank, min(cls.ranks)), max(cls.ranks)))

    @classmethod
    def sizes(cls, x: Any, data_format: str | None = None) -> dict[str, Any]:
        return {"num_features": x.shape[cls.axis_of(data_format, len(x.shape))]}


class BatchNorm1d(_BatchNorm):
    """Normalisation of each channel over the batch (and the length), then a scale and a shift.

    Training uses the statistics of the batch and moves `running_mean` and `running_var` (the unbiased variance) towards
    them. Evaluation uses these running statistics.

    Args:
        num_features: channels; `None` takes them from the first input.
        eps: added to the variance.
        momentum: weight of the new statistics in the running ones; `None` averages all calls equally.
        affine: whether there are `weight` and `bias`.
        track_running_stats: whether there are running statistics; without them, evaluation uses the batch's too.
        bias: whether there is a `bias`.
        axis_name: an axis of `u.vmap`, on JAX also of `shard_map` or `pmap`, or a tuple of several, along which the
            statistics of all elements are computed together; on torch a name that no `u.vmap` has means all processes
            of `torch.distributed`.
        weight: whether there is a `weight`.
        data_format: `"channels_last"` for inputs `(..., C)`, `"channels_first"` for `(..., C)` or `(..., C, L)`, each
            with any number of batch dimensions; `None` is torch's layer.
        axis_index_groups: the groups of elements of `axis_name` that share statistics, of one size:
            `[[0, 1], [2, 3]]`; on torch without such an axis, groups of processes.

    Shapes: `(N, C)` or `(N, C, L)` to the same. `weight` and `bias` are `(C,)` and start at one and zero, as do the
    buffers `running_var` and `running_mean`, `(C,)`; `num_batches_tracked` is `()`.

    Raises `ValueError` in training if there is only one value per channel.

    Source: Ioffe and Szegedy (2015); `torch.nn.BatchNorm1d`.

    >>> import torch, unified as u
    >>> net = u.transform(lambda x: u.BatchNorm1d(None)(x), backend="torch").init(torch.ones(4, 3), rng=0)
    >>> net.batch_norm1d.running_mean.tolist()
    [0.0, 0.0, 0.0]
    """

    ranks = (2, 3)


class BatchNorm2d(_BatchNorm):
    """`BatchNorm1d` for images: normalisation over the batch and both spatial dimensions.

    Args:
        data_format: `"channels_last"` or `"NHWC"` for inputs `(..., H, W, C)`, `"channels_first"` or `"NCHW"` for
            `(..., C, H, W)`, each with any number of batch dimensions; `None` is torch's layer.
        others: those of `BatchNorm1d`.

    Shapes: `(N, C, H, W)` to the same. `weight` and `bias` are `(C,)` and start at one and zero, as do the buffers
    `running_var` and `running_mean`, `(C,)`; `num_batches_tracked` is `()`.

    Source: Ioffe and Szegedy (2015); `torch.nn.BatchNorm2d`.

    >>> import torch, unified as u
    >>> net = u.transform(lambda x: u.BatchNorm2d(3)(x), backend="torch").init(torch.ones(2, 3, 4, 4), rng=0)
    >>> net.batch_norm2d.running_var.tolist()
    [1.0, 1.0, 1.0]
    """

    ranks = (4,)


class BatchNorm3d(_BatchNorm):
    """`BatchNorm1d` for volumes: normalisation over the batch and the three spatial dimensions.

    Args:
        data_format: `"channels_last"` or `"NDHWC"` for inputs `(..., D, H, W, C)`, `"channels_first"` or `"NCDHW"` for
            `(..., C, D, H, W)`, each with any number of batch dimensions; `None` is torch's layer.
        others: those of `BatchNorm1d`.

    Shapes: `(N, C, D, H, W)` to the same. `weight` and `bias` are `(C,)` and start at one and zero, as do the buffers
    `running_var` and `running_mean`, `(C,)`; `num_batches_tracked` is `()`.

    Source: Ioffe and Szegedy (2015); `torch.nn.BatchNorm3d`.

    >>> import torch, unified as u
    >>> net = u.transform(lambda x: u.BatchNorm3d(1)(x), backend="torch").init(torch.ones(2, 1, 2, 2, 2), rng=0)
    >>> int(net.batch_norm3d.num_batches_tracked)
    0
    """

    ranks = (5,)


class SyncBatchNorm(_BatchNorm):
    """`BatchNorm1d` for inputs of any rank, with the statistics of the whole batch on all devices.

    On torch the processes of `torch.distributed` exchange their statistics; without processes the layer is a batch
    norm. On JAX a jitted function sees the whole batch, also if it is sharded over devices. Within `u.vmap`, and on JAX
    within `shard_map` or `pmap`, statistics are exchanged along `axis_name`.

    Args:
        process_group: the processes that exchange statistics on torch; no effect on JAX.
        axis_name: the mapped axis along which statistics are exchanged.
        others: those of `BatchNorm1d`.

    Shapes: `(N, C, *)` to the same. `weight` and `bias` are `(C,)` and start at one and zero, as do the buffers
    `running_var` and `running_mean`, `(C,)`; `num_batches_tracked` is `()`.

    Source: Ioffe and Szegedy (2015); `torch.nn.SyncBatchNorm`.

    >>> import torch, unified as u
    >>> net = u.transform(lambda x: u.SyncBatchNorm(3)(x), backend="torch").init(torch.ones(2, 3, 4), rng=0)
    >>> net.sync_batch_norm.running_mean.tolist()
    [0.0, 0.0, 0.0]
    """

    ranks = range(2, 65)  # up to the largest rank that an array may have

    @staticmethod
    def variables(  # type: ignore[override]
        num_features: int | None,
        eps: float = 1e-05,
        momentum: float | None = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
        process_group: Any = None,
        device: Any = None,
        dtype: Any = None,
        *,
        bias: bool = True,
        axis_name: Any = None,
        weight: bool = True,
        data_format: str | None = None,
        axis_index_groups: Sequence[Sequence[int]] | None = None,
    ) -> Iterator[LayerVariable]:
        return _BatchNorm.variables(
            num_features,
            eps,
            momentum,
            affine,
            track_running_stats,
            device,
            dtype,
            bias=bias,
            axis_name="processes" if axis_name is None else axis_name,
            weight=weight,
            data_format=data_format,
            axis_index_groups=axis_index_groups,
        )


class LayerNorm(Layer):
    """Normalisation of each sample over its last dimensions, then a scale and a shift.

    Args:
        normalized_shape: sizes of those dimensions, or one size; `None` takes the last one of the first input.
        eps: added to the variance.
        elementwise_affine: whether there are `weight` and `bias`, of `normalized_shape`.
        bias: whether there is a `bias`.
        axis_name: the last dimensions are split over this axis of `u.vmap`, on JAX also of `shard_map` or `pmap`, or on
            torch over all processes of `torch.distributed`; sizes are those of one part.
        weight: whether there is a `weight`.
        axis_index_groups: as in `BatchNorm1d`.

    Shapes: `(*, *normalized_shape)` to the same. `weight` and `bias` are `normalized_shape` and start at one and zero.

    Source: Ba, Kiros and Hinton (2016); `torch.nn.LayerNorm`.

    >>> import torch, unified as u
    >>> net = u.transform(lambda x: u.LayerNorm(None)(x), backend="torch").init(torch.ones(2, 3), rng=0)
    >>> net.layer_norm.weight.tolist()
    [1.0, 1.0, 1.0]
    """

    computes_in_float32 = True
    variable_names = ("weight", "bias")
    optional_sizes = ("normalized_shape",)
    own_options = ("axis_name", "weight", "axis_index_groups")

    @staticmethod
    def variables(
        normalized_shape: Any,
        eps: float = 1e-05,
        elementwise_affine: bool = True,
        bias: bool = True,
        device: Any = None,
        dtype: Any = None,
        *,
        axis_name: Any = None,
        weight: bool = True,
        axis_index_groups: Sequence[Sequence[int]] | None = None,
    ) -> Iterator[LayerVariable]:
        check_groups(axis_index_groups, axis_name)
        shape = (normalized_shape,) if isinstance(normalized_shape, int) else tuple(normalized_shape)
        if not shape:
            raise ValueError("normalized_shape must have at least one dimension, got an empty tuple")
        for size in shape:
            check_sizes(normalized_shape=size)
        if elementwise_affine:
            if weight:
                yield parameter("weight", shape, ones, dtype)
            if bias:
                yield parameter("bias", shape, zeros, dtype)

    @staticmethod
    def sizes(x: Any) -> dict[str, Any]:
        return {"normalized_shape": x.shape[-1]}
