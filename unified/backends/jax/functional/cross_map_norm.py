"""`torch.nn.CrossMapLRN2d`, to the letter: no function of `torch.nn.functional` computes it."""

import functools
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

__all__ = ["cross_map_norm"]


def _read(channels: int, size: int) -> np.ndarray:
    """Which channels the forward pass sums for each: a sum that moves on, and never drops channel 0."""
    half = (size - 1) // 2 + 1
    table = np.zeros((channels, channels), np.float32)
    table[0, :half] = 1
    for channel in range(1, channels):
        table[channel] = table[channel - 1]
        if channel < channels - half + 1:
            table[channel, channel + half - 1] += 1
        if channel > half:
            table[channel, channel - half] -= 1
    return table


def _read_back(channels: int, size: int) -> np.ndarray:
    """Which channels the backward pass sums for each: a plain window."""
    before = int(size - (size - 1) / 2)
    channel, other = np.indices((channels, channels))
    return ((channel <= other + before) & (other + before < channel + size)).astype(np.float32)


@functools.partial(jax.custom_vjp, nondiff_argnums=(1, 2, 3, 4))
def cross_map_norm(input: jax.Array, size: int, alpha: float, beta: float, k: float) -> jax.Array:
    """`(N, C, H, W)` over a power of the squares of neighbouring channels."""
    return _forward(input, size, alpha, beta, k)[0]


def _forward(input: jax.Array, size: int, alpha: float, beta: float, k: float) -> Any:
    table = _read(input.shape[1], size).astype(input.dtype)
    scale = k + alpha / size * jnp.einsum("cd,ndhw->nchw", table, input * input)
    output = input * scale**-beta
    return output, (input, output, scale)


def _backward(size: int, alpha: float, beta: float, k: float, kept: Any, gradient: jax.Array) -> tuple[jax.Array]:
    input, output, scale = kept
    table = _read_back(input.shape[1], size).astype(input.dtype)
    ratio = jnp.einsum("cd,ndhw->nchw", table, gradient * output / scale)
    return (gradient * scale**-beta - 2 * alpha * beta / size * input * ratio,)


cross_map_norm.defvjp(_forward, _backward)
