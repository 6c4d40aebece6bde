"""`torch.nn.CrossMapLRN2d` with all its quirks, as no function of `torch.nn.functional` computes it."""

import functools
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

__all__ = ["cross_map_norm"]


def _forward_table(channels: int, size: int) -> np.ndarray:
    """Return the channels that the forward pass sums for each channel: a moving sum that never drops channel 0."""
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


def _backward_table(channels: int, size: int) -> np.ndarray:
    """Return the channels that the backward pass sums for each channel: a plain window."""
    before = int(size - (size - 1) / 2)
    channel, other = np.indices((channels, channels))
    return ((channel <= other + before) & (other + before < channel + size)).astype(np.float32)


@functools.partial(jax.custom_vjp, nondiff_argnums=(1, 2, 3, 4))
def cross_map_norm(input: jax.Array, size: int, alpha: float, beta: float, k: float) -> jax.Array:
    """Divide `(N, C, H, W)` by a power of a sum of squares over neighbouring channels."""
    return _forward(input, size, alpha, beta, k)[0]


def _forward(input: jax.Array, size: int, alpha: float, beta: float, k: float) -> Any:
    table = _forward_table(input.shape[1], size).astype(input.dtype)
    scale = k + alpha / size * jnp.einsum("cd,ndhw->nchw", table, input * input)
    output = input * scale**-beta
    return output, (input, output, scale)


def _backward(size: int, alpha: float, beta: float, k: float, residuals: Any, gradient: jax.Array) -> tuple[jax.Array]:
    input, output, scale = residuals
    table = _backward_table(input.shape[1], size).astype(input.dtype)
    ratio = jnp.einsum("cd,ndhw->nchw", table, gradient * output / scale)
    return (gradient * scale**-beta - 2 * alpha * beta / size * input * ratio,)


cross_map_norm.defvjp(_forward, _backward)
