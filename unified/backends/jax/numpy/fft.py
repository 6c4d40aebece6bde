"""Fourier transforms, on JAX."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp

from unified.backends.jax.numpy.creation import place
from unified.backends.jax.numpy.operands import array, as_number

__all__ = [
    "fft",
    "fftfreq",
    "fftn",
    "fftshift",
    "hfft",
    "ifft",
    "ifftn",
    "ifftshift",
    "ihfft",
    "irfft",
    "irfftn",
    "rfft",
    "rfftfreq",
    "rfftn",
]


def _transform(function: Callable[..., jax.Array]) -> Callable[..., jax.Array]:
    def call(x: Any, **options: Any) -> jax.Array:
        return function(array(x), **options)

    return call


fft = _transform(jnp.fft.fft)
fftn = _transform(jnp.fft.fftn)
fftshift = _transform(jnp.fft.fftshift)
hfft = _transform(jnp.fft.hfft)
ifft = _transform(jnp.fft.ifft)
ifftn = _transform(jnp.fft.ifftn)
ifftshift = _transform(jnp.fft.ifftshift)
ihfft = _transform(jnp.fft.ihfft)
irfft = _transform(jnp.fft.irfft)
irfftn = _transform(jnp.fft.irfftn)
rfft = _transform(jnp.fft.rfft)
rfftn = _transform(jnp.fft.rfftn)


def _frequencies(function: Callable[..., jax.Array]) -> Callable[..., jax.Array]:
    def call(n: int, *, d: float = 1.0, dtype: Any = None, device: Any = None, like: Any = None) -> jax.Array:
        asked, floating, device = place(dtype, device, like)
        return function(n, d=as_number(d), dtype=asked or floating, device=device)

    return call


fftfreq = _frequencies(jnp.fft.fftfreq)
rfftfreq = _frequencies(jnp.fft.rfftfreq)
