"""Activations."""

import warnings
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

__all__ = ["gelu", "log_softmax", "relu", "sigmoid", "silu", "softmax", "softplus", "tanh"]


def relu(input: jax.Array, inplace: bool = False) -> jax.Array:
    """`max(input, 0)`, with gradient 0 at 0."""
    return jax.nn.relu(input)


def gelu(input: jax.Array, approximate: str = "none") -> jax.Array:
    """`input` times the standard normal distribution function of it; `approximate` is `"none"` or `"tanh"`."""
    if approximate not in ("none", "tanh"):
        raise ValueError(f"approximate must be 'none' or 'tanh', got {approximate!r}")
    return jax.nn.gelu(input, approximate=approximate == "tanh")


def tanh(input: jax.Array) -> jax.Array:
    """The hyperbolic tangent."""
    return lax.tanh(input)


def sigmoid(input: jax.Array) -> jax.Array:
    """`1 / (1 + exp(-input))`."""
    return lax.logistic(input)


def silu(input: jax.Array, inplace: bool = False) -> jax.Array:
    """`input * sigmoid(input)`."""
    return input * lax.logistic(input)


def softplus(input: jax.Array, beta: float = 1.0, threshold: float = 20.0) -> jax.Array:
    """`log(1 + exp(beta * input)) / beta`, and `input` itself where `beta * input` exceeds `threshold`."""
    scaled = input * beta
    large = scaled > threshold
    return jnp.where(large, input, jnp.log1p(jnp.exp(jnp.where(large, 0, scaled))) / beta)


def _dimension(name: str, dim: int | None, rank: int) -> int:
    """torch's implicit choice of a dimension, with its warning."""
    if dim is not None:
        return dim
    warnings.warn(f"{name} was not told which dimension to sum over: pass dim=", stacklevel=3)
    return 0 if rank in (0, 1, 3) else 1


def softmax(input: jax.Array, dim: int | None = None, _stacklevel: int = 3, dtype: Any = None) -> jax.Array:
    """`exp(input)`, scaled to sum to one along `dim`."""
    input = input if dtype is None else input.astype(dtype)
    return jax.nn.softmax(input, axis=_dimension("softmax", dim, input.ndim))


def log_softmax(input: jax.Array, dim: int | None = None, _stacklevel: int = 3, dtype: Any = None) -> jax.Array:
    """The logarithm of `softmax`, without its overflow."""
    input = input if dtype is None else input.astype(dtype)
    return jax.nn.log_softmax(input, axis=_dimension("log_softmax", dim, input.ndim))
