"""Random draws of the running call, at a layer's path or at the current scope."""

from typing import Any

import torch

from unified.core.distributions import Bernoulli, Distribution
from unified.core.draws import DROPOUT
from unified.core.scope import current_scope

__all__ = ["draw", "drop"]


def draw(
    distribution: Distribution, shape: tuple[int, ...], dtype: Any, path: str | None, stream: str = ""
) -> torch.Tensor:
    """Return values of `distribution` drawn at `path`, of the stream if there is one; `None` is the current scope."""
    scope = current_scope("a random layer of a model with rng='portable'")
    path = scope.path if path is None else path
    return scope.frame.sample(distribution, shape, dtype, scope.frame.next_draw(path, stream))


def drop(
    input: torch.Tensor, p: float, inplace: bool, path: str | None, shape: tuple[int, ...] | None = None
) -> torch.Tensor:
    """Zero a share `p` of `input` and divide the rest by `1 - p`; the mask has `shape`, which broadcasts."""
    keep = draw(Bernoulli(1 - p), tuple(input.shape) if shape is None else shape, "bool", path, DROPOUT)
    output = torch.where(keep, input / (1 - p) if p < 1 else input, torch.zeros_like(input))
    return input.copy_(output) if inplace else output
