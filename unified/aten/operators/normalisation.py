"""Normalisation. What torch returns for its backward pass alone follows too, and XLA drops it where it is not used."""

from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

from unified.aten.table import operator
from unified.backends.jax import functional as F
from unified.backends.jax.functional.norm import batch_statistics, centre, check_batch, scale_channels


@operator("layer_norm.default")
def layer_norm(x: jax.Array, shape: Any, weight: Any = None, bias: Any = None, eps: float = 1e-5, _: Any = None) -> Any:
    """Normalise over the last dimensions."""
    return F.layer_norm(x, shape, weight, bias, eps)


@operator("native_layer_norm.default")
def native_layer_norm(x: jax.Array, shape: Any, weight: Any, bias: Any, eps: float) -> Any:
    """Normalise over the last dimensions, and return the means and reciprocal deviations too."""
    axes = tuple(range(x.ndim - len(shape), x.ndim))
    mean, variance = jnp.mean(x, axes, keepdims=True), jnp.var(x, axes, keepdims=True)
    return F.layer_norm(x, shape, weight, bias, eps), mean, lax.rsqrt(variance + eps)


@operator("rms_norm.default")
def rms_norm(x: jax.Array, shape: Any, weight: Any = None, eps: float | None = None) -> jax.Array:
    """Divide by the root mean square over the last dimensions."""
    return F.rms_norm(x, shape, weight, eps)


@operator("group_norm.default")
def group_norm(
    x: jax.Array, groups: int, weight: Any = None, bias: Any = None, eps: float = 1e-5, _: Any = None
) -> Any:
    """Normalise over groups of channels."""
    return F.group_norm(x, groups, weight, bias, eps)


@operator("native_group_norm.default")
def native_group_norm(
    x: jax.Array, weight: Any, bias: Any, batch: int, channels: int, size: int, groups: int, eps: float
) -> Any:
    """Normalise over groups of channels, and return the means and reciprocal deviations too."""
    grouped = x.reshape(batch, groups, -1)
    mean, variance = jnp.mean(grouped, -1), jnp.var(grouped, -1)
    return F.group_norm(x, groups, weight, bias, eps), mean, lax.rsqrt(variance + eps)


@operator(
    "_native_batch_norm_legit_functional.default", "_native_batch_norm_legit.default", "native_batch_norm.default"
)
def batch_norm(
    x: jax.Array, weight: Any, bias: Any, mean: Any, variance: Any, training: bool, momentum: float, eps: float
) -> Any:
    """Normalise each channel; return the statistics of the batch and the next running ones too."""
    check_batch(x, training, eps)
    if not training:
        output = scale_channels(centre(x, mean), variance, weight, bias, eps).astype(x.dtype)
        return output, jnp.zeros(0, mean.dtype), jnp.zeros(0, mean.dtype), mean, variance
    batch_mean, batch_variance, centred = batch_statistics(x)
    output = scale_channels(centred, batch_variance, weight, bias, eps).astype(x.dtype)
    saved = batch_mean, lax.rsqrt(batch_variance + eps)
    if mean is None:
        return (output, *saved)
    count = x.size // x.shape[1]
    unbiased = batch_variance * (count / (count - 1)) if count > 1 else batch_variance
    new_mean = (1 - momentum) * mean + momentum * batch_mean.astype(mean.dtype)
    new_variance = (1 - momentum) * variance + momentum * unbiased.astype(variance.dtype)
    if not count:  # a batch without values tells nothing
        new_mean, new_variance = mean, variance
    return (output, *saved, new_mean, new_variance)


@operator("_native_batch_norm_legit.no_stats")
def batch_norm_without_statistics(
    x: jax.Array, weight: Any, bias: Any, training: bool, momentum: float, eps: float
) -> Any:
    """Normalise each channel by the statistics of the batch."""
    return batch_norm(x, weight, bias, None, None, True, momentum, eps)


@operator("_native_batch_norm_legit_no_training.default")
def batch_norm_in_evaluation(
    x: jax.Array, weight: Any, bias: Any, mean: Any, variance: Any, momentum: float, eps: float
) -> Any:
    """Normalise each channel by the running statistics."""
    return batch_norm(x, weight, bias, mean, variance, False, momentum, eps)[:3]
