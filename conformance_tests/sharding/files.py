"""A net whose file goes between frameworks and numbers of processes."""

from typing import Any

import numpy as np

import unified as u

__all__ = ["FILE", "RULES", "forward", "tokens"]

FILE = "net.safetensors"
RULES = {"h/*/weight": ("model", None), "embedding/weight": (None, "model"), "odd/weight": (None, "model")}


def forward(tokens: Any) -> Any:
    """Layers in a stack, layers with sizes that no mesh divides, state with a scalar, and one value."""
    x = u.Embedding(10, 8)(tokens)
    x = u.layer_stack(3, name="h")(lambda x: u.Linear(8, 8)(x))(x)
    x = u.BatchNorm1d(8)(x.reshape(-1, 8)) * u.get_parameter("scale", 1, init_fn=u.initializers.ones)
    return u.Linear(8, 7, name="odd")(x)


def tokens() -> np.ndarray:
    return np.zeros((2, 5), np.int64)
