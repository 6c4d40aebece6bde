"""One small model, the same net written by hand, and the net with its blocks in a `u.layer_stack`."""

from collections.abc import Callable
from typing import Literal

import pytest
import torch
from torch import nn

import unified as u

# Other libraries warn of their own future; they may be absent, and `make test` need not import them.
MARKS = [pytest.mark.full, pytest.mark.filterwarnings("ignore")]

WIDTH, CLASSES, DEPTH = 32, 4, 2
GENERATOR = torch.Generator().manual_seed(0)
X = torch.randn(24, WIDTH, generator=GENERATOR)
LABELS = torch.randint(0, CLASSES, (24,), generator=GENERATOR)


class Block(u.Module):
    def __call__(self, x: torch.Tensor) -> torch.Tensor:
        h = u.Linear(WIDTH, 2 * WIDTH, name="up")(u.LayerNorm(WIDTH, name="norm")(x))
        return x + u.Linear(2 * WIDTH, WIDTH, name="down")(u.ReLU(name="act")(h))


def loop(x):
    x = u.BatchNorm1d(WIDTH, name="statistics")(u.Linear(WIDTH, WIDTH, name="embed")(x))
    for _ in range(DEPTH):
        x = Block()(x)
    return u.Linear(WIDTH, CLASSES, name="head")(u.Dropout(0.1, name="dropout")(x))


def stack(x):
    x = u.BatchNorm1d(WIDTH, name="statistics")(u.Linear(WIDTH, WIDTH, name="embed")(x))
    x = u.layer_stack(DEPTH, name="h")(lambda x: Block()(x))(x)
    return u.Linear(WIDTH, CLASSES, name="head")(u.Dropout(0.1, name="dropout")(x))


class HandBlock(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(WIDTH)
        self.up, self.act, self.down = nn.Linear(WIDTH, 2 * WIDTH), nn.ReLU(), nn.Linear(2 * WIDTH, WIDTH)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + self.down(self.act(self.up(self.norm(x))))


class Hand(nn.Module):
    """The control: what a user of torch would write for `loop`."""

    def __init__(self) -> None:
        super().__init__()
        self.embed, self.statistics = nn.Linear(WIDTH, WIDTH), nn.BatchNorm1d(WIDTH)
        self.block, self.block_1 = HandBlock(), HandBlock()
        self.dropout, self.head = nn.Dropout(0.1), nn.Linear(WIDTH, CLASSES)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.head(self.dropout(self.block_1(self.block(self.statistics(self.embed(x))))))


def make(body: Callable[..., torch.Tensor] = loop, stacks: Literal["stacked", "separate"] = "stacked") -> nn.Module:
    """Return a model of the body, in training."""
    return u.transform(body, backend="torch", stacks=stacks).init(X, rng=0)


def pair() -> tuple[nn.Module, nn.Module]:
    """Return the model and the control, with equal variables."""
    net, hand = make(), Hand()
    hand.load_state_dict(net.state_dict())
    return net, hand


# The adapters of PEFT that are tried on stacks: a class of configurations and its options.
ADAPTERS = {
    "LoRA": ("LoraConfig", {"r": 4}),
    "DoRA": ("LoraConfig", {"r": 4, "use_dora": True}),
    "IA3": ("IA3Config", {"feedforward_modules": ["down"]}),
    "LoHa": ("LoHaConfig", {"r": 4}),
    "LoKr": ("LoKrConfig", {"r": 4}),
}


def assert_equal_variables(one: nn.Module, other: nn.Module) -> None:
    """Raise unless names, their order and all bits are equal."""
    left, right = one.state_dict(), other.state_dict()
    assert list(left) == list(right)
    assert [name for name in left if not torch.equal(left[name], right[name])] == []


def loss_of(model: nn.Module) -> torch.Tensor:
    return nn.functional.cross_entropy(model(X), LABELS)


def train(model: nn.Module, steps: int = 3) -> list[float]:
    """Train what is not frozen with the same dropout every time, and return the losses."""
    torch.manual_seed(0)
    optimizer = torch.optim.Adam([p for p in model.train().parameters() if p.requires_grad], 1e-2)
    losses = []
    for _ in range(steps):
        optimizer.zero_grad()
        loss = loss_of(model)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    model.eval()
    return losses
