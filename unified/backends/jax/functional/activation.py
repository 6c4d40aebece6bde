"""Activations."""

import warnings
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

from unified.backends.jax.functional.broadcasting import along
from unified.backends.jax.functional.checks import check_floating

__all__ = [
    "celu",
    "elu",
    "gelu",
    "glu",
    "leaky_relu",
    "log_softmax",
    "logsigmoid",
    "mish",
    "prelu",
    "relu",
    "selu",
    "sigmoid",
    "silu",
    "softmax",
    "softmin",
    "softplus",
    "softsign",
    "tanh",
    "tanhshrink",
]


def relu(input: jax.Array, inplace: bool = False) -> jax.Array:
    """Return `max(input, 0)`, with gradient 0 at 0."""
    return jax.nn.relu(input)


def gelu(input: jax.Array, approximate: str = "none") -> jax.Array:
    """Return `input` times its standard normal distribution function; `approximate` is `"none"` or `"tanh"`."""
    check_floating("gelu", input)
    if approximate not in ("none", "tanh"):
        raise ValueError(f"approximate must be 'none' or 'tanh', got {approximate!r}")
    return jax.nn.gelu(input, approximate=approximate == "tanh")


def _floating(input: jax.Array) -> jax.Array:
    """Return integers and booleans as float32, as torch computes with them."""
    return input if jnp.issubdtype(input.dtype, jnp.inexact) else input.astype(jnp.float32)


def tanh(input: jax.Array) -> jax.Array:
    """Return the hyperbolic tangent."""
    return lax.tanh(_floating(input))


def sigmoid(input: jax.Array) -> jax.Array:
    """Return `1 / (1 + exp(-input))`."""
    return lax.logistic(_floating(input))


def silu(input: jax.Array, inplace: bool = False) -> jax.Array:
    """Return `input * sigmoid(input)`."""
    check_floating("silu", input)
    return input * lax.logistic(input)


def softplus(input: jax.Array, beta: float = 1.0, threshold: float = 20.0) -> jax.Array:
    """Return `log(1 + exp(beta * input)) / beta`, and `input` itself where `beta * input` exceeds `threshold`."""
    check_floating("softplus", input)
    scaled = input * beta
    large = scaled > threshold
    return jnp.where(large, input, jnp.log1p(jnp.exp(jnp.where(large, 0, scaled))) / beta)


def _resolve_dim(name: str, dim: int | None, rank: int) -> int:
    """Return `dim`; warn if it is `None`, and return torch's implicit choice."""
    if dim is not None:
        return dim
    warnings.warn(f"{name} without dim= sums over an implicit dimension: pass dim=", stacklevel=3)
    return 0 if rank in (0, 1, 3) else 1


def softmax(input: jax.Array, dim: int | None = None, _stacklevel: int = 3, dtype: Any = None) -> jax.Array:
    """Return `exp(input)`, scaled to sum to one along `dim`."""
    input = input if dtype is None else input.astype(dtype)
    check_floating("softmax", input)
    axis = _resolve_dim("softmax", dim, input.ndim)
    return jax.nn.softmax(input, axis) if input.ndim else jax.nn.softmax(input[None], axis)[0]


def log_softmax(input: jax.Array, dim: int | None = None, _stacklevel: int = 3, dtype: Any = None) -> jax.Array:
    """Return the logarithm of `softmax`, without its overflow."""
    input = input if dtype is None else input.astype(dtype)
    check_floating("log_softmax", input)
    axis = _resolve_dim("log_softmax", dim, input.ndim)
    return jax.nn.log_softmax(input, axis) if input.ndim else jax.nn.log_softmax(input[None], axis)[0]


def softmin(input: jax.Array, dim: int | None = None, _stacklevel: int = 3, dtype: Any = None) -> jax.Array:
    """Return the `softmax` of the negated input."""
    return softmax(-input, _resolve_dim("softmin", dim, input.ndim), dtype=dtype)


def leaky_relu(input: jax.Array, negative_slope: float = 0.01, inplace: bool = False) -> jax.Array:
    """Return `input`, multiplied by `negative_slope` where it is not positive."""
    check_floating("leaky_relu", input)
    return jnp.where(input > 0, input, input * negative_slope)


def prelu(input: jax.Array, weight: jax.Array) -> jax.Array:
    """Apply `leaky_relu` with a learnable slope: one number, or one for each channel (dimension 1)."""
    return prelu_along(input, weight, 1)


def prelu_along(input: jax.Array, weight: jax.Array, axis: int) -> jax.Array:
    """Compute `prelu` of an input with channels along `axis`, which is 1 or -1."""
    check_floating("prelu", input)
    if weight.ndim > 1:
        raise ValueError(f"weight must be one number or one for each channel, got shape {weight.shape}")
    if weight.size != 1:
        channels = input.shape[axis] if input.ndim > 1 else 1
        if weight.size != channels:
            raise ValueError(f"weight must have one number, or {channels} for the channels, got {weight.size}")
        weight = weight.reshape(along((axis % input.ndim,), input.ndim, [-1], 1) if input.ndim > 1 else -1)
    else:
        weight = weight.reshape(())
    return jnp.where(input > 0, input, weight * input)


def _exponential(input: jax.Array, negative: float, positive: float, within: float) -> jax.Array:
    """Return `positive * input` above zero, else `negative * (exp(within * input) - 1)`."""
    below = input <= 0
    return jnp.where(below, negative * jnp.expm1(jnp.where(below, input, 0) * within), positive * input)


def elu(input: jax.Array, alpha: float = 1.0, inplace: bool = False) -> jax.Array:
    """Return `input` above zero, else `alpha * (exp(input) - 1)`."""
    check_floating("elu", input)
    return _exponential(input, alpha, 1.0, 1.0)


# Klambauer et al. (2017), appendix 1.
SELU_ALPHA, SELU_SCALE = 1.6732632423543772, 1.0507009873554805


def selu(input: jax.Array, inplace: bool = False) -> jax.Array:
    """Apply a scaled `elu`, whose two constants keep mean 0 and variance 1."""
    check_floating("selu", input)
    return _exponential(input, SELU_ALPHA * SELU_SCALE, SELU_SCALE, 1.0)


def celu(input: jax.Array, alpha: float = 1.0, inplace: bool = False) -> jax.Array:
    """Return `input` above zero, else `alpha * (exp(input / alpha) - 1)`."""
    check_floating("celu", input)
    if alpha == 0:
        raise ValueError("alpha must not be zero")
    return _exponential(input, alpha, 1.0, 1.0 / alpha)


def mish(input: jax.Array, inplace: bool = False) -> jax.Array:
    """Return `input * tanh(softplus(input))`."""
    check_floating("mish", input)
    return input * jnp.tanh(softplus(input))


def glu(input: jax.Array, dim: int = -1) -> jax.Array:
    """Return the first half along `dim` times the sigmoid of the second."""
    check_floating("glu", input)
    if input.ndim == 0 or input.shape[dim] % 2:
        raise ValueError(f"dimension {dim} must be even to be halved, got shape {input.shape}")
    first, second = jnp.split(input, 2, dim)
    return first * lax.logistic(second)


def logsigmoid(input: jax.Array) -> jax.Array:
    """Return `log(sigmoid(input))`, without its underflow."""
    check_floating("logsigmoid", input)
    return jax.nn.log_sigmoid(input)


def softsign(input: jax.Array) -> jax.Array:
    """Return `input / (1 + |input|)`."""
    return input / (1 + jnp.abs(input))


def tanhshrink(input: jax.Array) -> jax.Array:
    """Return `input - tanh(input)`."""
    return input - jnp.tanh(input)
