"""The three models that every torch test runs on, each with its hand-written `torch.nn` twin.

A twin has the same names and computes the same, and a `state_dict` of either loads into the other.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
import torch
from torch import nn

import unified as u
import unified.functional as F

__all__ = ["CASES", "Case", "batch", "each_model", "fresh", "labels", "only"]


def mlp(x):
    """Apply three linear layers."""
    for width in (8, 8):
        x = u.Tanh()(u.Linear(x.shape[-1], width)(x))
    return u.Linear(8, 3)(x)


class HandMLP(nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(4, 8)
        self.linear_1 = nn.Linear(8, 8)
        self.linear_2 = nn.Linear(8, 3)

    def forward(self, x):
        return self.linear_2(torch.tanh(self.linear_1(torch.tanh(self.linear(x)))))


def convnet(x):
    """Apply two convolutions with BatchNorm, then dropout and a linear layer."""
    for width in (4, 6):
        x = F.relu(u.BatchNorm2d(None)(u.Conv2d(x.shape[1], width, 3, padding=1)(x)))
        x = u.MaxPool2d(2)(x)
    return u.Linear(None, 3)(u.Dropout(0.25)(u.Flatten()(x)))


class HandConvNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv2d = nn.Conv2d(1, 4, 3, padding=1)
        self.batch_norm2d = nn.BatchNorm2d(4)
        self.conv2d_1 = nn.Conv2d(4, 6, 3, padding=1)
        self.batch_norm2d_1 = nn.BatchNorm2d(6)
        self.dropout = nn.Dropout(0.25)
        self.linear = nn.Linear(24, 3)

    def forward(self, x):
        x = torch.max_pool2d(torch.relu(self.batch_norm2d(self.conv2d(x))), 2)
        x = torch.max_pool2d(torch.relu(self.batch_norm2d_1(self.conv2d_1(x))), 2)
        return self.linear(self.dropout(x.flatten(1)))


class Block(u.Module):
    """A residual block with a parameter and a running mean of its own."""

    def __init__(self, width):
        self.width = width

    def __call__(self, x):
        mean = u.get_state("mean", (x.shape[-1],))
        centred = x - mean
        if u.is_training():
            u.set_state("mean", 0.9 * mean + 0.1 * x.mean(0))
        scale = u.get_parameter("scale", (x.shape[-1],), init_fn=u.initializers.constant(0.5))
        h = F.gelu(u.Linear(x.shape[-1], self.width)(centred))
        return x + scale * u.Linear(self.width, x.shape[-1])(h)


class Encoder(u.Module):
    """Blocks and a norm that `__init__` builds, and a second method with a scope of its own."""

    def __init__(self, depth):
        self.blocks = [Block(8) for _ in range(depth)]
        self.norm = u.LayerNorm(4, name="norm")

    def __call__(self, x):
        for block in self.blocks:
            x = block(x)
        return self.norm(x)

    def project(self, x):
        return u.Linear(None, 3)(x)


def nested(x):
    """Apply modules that contain modules."""
    encoder = Encoder(2)
    return encoder.project(encoder(x))


class HandBlock(nn.Module):
    def __init__(self):
        super().__init__()
        self.scale = nn.Parameter(torch.empty(4))
        self.register_buffer("mean", torch.zeros(4))
        self.linear = nn.Linear(4, 8)
        self.linear_1 = nn.Linear(8, 4)

    def forward(self, x):
        centred = x - self.mean
        if self.training:
            self.mean.copy_(0.9 * self.mean + 0.1 * x.detach().mean(0))
        return x + self.scale * self.linear_1(nn.functional.gelu(self.linear(centred)))


class HandEncoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.block = HandBlock()
        self.block_1 = HandBlock()
        self.norm = nn.LayerNorm(4)
        self.project = nn.ModuleDict({"linear": nn.Linear(4, 3)})

    def forward(self, x):
        return self.project["linear"](self.norm(self.block_1(self.block(x))))


class HandNested(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = HandEncoder()

    def forward(self, x):
        return self.encoder(x)


class Case(NamedTuple):
    """A model: its function, its hand-written twin, and the shape of one input."""

    forward: Callable[[Any], Any]
    twin: type[nn.Module]
    shape: tuple[int, ...]


CASES = [Case(mlp, HandMLP, (4,)), Case(convnet, HandConvNet, (1, 8, 8)), Case(nested, HandNested, (4,))]

each_model = pytest.mark.parametrize("case", CASES, ids=[case.forward.__name__ for case in CASES])


def batch(case: Case, size: int = 6, seed: int = 1) -> torch.Tensor:
    """Return `size` random inputs, the same in every call."""
    return torch.randn(size, *case.shape, generator=torch.Generator().manual_seed(seed))


def labels(size: int = 6) -> torch.Tensor:
    """Return a class for each input."""
    return torch.arange(size) % 3


def only(layer: Any, *args: Any, **kwargs: Any) -> Callable[..., Any]:
    """Return a body of one layer."""

    def forward(*inputs):
        return layer(*args, **kwargs)(*inputs)

    return forward


def fresh(case: Case, **options: Any) -> Any:
    """Return the case's model, initialised from seed 0."""
    return u.transform(case.forward, backend="torch", **options).init(batch(case), rng=0)
