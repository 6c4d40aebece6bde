"""A pair: two implementations of one model, with inputs."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch

__all__ = ["PAIRS", "Pair", "normal", "pair", "trained"]

PAIRS: dict[str, Callable[[], "Pair"]] = {}


@dataclass
class Pair:
    """Two sides, inputs in the first's layout, and how the second's follow."""

    first: Any
    second: Any
    inputs: tuple[Any, ...]
    layouts: dict[Any, str] = field(default_factory=dict)
    tolerance: float = 1e-5


def pair(make):
    """Register a function that makes a pair under its name."""
    PAIRS[make.__name__] = make
    return make


def normal(*shape, seed=0):
    return np.random.default_rng(seed).standard_normal(shape).astype("float32")


def trained(module, seed=0):
    """The module with values that no layer begins with: biases, scales and statistics that are not zeros and ones."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, tensor in module.state_dict().items():
            if tensor.is_floating_point():
                noise = torch.randn(tensor.shape, generator=generator)
                if name.endswith("running_var"):
                    tensor.copy_(1 + 0.5 * noise.abs())
                elif tensor.ndim < 2:
                    tensor.add_(0.2 * noise)
                else:
                    tensor.copy_(noise / tensor[0].numel() ** 0.5)
    return module.eval()
