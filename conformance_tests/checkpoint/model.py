"""A model that other processes and files can import."""

import functools
from typing import Any

import unified as u
import unified.functional as F

__all__ = ["forward", "small"]


class Block(u.Module):
    def __init__(self, width: int) -> None:
        self.width = width

    def __call__(self, x: Any) -> Any:
        return x + u.Dropout(0.1)(u.Linear(None, x.shape[-1])(F.tanh(u.Linear(None, self.width)(x))))


def forward(x: Any, width: int = 8, depth: int = 2) -> Any:
    """A net with state, random numbers and a bfloat16 parameter."""
    x = u.BatchNorm1d(None)(x)
    for _ in range(depth):
        x = Block(width)(x)
    scale = u.get_parameter("scale", (x.shape[-1],), u.initializers.ones, "bfloat16")
    return u.Linear(None, 3)(x * u.array_namespace(x).astype(scale, x.dtype))


small = functools.partial(forward, width=4, depth=1)
