"""Normalisation of each sample, and of vectors."""

import math
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from unified.backends.jax.functional.broadcasting import along, with_rank
from unified.backends.jax.functional.checks import check_floating
from unified.backends.jax.functional.distance import vector_norm
from unified.backends.jax.functional.norm import average_over_axis, centre, expand_channels, scale_channels, wide_dtype
from unified.backends.jax.functional.split_arrays import reshape

__all__ = ["group_norm", "instance_norm", "local_response_norm", "normalize", "rms_norm"]


def _scale_and_shift(output: jax.Array, weight: jax.Array | None, bias: jax.Array | None, axis: int) -> jax.Array:
    """Multiply each channel by a weight and add a bias; channels are along `axis`."""
    for name, value in (("weight", weight), ("bias", bias)):
        if value is not None and value.shape != (output.shape[axis],):
            raise ValueError(
                f"{name} must have a number for each of {output.shape[axis]} channels, got shape {value.shape}"
            )
    if weight is not None:
        output = output * expand_channels(weight, output.ndim, axis)
    return output if bias is None else output + expand_channels(bias, output.ndim, axis)


def group_norm(
    input: jax.Array,
    num_groups: int,
    weight: jax.Array | None = None,
    bias: jax.Array | None = None,
    eps: float = 1e-5,
) -> jax.Array:
    """Normalise `(N, C, ...)` over each of `num_groups` groups of channels, then scale and shift each channel."""
    return group_norm_along(input, num_groups, weight, bias, eps, 1)


