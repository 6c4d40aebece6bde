"""A classifier of small images in Haiku: a convolutional stem with batch norm, then transformer blocks.

`unified port examples/port_haiku/model.py` prints its port, which `ported.py` is; `compare.py` runs both.
"""

import dataclasses

import haiku as hk
import jax
import jax.numpy as jnp
import numpy as np


@dataclasses.dataclass(frozen=True)
class Config:
    """The sizes of the network."""

    width: int = 48
    heads: int = 4
    layers: int = 2
    classes: int = 10
    dropout: float = 0.1


class Stem(hk.Module):
    """Two strided convolutions, each with batch norm."""

    def __init__(self, width: int, name: str | None = None):
        super().__init__(name=name)
        self.width = width

    def __call__(self, images: jnp.ndarray, is_training: bool) -> jnp.ndarray:
        x = images
        for channels in (self.width // 2, self.width):
            x = hk.Conv2D(channels, kernel_shape=3, stride=2, with_bias=False)(x)
            x = hk.BatchNorm(create_scale=True, create_offset=True, decay_rate=0.9)(x, is_training)
            x = jax.nn.relu(x)
        return x.reshape(x.shape[0], -1, x.shape[-1])


class Block(hk.Module):
    """Attention and an MLP, each around a residual connection."""

    def __init__(self, config: Config, name: str | None = None):
        super().__init__(name=name)
        self.config = config
        self.w_init = hk.initializers.VarianceScaling(2.0 / config.layers)

    def __call__(self, x: jnp.ndarray, is_training: bool) -> jnp.ndarray:
        config = self.config
        rate = config.dropout if is_training else 0.0
        h = hk.LayerNorm(axis=-1, create_scale=True, create_offset=True)(x)
        attention = hk.MultiHeadAttention(config.heads, config.width // config.heads, w_init=self.w_init)
        x = x + hk.dropout(hk.next_rng_key(), rate, attention(h, h, h))
        h = hk.LayerNorm(axis=-1, create_scale=True, create_offset=True)(x)
        h = hk.nets.MLP([4 * config.width, config.width], w_init=self.w_init, activation=jax.nn.gelu)(h)
        return x + hk.dropout(hk.next_rng_key(), rate, h)


def positions(length: int, width: int) -> jnp.ndarray:
    """Return sines and cosines of many wavelengths, `[length, width]`."""
    phases = jnp.arange(length)[:, None] / 10_000 ** (jnp.arange(0, width, 2) / width)
    return jnp.concatenate([jnp.sin(phases), jnp.cos(phases)], axis=-1)


def forward(images: np.ndarray, is_training: bool, config: Config = Config()) -> jnp.ndarray:
    """Return logits `[batch, classes]` for images `[batch, height, width, channels]`."""
    x = Stem(config.width)(images, is_training)
    x = x + positions(x.shape[1], config.width).astype(x.dtype)
    for _ in range(config.layers):
        x = Block(config)(x, is_training)
    x = hk.LayerNorm(axis=-1, create_scale=True, create_offset=True)(x).mean(axis=1)
    return hk.Linear(config.classes, name="logits")(x)


def loss_of(logits: jnp.ndarray, labels: jnp.ndarray) -> jnp.ndarray:
    """Return the mean cross-entropy."""
    targets = jax.nn.one_hot(labels, logits.shape[-1])
    return -jnp.mean(jnp.sum(targets * jax.nn.log_softmax(logits), axis=-1))
