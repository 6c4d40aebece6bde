"""A GPT-2 block on torch, trained, against the same block written for `torch.nn`.

Inline, with a `u.Module` for the attention and one for the block; by hand with `nn.Module`s of the same layers. A time
is that of a training step: forward, the gradients of the mean square, and an update by `torch.optim.SGD`.
"""

from collections.abc import Callable
from typing import Any

import torch
from torch import nn

import unified as u
import unified.functional as F
from benchmarks import fresh
from benchmarks.measure import Samples, interleave
from benchmarks.row import Row, compare

BAR = 1.03
ROUNDS = 120
PROCESSES = 4
SIZES = {
    "width 64": (64, 4, 4, 32),
    "width 256": (256, 4, 4, 64),
    "width 768": (768, 12, 1, 64),
}  # width, heads, batch, length


class Attention(u.Module):
    """Causal self-attention."""

    def __init__(self, width: int, heads: int) -> None:
        self.width, self.heads = width, heads

    def __call__(self, x: Any) -> Any:
        batch, length, _ = x.shape
        parts = u.Linear(self.width, 3 * self.width, name="c_attn")(x).split(self.width, -1)
        query, key, value = (part.reshape(batch, length, self.heads, -1).transpose(1, 2) for part in parts)
        mixed = F.scaled_dot_product_attention(query, key, value, is_causal=True)
        return u.Linear(self.width, self.width, name="c_proj")(mixed.transpose(1, 2).reshape(batch, length, self.width))


class Block(u.Module):
    """A block, inline."""

    def __init__(self, width: int, heads: int) -> None:
        self.width, self.heads = width, heads

    def __call__(self, x: Any) -> Any:
        x = x + Attention(self.width, self.heads)(u.LayerNorm(self.width, name="ln_1")(x))
        h = F.gelu(u.Linear(self.width, 4 * self.width, name="c_fc")(u.LayerNorm(self.width, name="ln_2")(x)))
        return x + u.Linear(4 * self.width, self.width, name="c_proj")(h)


class HandAttention(nn.Module):
    """The same attention, by hand."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.width, self.heads = width, heads
        self.c_attn, self.c_proj = nn.Linear(width, 3 * width), nn.Linear(width, width)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        batch, length, _ = x.shape
        parts = self.c_attn(x).split(self.width, -1)
        query, key, value = (part.reshape(batch, length, self.heads, -1).transpose(1, 2) for part in parts)
        mixed = nn.functional.scaled_dot_product_attention(query, key, value, is_causal=True)
        output: torch.Tensor = self.c_proj(mixed.transpose(1, 2).reshape(batch, length, self.width))
        return output


class HandBlock(nn.Module):
    """The same block, by hand."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.ln_1, self.ln_2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.attention = HandAttention(width, heads)
        self.c_fc, self.c_proj = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = x + self.attention(self.ln_1(x))
        return x + self.c_proj(nn.functional.gelu(self.c_fc(self.ln_2(x))))


class HandModel(nn.Module):
    """A model of one block, by hand."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.block = HandBlock(width, heads)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        output: torch.Tensor = self.block(x)
        return output


def _step(net: nn.Module, x: torch.Tensor) -> Callable[[], Any]:
    optimizer = torch.optim.SGD(net.parameters(), lr=1e-4)
    net.train()

    def step() -> None:
        optimizer.zero_grad()
        net(x).square().mean().backward()
        optimizer.step()

    return step


def measure(rounds: int, number: int, size: str) -> Samples:
    """Return the samples of both in a fresh process, the `number`-th, which sets the order of construction."""
    torch.set_num_threads(1)
    width, heads, batch, length = SIZES[size]
    x = torch.randn(batch, length, width)

    def body(x: Any) -> Any:
        return Block(width, heads)(x)

    makers: list[tuple[str, Callable[[], Any]]] = [
        ("unified", lambda: u.transform(body, backend="torch").init(x, rng=0)),
        ("raw", lambda: HandModel(width, heads)),
    ]
    nets = {key: make() for key, make in makers[:: 1 if number % 2 else -1]}
    return interleave({key: _step(net, x) for key, net in nets.items()}, rounds)


def run(rounds: int = ROUNDS) -> list[Row]:
    """Return the rows of this benchmark."""
    rows = []
    for size in SIZES:
        samples = fresh.pooled(f"{__name__}:measure", rounds, PROCESSES, size)
        rows.append(compare(f"GPT-2 block trained on torch, {size} ÷ nn.Module by hand", samples, bar=BAR))
    return rows
