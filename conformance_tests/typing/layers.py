"""Layers as a user writes them: the types of what they return, their attributes, subclasses, `isinstance`."""

from typing import assert_type

import jax
import jax.numpy as jnp
import torch
from torch import nn

import unified as u
import unified.functional as F

x = torch.ones(2, 10)
j = jnp.ones((2, 10))


def of_both_frameworks() -> None:
    """A layer returns arrays of the framework whose arrays it is given."""
    linear = u.Linear(10, 64, bias=False, name="first", init_fn=u.initializers.zeros, metadata={"sharding": (None,)})
    assert_type(linear(x), torch.Tensor)
    assert_type(linear(j), jax.Array)
    assert_type(u.Linear(None, 64)(x), torch.Tensor)
    assert_type(u.ReLU()(u.BatchNorm1d(64)(linear(x))), torch.Tensor)
    assert_type(u.Conv2d(3, 8, (3, 3), padding="same")(x), torch.Tensor)
    assert_type(u.Embedding(10, 4)(x), torch.Tensor)
    assert_type(u.Embedding.attend(u.Embedding(10, 4), x), torch.Tensor)
    assert_type(u.EmbeddingBag(10, 4, mode="sum")(j, j, per_sample_weights=j), jax.Array)
    assert_type(u.LazyLinear(3)(x), torch.Tensor)
    assert_type(linear.in_features, int)
    print(linear.weight.shape, linear.bias)
    assert_type(u.weight_norm(linear)(x), torch.Tensor)
    assert_type(u.spectral_norm(u.Conv2d(3, 8, 3), n_power_iterations=2)(j), jax.Array)


def of_losses() -> None:
    """Losses return arrays, whatever the targets are."""
    assert_type(u.CrossEntropyLoss(label_smoothing=0.1)(x, x), torch.Tensor)
    assert_type(u.MSELoss(reduction="sum")(j, j), jax.Array)
    assert_type(u.GaussianNLLLoss()(x, x, 1.0), torch.Tensor)
    assert_type(u.CTCLoss()(x, x, (2,), (2,)), torch.Tensor)
    assert_type(F.cross_entropy(x, x, label_smoothing=0.1), torch.Tensor)
    output, loss = u.AdaptiveLogSoftmaxWithLoss(10, 20, [5])(x, x)
    assert_type(output, torch.Tensor)
    assert_type(loss, torch.Tensor)
    assert_type(u.AdaptiveLogSoftmaxWithLoss(10, 20, [5])(x, x).loss, torch.Tensor)


def of_several_outputs() -> None:
    """Tuples have the types of their parts."""
    y, (h, c) = u.LSTM(10, 4, num_layers=2)(x)
    assert_type(y, torch.Tensor)
    assert_type(h, torch.Tensor)
    assert_type(c, torch.Tensor)
    assert_type(u.GRU(10, 4)(j), tuple[jax.Array, jax.Array])
    assert_type(u.LSTMCell(10, 4)(x, (x, x)), tuple[torch.Tensor, torch.Tensor])
    assert_type(u.MultiheadAttention(10, 2)(x, x, x, need_weights=False), tuple[torch.Tensor, torch.Tensor | None])
    packed = nn.utils.rnn.pack_sequence([x])
    assert_type(u.GRU(10, 4)(packed)[0], nn.utils.rnn.PackedSequence)
    assert_type(u.MaxPool2d(2)(x), torch.Tensor)
    values, indices = u.MaxPool2d(2, return_indices=True)(x)
    print(u.MaxUnpool2d(2)(values, indices))


def of_containers() -> torch.Tensor:
    """What a container returns may be passed on."""
    layer = u.TransformerEncoderLayer(64, 4, activation=F.silu, batch_first=True)
    encoder = u.TransformerEncoder(layer, num_layers=2, norm=u.LayerNorm(64), enable_nested_tensor=False)
    assert_type(encoder(x), torch.Tensor)
    assert_type(u.Transformer(64, 4, custom_encoder=encoder)(x, x), torch.Tensor)
    print(layer.self_attn.in_proj_weight)
    print(u.Sequential({"first": u.Linear(1, 2)}))
    return u.Sequential(u.Linear(None, 64), u.ReLU(), u.Linear(64, 10), name="head")(x)


class LoRALinear(u.Linear):
    """A layer with a product of two small matrices beside it, for either framework."""

    def __init__(self, in_features: int, out_features: int, rank: int = 4, bias: bool = True) -> None:
        super().__init__(in_features, out_features, bias=bias)
        self.rank = rank

    def forward(self, x: u.Array) -> u.Array:
        a = u.get_parameter("lora_a", (self.rank, self.in_features), u.initializers.normal(0.0, 0.02))
        b = u.get_parameter("lora_b", (self.out_features, self.rank), metadata={"sharding": ("model", None)})
        return super().forward(x) + x @ a.T @ b.T


class Doubled(u.Conv1d):
    """One for PyTorch alone."""

    def forward(self, signal: torch.Tensor) -> torch.Tensor:
        return 2 * super().forward(signal)


class Tapped(u.LSTM):
    """One for JAX alone."""

    def forward(
        self, input: jax.Array, hx: tuple[jax.Array, jax.Array] | None = None
    ) -> tuple[jax.Array, tuple[jax.Array, jax.Array]]:
        output, state = super().forward(input, hx)
        u.sow("output", output)
        return output, state


def of_subclasses() -> None:
    """A subclass is a layer, with what it adds."""
    lora = LoRALinear(10, 10, rank=2)
    assert_type(lora, LoRALinear)
    assert_type(lora(x), torch.Tensor)
    assert_type(lora.rank, int)
    assert_type(Doubled(1, 2, 3)(x), torch.Tensor)
    layers: list[u.Layer] = [lora, u.ReLU(), Tapped(3, 4)]
    for layer in layers:
        if isinstance(layer, u.Linear):
            print(layer.out_features, layer(x).sum())


def of_modules(net: nn.Module) -> None:
    """The layers of a model are found by `isinstance`."""
    for module in net.modules():
        if isinstance(module, u.Linear | u.Conv2d):
            print(module.weight)


class Block(u.Module):
    """A module that keeps what it is given, and has methods."""

    def __init__(self, width: int, name: str | None = None) -> None:
        self.width = width

    def __call__(self, x: u.Array) -> u.Array:
        return x + self.decode(self.encode(x))

    def encode(self, x: u.Array) -> u.Array:
        return F.gelu(u.Linear(x.shape[-1], self.width)(x))

    def decode(self, z: u.Array) -> u.Array:
        return u.Linear(self.width, z.shape[-1])(z)


def of_user_modules() -> None:
    """A module is of its class."""
    block = Block(4, name="first")
    assert_type(block, Block)
    assert_type(Block(4).width, int)
    print(block(x), block.encode(j))
