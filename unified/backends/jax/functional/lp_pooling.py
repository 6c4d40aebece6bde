"""Power-average pooling: the `p`-th root of the sum of `p`-th powers in each window."""

import math
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

from unified.backends.jax.functional.avg_pooling import avg_pool_over
from unified.backends.jax.functional.max_pooling import max_pool_over
from unified.backends.jax.functional.pooling_windows import numbers

__all__ = ["lp_pool1d", "lp_pool2d", "lp_pool3d"]


def lp_pool_over(
    dimensions: int,
    input: jax.Array,
    norm_type: float,
    kernel_size: Any,
    stride: Any,
    ceil_mode: bool,
    data_format: str | None = None,
) -> jax.Array:
    """Return the norm of each window of the last `dimensions`, or of those before the channels."""
    kernel = numbers("kernel_size", kernel_size, dimensions)
    if norm_type == 0:
        raise ValueError("norm_type must not be 0: the norm is a root of that degree")
    if math.isinf(norm_type):
        sign = 1 if norm_type > 0 else -1
        size = input * lax.stop_gradient(jnp.sign(input))  # with gradient 0 at 0, as in torch
        return sign * max_pool_over(dimensions, sign * size, kernel, stride, 0, 1, ceil_mode, False, data_format)
    # As in torch, the sum is the mean times the kernel's size, also where ceil_mode cuts a window off.
    powers = jnp.power(input, norm_type)
    mean = avg_pool_over(dimensions, powers, kernel, stride, 0, ceil_mode, True, None, data_format)
    total = mean * math.prod(kernel)
    is_zero = total == 0  # where the root has an infinite gradient, and torch returns 0
    root = jnp.power(jnp.where(is_zero, 1, total), 1 / norm_type)
    return jnp.where(is_zero, 0 if norm_type > 0 else jnp.inf, root)


def lp_pool1d(
    input: jax.Array, norm_type: float, kernel_size: int, stride: Any = None, ceil_mode: bool = False
) -> jax.Array:
    """Return the `norm_type`-norm of each window of `(N, C, L)` or `(C, L)`."""
    return lp_pool_over(1, input, norm_type, kernel_size, stride, ceil_mode)


def lp_pool2d(
    input: jax.Array, norm_type: float, kernel_size: Any, stride: Any = None, ceil_mode: bool = False
) -> jax.Array:
    """Return the `norm_type`-norm of each window of `(N, C, H, W)` or `(C, H, W)`."""
    return lp_pool_over(2, input, norm_type, kernel_size, stride, ceil_mode)


def lp_pool3d(
    input: jax.Array, norm_type: float, kernel_size: Any, stride: Any = None, ceil_mode: bool = False
) -> jax.Array:
    """Return the `norm_type`-norm of each window of `(N, C, D, H, W)` or `(C, D, H, W)`."""
    return lp_pool_over(3, input, norm_type, kernel_size, stride, ceil_mode)