def group_norm_along(
    input: jax.Array, num_groups: int, weight: jax.Array | None, bias: jax.Array | None, eps: float, axis: int
) -> jax.Array:
    """Compute `group_norm` of an input with channels along `axis`, which is 1 or -1."""
    if input.ndim < 2 or num_groups < 1 or input.shape[axis] % num_groups:
        order = "N, C, ..." if axis == 1 else "N, ..., C"
        raise ValueError(f"group_norm in {num_groups} groups takes ({order}), got shape {input.shape}")
    count = math.prod(input.shape[1:])
    if input.shape[0] * count // num_groups == 1:
        raise ValueError(f"group_norm needs more than one value per group, got shape {input.shape}")
    wide = input.astype(wide_dtype(input))
    axes: tuple[int, ...]
    if axis == 1:
        wide, axes = reshape(wide, input.shape[0], num_groups, count // num_groups), (-1,)
    else:
        channels, rest = input.shape[-1], math.prod(input.shape[1:-1])
        wide, axes = reshape(wide, input.shape[0], rest, num_groups, channels // num_groups), (1, 3)
    centred = wide - jnp.mean(wide, axes, keepdims=True)
    variance = jnp.mean(centred * centred, axes, keepdims=True)
    output = reshape(centred * lax.rsqrt(variance + eps), *input.shape)
    return _scale_and_shift(output, weight, bias, axis).astype(input.dtype)


def instance_statistics(input: jax.Array, axis: int = 1) -> tuple[jax.Array, jax.Array, jax.Array, int]:
    """Return an input minus channel means, the means and biased variances `(N, C)`, and the count of values.

    Channels are along `axis`, which is 1 or -1.
    """
    axes = tuple(other for other in range(1, input.ndim) if other != axis % input.ndim)
    wide = input.astype(wide_dtype(input))
    mean = jnp.mean(wide, axes, keepdims=True)
    centred = wide - mean
    shape = (input.shape[0], input.shape[axis])
    return centred, reshape(mean, *shape), jnp.mean(centred * centred, axes), math.prod(input.shape[a] for a in axes)


def instance_norm(
    input: jax.Array,
    running_mean: jax.Array | None = None,
    running_var: jax.Array | None = None,
    weight: jax.Array | None = None,
    bias: jax.Array | None = None,
    use_input_stats: bool = True,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> jax.Array:
    """Normalise each channel of each sample of `(N, C, ...)`, or each channel by the running statistics.

    Arrays are immutable, so that the running statistics are unchanged: `unified.InstanceNorm2d` updates them.
    """
    return instance_norm_along(input, running_mean, running_var, weight, bias, use_input_stats, eps, 1)


def instance_norm_along(
    input: jax.Array,
    running_mean: jax.Array | None,
    running_var: jax.Array | None,
    weight: jax.Array | None,
    bias: jax.Array | None,
    use_input_stats: bool,
    eps: float,
    axis: int,
) -> jax.Array:
    """Compute `instance_norm` of an input with channels along `axis`, which is 1 or -1."""
    if input.ndim < 3:
        order = "N, C, ..." if axis == 1 else "N, ..., C"
        raise ValueError(f"instance_norm takes ({order}), got shape {input.shape}")
    if not use_input_stats:
        if running_mean is None or running_var is None:
            raise ValueError("instance_norm needs running_mean and running_var if not use_input_stats")
        centred = centre(input, running_mean, axis)
        return scale_channels(centred, running_var, weight, bias, eps, axis).astype(input.dtype)
    centred, _, variance, count = instance_statistics(input, axis)
    if count == 1:
        raise ValueError(f"instance_norm needs more than one value per channel, got shape {input.shape}")
    shape = along((0, axis % input.ndim), input.ndim, variance.shape, 1)
    output = centred * reshape(lax.rsqrt(variance + eps), *shape)
    return _scale_and_shift(output, weight, bias, axis).astype(input.dtype)


def rms_norm(
    input: jax.Array, normalized_shape: Any, weight: jax.Array | None = None, eps: float | None = None
) -> jax.Array:
    """Divide by the root of the mean square over the last dimensions, whose sizes are `normalized_shape`."""
    return rms_norm_over(input, normalized_shape, weight, eps, None)


def rms_norm_over(
    input: jax.Array,
    normalized_shape: Any,
    weight: jax.Array | None,
    eps: float | None,
    axis_name: Any,
    groups: Any = None,
) -> jax.Array:
    """Compute `rms_norm` with the last dimensions split over the elements of a mapped axis, or of groups of them."""
    shape = (normalized_shape,) if isinstance(normalized_shape, int) else tuple(normalized_shape)
    if tuple(input.shape[input.ndim - len(shape) :]) != shape:
        raise ValueError(f"rms_norm expects last dimensions {shape}, and the input has shape {input.shape}")
    if weight is not None and weight.shape != shape:
        raise ValueError(f"rms_norm needs a weight of shape {shape}, got {weight.shape}")
    axes = tuple(range(input.ndim - len(shape), input.ndim))
    wide = input.astype(wide_dtype(input))
    eps = float(jnp.finfo(wide.dtype).eps) if eps is None else eps
    output = wide * lax.rsqrt(average_over_axis(jnp.mean(wide * wide, axes, keepdims=True), axis_name, groups) + eps)
    if weight is not None:
        output = output * with_rank(weight, output.ndim)
    return output.astype(input.dtype)


def local_response_norm(
    input: jax.Array, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0
) -> jax.Array:
    """Divide each value of `(N, C, ...)` by a power of the mean square of `size` neighbouring channels."""
    return local_response_norm_along(input, size, alpha, beta, k, 1)


def local_response_norm_along(input: jax.Array, size: int, alpha: float, beta: float, k: float, axis: int) -> jax.Array:
    """Compute `local_response_norm` of an input with channels along `axis`, which is 1 or -1."""
    if input.ndim < 3 or size < 1:
        order = "N, C, ..." if axis == 1 else "N, ..., C"
        raise ValueError(f"local_response_norm takes ({order}) and a positive size, got {input.shape} and {size}")
    axes = (axis % input.ndim,)
    widths = along(axes, input.ndim, [(size // 2, (size - 1) // 2)], (0, 0))
    total = lax.reduce_window(
        jnp.pad(input * input, widths),
        np.array(0, input.dtype),  # a constant: JAX differentiates sums of windows from 0 only
        lax.add,
        along(axes, input.ndim, [size], 1),
        (1,) * input.ndim,
        "VALID",
    )
    return input / (total / size * alpha + k) ** beta


def normalize(input: jax.Array, p: float = 2.0, dim: Any = 1, eps: float = 1e-12, out: None = None) -> jax.Array:
    """Divide `input` by its `p`-norm along `dim`, clamped to at least `eps`."""
    if out is not None:
        raise ValueError("out= is not available on JAX: arrays are immutable")
    check_floating("normalize", input)
    return input / jnp.maximum(vector_norm(input, p, dim, True), eps)
