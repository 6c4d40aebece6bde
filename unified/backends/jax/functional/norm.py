"""Batch and layer normalisation."""

import math
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from unified.backends.jax.functional.broadcasting import with_rank

__all__ = ["batch_norm", "batch_statistics", "layer_norm"]


def wide_dtype(input: jax.Array) -> Any:
    """Return the dtype in which statistics are computed: at least float32, as in torch."""
    return jnp.promote_types(input.dtype, jnp.float32)


def batch_statistics(
    input: jax.Array, axis_name: Any = None, axis: int = 1, groups: Any = None
) -> tuple[jax.Array, jax.Array, jax.Array]:
    """Return the mean and biased variance of each channel, and the input minus its mean; channels are along `axis`."""
    axes = tuple(other for other in range(input.ndim) if other != axis % input.ndim)
    wide = input.astype(wide_dtype(input))
    mean = average_over_axis(mean_of(wide, axes), axis_name, groups)
    centred = wide - expand_channels(mean, input.ndim, axis)
    return mean, average_over_axis(mean_of(centred * centred, axes), axis_name, groups), centred


def mean_of(values: jax.Array, axes: Any, keepdims: bool = False) -> jax.Array:
    """Return the mean over `axes`; zero, and not NaN, if there are no values."""
    return jnp.mean(values, axes, keepdims=keepdims) if values.size else jnp.sum(values, axes, keepdims=keepdims)


def average_over_axis(mean: jax.Array, axis_name: Any, groups: Any = None) -> jax.Array:
    """Average a mean over an axis of `vmap`, `shard_map` or `pmap`; return it unchanged without an axis.

    `groups` divide the elements of the axis, each of which has the mean of its group.
    """
    if axis_name is None or groups is None:
        return mean if axis_name is None else lax.pmean(mean, axis_name)
    size, count = lax.axis_size(axis_name), sum(map(len, groups))
    if size != count:
        raise ValueError(f"axis_index_groups have {count} elements, and the axis {axis_name!r} has {size}")
    # Gathered, because `psum` takes no groups under `vmap`.
    group_of = np.empty(size, np.int32)
    for number, group in enumerate(groups):
        group_of[list(group)] = number
    means = lax.all_gather(mean, axis_name)
    members = jnp.asarray(groups)[jnp.asarray(group_of)[lax.axis_index(axis_name)]]
    return jnp.mean(means[members], 0)


def expand_channels(value: jax.Array, rank: int, axis: int = 1) -> jax.Array:
    """Return a value per channel in a shape that broadcasts with an array of this rank, channels along `axis`."""
    axis %= rank
    shape = [1] * rank
    shape[axis] = value.shape[0]
    return lax.broadcast_in_dim(value, shape, (axis,))


def centre(input: jax.Array, mean: jax.Array, axis: int = 1) -> jax.Array:
    """Return an array minus the mean of each channel."""
    _check_channels(input, axis, mean)
    return input - expand_channels(mean, input.ndim, axis)


def scale_channels(
    centred: jax.Array,
    variance: jax.Array,
    weight: jax.Array | None,
    bias: jax.Array | None,
    eps: float,
    axis: int = 1,
) -> jax.Array:
    """Divide each channel of a centred array by its standard deviation, then scale and shift it."""
    _check_channels(centred, axis, variance, weight, bias)
    scale = lax.rsqrt(variance.astype(wide_dtype(centred)) + eps)
    if weight is not None:
        scale = scale * weight
    output = centred * expand_channels(scale, centred.ndim, axis)
    return output if bias is None else output + expand_channels(bias, centred.ndim, axis)


def _check_channels(input: jax.Array, axis: int, *values: jax.Array | None) -> None:
    channels = input.shape[axis]
    for value in values:
        if value is not None and value.shape != (channels,):
            raise ValueError(f"an input of shape {input.shape} needs {channels} values, got shape {value.shape}")


def check_batch(input: jax.Array, training: bool, eps: float, axis: int = 1) -> None:
    """Raise `ValueError` for inputs of batch normalisation that torch rejects."""
    if input.ndim < 2:
        raise ValueError(f"batch_norm takes an input (N, C, ...), got shape {input.shape}")
    if training and math.prod(size for other, size in enumerate(input.shape) if other != axis % input.ndim) == 1:
        raise ValueError(f"training needs more than one value per channel, got shape {input.shape}")
    if eps < 0 or (training and eps == 0):
        raise ValueError(f"eps must be positive in training and not negative in evaluation, got {eps}")


def batch_norm(
    input: jax.Array,
    running_mean: jax.Array | None,
    running_var: jax.Array | None,
    weight: jax.Array | None = None,
    bias: jax.Array | None = None,
    training: bool = False,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> jax.Array:
    """Normalise each channel by the statistics of the batch, or by the running statistics if not `training`.

    Arrays are immutable, so that the running statistics are unchanged: `unified.BatchNorm2d` updates them.
    """
    check_batch(input, training, eps)
    if not training and (running_mean is None or running_var is None):
        raise ValueError("batch_norm needs running_mean and running_var if not training")
    if training:
        _, variance, centred = batch_statistics(input)
    else:
        assert running_mean is not None and running_var is not None
        variance, centred = running_var, centre(input, running_mean)
    return scale_channels(centred, variance, weight, bias, eps).astype(input.dtype)


def layer_norm(
    input: jax.Array,
    normalized_shape: Any,
    weight: jax.Array | None = None,
    bias: jax.Array | None = None,
    eps: float = 1e-5,
) -> jax.Array:
    """Normalise over the last dimensions, whose sizes are `normalized_shape`."""
    return layer_norm_over(input, normalized_shape, weight, bias, eps, None)


def layer_norm_over(
    input: jax.Array, normalized_shape: Any, weight: Any, bias: Any, eps: float, axis_name: Any, groups: Any = None
) -> jax.Array:
    """Compute `layer_norm` with the last dimensions split over the elements of a mapped axis, or of groups of them."""
    shape = (normalized_shape,) if isinstance(normalized_shape, int) else tuple(normalized_shape)
    if tuple(input.shape[input.ndim - len(shape) :]) != shape:
        raise ValueError(f"layer_norm expects last dimensions {shape}, and the input has shape {input.shape}")
    for name, value in (("weight", weight), ("bias", bias)):
        if value is not None and value.shape != shape:
            raise ValueError(f"layer_norm needs a {name} of shape {shape}, got {value.shape}")
    axes = tuple(range(input.ndim - len(shape), input.ndim))
    wide = input.astype(wide_dtype(input))
    centred = wide - average_over_axis(jnp.mean(wide, axes, keepdims=True), axis_name, groups)
    variance = average_over_axis(jnp.mean(centred * centred, axes, keepdims=True), axis_name, groups)
    output = centred * lax.rsqrt(variance + eps)
    if weight is not None:
        output = output * with_rank(weight, output.ndim)
    if bias is not None:
        output = output + with_rank(bias, output.ndim)
    return output.astype(input.dtype)
