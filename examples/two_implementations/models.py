"""A text classifier that exists twice: in PyTorch with its transformer's layers, and in Flax, written by hand."""

import flax.linen as fnn
import jax
import jax.numpy as jnp
import numpy as np
import torch
from torch import nn

from unified.testing import sides

WIDTH, HEADS, WORDS, CLASSES = 32, 4, 100, 5


class Classifier(nn.Module):
    """PyTorch: the projections of attention are fused, and so are the gates of the GRU that reads the words."""

    def __init__(self) -> None:
        super().__init__()
        self.embed = nn.Embedding(WORDS, WIDTH)
        layer = nn.TransformerEncoderLayer(WIDTH, HEADS, 2 * WIDTH, activation="gelu", batch_first=True)
        self.encoder = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)
        self.reader = nn.GRU(WIDTH, WIDTH, batch_first=True)
        self.head = nn.Linear(WIDTH, CLASSES)

    def forward(self, words: torch.Tensor) -> torch.Tensor:
        read, _ = self.reader(self.encoder(self.embed(words)))
        logits: torch.Tensor = self.head(read[:, -1])
        return logits


class Layer(fnn.Module):
    """Flax: separate projections with an axis for the heads."""

    @fnn.compact
    def __call__(self, x: jax.Array) -> jax.Array:
        x = fnn.LayerNorm(epsilon=1e-5)(x + fnn.MultiHeadDotProductAttention(num_heads=HEADS)(x))
        hidden = fnn.gelu(fnn.Dense(2 * WIDTH)(x), approximate=False)
        return fnn.LayerNorm(epsilon=1e-5)(x + fnn.Dense(WIDTH)(hidden))


class FlaxClassifier(fnn.Module):
    """Flax: a cell of which each gate has its own weights."""

    @fnn.compact
    def __call__(self, words: jax.Array) -> jax.Array:
        x = fnn.Embed(WORDS, WIDTH)(words)
        for _ in range(2):
            x = Layer()(x)
        return fnn.Dense(CLASSES)(fnn.RNN(fnn.GRUCell(WIDTH))(x)[:, -1])


def inputs() -> tuple[np.ndarray, ...]:
    """Return the inputs of both: numbers of words."""
    return (np.random.default_rng(0).integers(0, WORDS, (4, 12)),)


def torch_side() -> object:
    """Return the implementation in PyTorch."""
    torch.manual_seed(0)
    return sides.torch(Classifier())


def flax_side() -> object:
    """Return the implementation in Flax, whose own weights do not matter."""
    model = FlaxClassifier()
    return sides.flax(model, model.init(jax.random.key(0), jnp.asarray(inputs()[0])))
