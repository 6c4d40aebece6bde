"""Normalisation of each sample, and of vectors."""

import math
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from unified.backends.jax.functional.broadcasting import with_rank
from unified.backends.jax.functional.checks import check_floating
from unified.backends.jax.functional.distance import vector_norm
from unified.backends.jax.functional.norm import average_over_axis, centre, scale_channels, wide_dtype

__all__ = ["group_norm", "instance_norm", "local_response_norm", "normalize", "rms_norm"]


def _expand_channels(value: jax.Array, input: jax.Array, name: str) -> jax.Array:
    """Return a value per channel in a shape that broadcasts with the input `(N, C, ...)`."""
    if value.shape != (input.shape[1],):
        raise ValueError(f"{name} must have a number for each of {input.shape[1]} channels, got shape {value.shape}")
    return lax.broadcast_in_dim(value, (1, value.shape[0], *(1,) * (input.ndim - 2)), (1,))


def group_norm(
    input: jax.Array,
    num_groups: int,
    weight: jax.Array | None = None,
    bias: jax.Array | None = None,
    eps: float = 1e-5,
) -> jax.Array:
    """Normalise `(N, C, ...)` over each of `num_groups` groups of channels, then scale and shift each channel."""
    if input.ndim < 2 or num_groups < 1 or input.shape[1] % num_groups:
        raise ValueError(f"group_norm in {num_groups} groups takes (N, C, ...), got shape {input.shape}")
    count = math.prod(input.shape[1:])
    if input.shape[0] * count // num_groups == 1:
        raise ValueError(f"group_norm needs more than one value per group, got shape {input.shape}")
    wide = input.astype(wide_dtype(input)).reshape(input.shape[0], num_groups, count // num_groups)
    centred = wide - jnp.mean(wide, -1, keepdims=True)
    variance = jnp.mean(centred * centred, -1, keepdims=True)
    output = (centred * lax.rsqrt(variance + eps)).reshape(input.shape)
    if weight is not None:
        output = output * _expand_channels(weight, input, "weight")
    if bias is not None:
        output = output + _expand_channels(bias, input, "bias")
    return output.astype(input.dtype)


def instance_statistics(input: jax.Array) -> tuple[jax.Array, jax.Array, jax.Array, int]:
    """Return `(N, C, ...)` minus channel means, the means and biased variances `(N, C)`, and the count of values."""
    axes = tuple(range(2, input.ndim))
    wide = input.astype(wide_dtype(input))
    mean = jnp.mean(wide, axes, keepdims=True)
    centred = wide - mean
    return centred, mean.reshape(mean.shape[:2]), jnp.mean(centred * centred, axes), math.prod(input.shape[2:])


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
    if input.ndim < 3:
        raise ValueError(f"instance_norm takes (N, C, ...), got shape {input.shape}")
    if not use_input_stats:
        if running_mean is None or running_var is None:
            raise ValueError("instance_norm needs running_mean and running_var if not use_input_stats")
        return scale_channels(centre(input, running_mean), running_var, weight, bias, eps).astype(input.dtype)
    if math.prod(input.shape[2:]) == 1:
        raise ValueError(f"instance_norm needs more than one value per channel, got shape {input.shape}")
    centred, _, variance, _ = instance_statistics(input)
    output = centred * lax.rsqrt(variance + eps).reshape(*variance.shape, *(1,) * (input.ndim - 2))
    if weight is not None:
        output = output * _expand_channels(weight, input, "weight")
    if bias is not None:
        output = output + _expand_channels(bias, input, "bias")
    return output.astype(input.dtype)


def rms_norm(
    input: jax.Array, normalized_shape: Any, weight: jax.Array | None = None, eps: float | None = None
) -> jax.Array:
    """Divide by the root of the mean square over the last dimensions, whose sizes are `normalized_shape`."""
    return rms_norm_over(input, normalized_shape, weight, eps, None)


def rms_norm_over(
    input: jax.Array, normalized_shape: Any, weight: jax.Array | None, eps: float | None, axis_name: Any
) -> jax.Array:
    """Compute `rms_norm` with the last dimensions split over the elements of a mapped axis."""
    shape = (normalized_shape,) if isinstance(normalized_shape, int) else tuple(normalized_shape)
    if tuple(input.shape[input.ndim - len(shape) :]) != shape:
        raise ValueError(f"rms_norm expects last dimensions {shape}, and the input has shape {input.shape}")
    if weight is not None and weight.shape != shape:
        raise ValueError(f"rms_norm needs a weight of shape {shape}, got {weight.shape}")
    axes = tuple(range(input.ndim - len(shape), input.ndim))
    wide = input.astype(wide_dtype(input))
    eps = float(jnp.finfo(wide.dtype).eps) if eps is None else eps
    output = wide * lax.rsqrt(average_over_axis(jnp.mean(wide * wide, axes, keepdims=True), axis_name) + eps)
    if weight is not None:
        output = output * with_rank(weight, output.ndim)
    return output.astype(input.dtype)


def local_response_norm(
    input: jax.Array, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0
) -> jax.Array:
    """Divide each value of `(N, C, ...)` by a power of the mean square of `size` neighbouring channels."""
    if input.ndim < 3 or size < 1:
        raise ValueError(f"local_response_norm takes (N, C, ...) and a positive size, got {input.shape} and {size}")
    widths = [(0, 0)] * input.ndim
    widths[1] = (size // 2, (size - 1) // 2)
    total = lax.reduce_window(
        jnp.pad(input * input, widths),
        np.array(0, input.dtype),  # a constant: JAX differentiates sums of windows from 0 only
        lax.add,
        (1, size, *(1,) * (input.ndim - 2)),
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
