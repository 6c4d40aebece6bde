"""The net of the torch benchmarks, 100 x (Linear(10, 10), relu) on a batch of 2, written inline and by hand."""

import torch
import torch.nn.functional as torch_functional
from torch import nn

import unified as u
import unified.functional as F

__all__ = ["Attributes", "Listed", "blaze_net", "example", "inline", "inline_torch_functional"]

LAYERS = 100
WIDTH = 10
NAMES = [f"l{number}" for number in range(LAYERS)]


def example() -> torch.Tensor:
    """Return the input of all nets."""
    return torch.ones(2, WIDTH)


def inline(x: torch.Tensor) -> torch.Tensor:
    """Run our net, on either framework."""
    for _ in range(LAYERS):
        x = F.relu(u.Linear(WIDTH, WIDTH)(x))
    return x


def inline_torch_functional(x: torch.Tensor) -> torch.Tensor:
    """Run our net with torch's relu, on torch only."""
    for _ in range(LAYERS):
        x = torch_functional.relu(u.Linear(WIDTH, WIDTH)(x))
    return x


class Listed(nn.Module):
    """A hand-written module in the shortest style: a list of layers."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(WIDTH, WIDTH) for _ in range(LAYERS))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        for layer in self.layers:
            x = torch_functional.relu(layer(x))
        return x


class Attributes(nn.Module):
    """A hand-written module in the most common style: one attribute per layer, `self.l0`, `self.l1`, ..."""

    def __init__(self) -> None:
        super().__init__()
        for name in NAMES:
            setattr(self, name, nn.Linear(WIDTH, WIDTH))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        for name in NAMES:
            x = torch_functional.relu(getattr(self, name)(x))
        return x


def blaze_net() -> nn.Module:
    """Return the inline net in blaze, not initialised yet."""
    import blaze

    def forward(x: torch.Tensor) -> torch.Tensor:
        for _ in range(LAYERS):
            x = torch_functional.relu(blaze.Linear(WIDTH, WIDTH)(x))
        return x

    return blaze.transform(forward)
