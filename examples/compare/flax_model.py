"""The same network as Flax users write it: channels last, separate projections and gates, other names.

Part of examples/compare: `run.py` runs it.
"""

import flax.linen as nn
import jax


class ResidualBlock(nn.Module):
    """A convolution with batch norm around which the input goes."""

    approximate: bool = False

    @nn.compact
    def __call__(self, x: jax.Array, train: bool = False) -> jax.Array:
        y = nn.Conv(x.shape[-1], (3, 3))(x)
        y = nn.BatchNorm(use_running_average=not train, momentum=0.9)(y)
        return x + nn.gelu(y, approximate=self.approximate)


class EncoderLayer(nn.Module):
    """Attention whose projections have an axis for the heads, and an MLP."""

    heads: int = 4

    @nn.compact
    def __call__(self, x: jax.Array) -> jax.Array:
        x = nn.LayerNorm(epsilon=1e-5)(x + nn.MultiHeadDotProductAttention(num_heads=self.heads)(x))
        hidden = nn.gelu(nn.Dense(2 * x.shape[-1])(x), approximate=False)
        return nn.LayerNorm(epsilon=1e-5)(x + nn.Dense(x.shape[-1])(hidden))


class Reader(nn.Module):
    """Logits of a character for each column of an image `(batch, height, columns, 1)`, whose height is halved."""

    channels: int = 8
    width: int = 32
    characters: int = 20
    approximate: bool = False  # nn.gelu's default is True, and PyTorch's GELU is exact

    @nn.compact
    def __call__(self, images: jax.Array, train: bool = False) -> jax.Array:
        x = nn.Conv(self.channels, (3, 3), name="patches")(images)
        for number in range(2):
            x = ResidualBlock(self.approximate, name=f"layer{number}")(x, train)
        x = nn.avg_pool(x, (2, 1), (2, 1)).swapaxes(1, 2)  # (batch, columns, height, channels)
        x = nn.Dense(self.width)(x.reshape(*x.shape[:2], -1))
        x = nn.RNN(nn.GRUCell(self.width))(EncoderLayer()(x))
        return nn.Dense(self.characters, name="logits")(x)
