"""Steps of layers that a framework can run in one kernel: written here in `jax.numpy`, and taken over by a backend.

A backend whose `compat("fused")` has a function of the same name answers for it, and may decline with `NotImplemented`.
On JAX the compiler fuses what is written here.
"""

from collections.abc import Callable
from typing import Any

from unified.compat.jax import config as _config
from unified.compat.jax import lax, nn
from unified.compat.jax import numpy as jnp
from unified.compat.jax.active_backend import backend_for
from unified.compat.jax.implementations import implementation

__all__ = ["attention", "batch_norm", "layer_norm", "linear", "moments", "moving_average", "normalised"]


def _run_kernel(name: str, x: Any, *args: Any) -> Any:
    """Return the result of the backend's kernel, or `NotImplemented`."""
    own = getattr(implementation(backend_for(x).name, "fused"), name, None)
    return NotImplemented if own is None else own(x, *args)


def linear(x: Any, w: Any, b: Any, precision: Any) -> Any:
    """Return `x @ w + b`, or `x @ w` if `b` is `None`."""
    out = _run_kernel("linear", x, w, b)
    if out is not NotImplemented:
        return out
    out = jnp.dot(x, w, precision=precision)
    return out if b is None else out + jnp.broadcast_to(b, out.shape)


def attention(queries: Any, keys: Any, values: Any, mask: Any, root: Any) -> Any:
    """Return the attention of heads `[..., time, heads, size]`, with scores divided by `root`."""
    out = _run_kernel("attention", queries, keys, values, mask, root)
    if out is not NotImplemented:
        return out
    logits = jnp.einsum("...thd,...Thd->...htT", queries, keys)
    logits = logits / jnp.asarray(root, keys.dtype)
    if mask is not None:
        if mask.ndim != logits.ndim:
            raise ValueError(
                f"the mask has {mask.ndim} axes and the scores have {logits.ndim}, [..., heads, time, source]: give it "
                "an axis of size 1 for each that it lacks"
            )
        logits = jnp.where(mask, logits, -1e30)
    return jnp.einsum("...htT,...Thd->...thd", nn.softmax(logits), values)


def batch_norm(x: Any, axes: Any, channel: int, scale: Any, offset: Any, eps: Any, shared: Any) -> tuple[Any, Any, Any]:
    """Normalise `x` over `axes`; return it, its mean and its variance, these with axes of size 1."""
    if shared is None and len(axes) == x.ndim - 1:
        out = _run_kernel("batch_norm", x, channel, scale, offset, eps)
        if out is not NotImplemented:
            return out
    mean, var = moments(x, axes, shared)
    return normalised(x, mean, var, scale, offset, eps), mean, var


def moments(x: Any, axes: Any, shared: Callable[[Any], Any] | None) -> tuple[Any, Any]:
    """Return the mean and variance over `axes`, which stay with size 1; `shared` averages over replicas."""
    mean = jnp.mean(x, axes, keepdims=True)
    square = jnp.mean(jnp.square(x), axes, keepdims=True)
    if shared is not None:
        mean, square = shared(mean), shared(square)
    return mean, square - jnp.square(mean)


def moving_average(hidden: Any, value: Any, decay: Any, counter: Any, debias: bool) -> tuple[Any, Any]:
    """Return the moving sum with `value` added, and the average; `debias` divides by the sum of weights so far."""
    out = _run_kernel("moving_average", hidden, value, decay, counter, debias)
    if out is not NotImplemented:
        return out
    decay, one = lax.convert_element_type(decay, value.dtype), jnp.ones([], value.dtype)
    hidden = hidden * decay + value * (one - decay)
    return hidden, hidden / (one - jnp.power(decay, counter)) if debias else hidden


def normalised(x: Any, mean: Any, var: Any, scale: Any, offset: Any, eps: Any) -> Any:
    """Return `(x - mean) / sqrt(var + eps) * scale + offset`."""
    out = _run_kernel("normalised", x, mean, var, scale, offset, eps)
    if out is not NotImplemented:
        return out
    inverse = lax.rsqrt(var + lax.convert_element_type(eps, var.dtype))
    out = (x - mean) * (inverse if scale is None else scale * inverse)
    return out if offset is None else out + offset


def layer_norm(x: Any, axes: tuple[int, ...], scale: Any, offset: Any, eps: Any, fast: bool) -> Any:
    """Normalise `x` over `axes`; `fast` computes the variance as the mean square minus the squared mean."""
    if not fast:
        out = _run_kernel("layer_norm", x, axes, scale, offset, eps)
        if out is not NotImplemented:
            return out
    mean = jnp.mean(x, axis=axes, keepdims=True)
    if fast:
        variance = jnp.mean(jnp.square(x), axis=axes, keepdims=True) - jnp.square(mean)
    else:
        variance = jnp.var(x, axis=axes, keepdims=True)
    if _config.rank_promotion() != "allow":
        scale, offset, mean = (v if v is None else jnp.broadcast_to(v, x.shape) for v in (scale, offset, mean))
    inverse = lax.rsqrt(variance + lax.convert_element_type(eps, variance.dtype))
    out = (inverse if scale is None else scale * inverse) * (x - mean)
    return out if offset is None else out + offset
