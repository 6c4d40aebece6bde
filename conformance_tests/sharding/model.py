"""A net whose hidden features are split, and a step of its training, for processes that the tests start."""

from typing import Any

import numpy as np

import unified as u
import unified.functional as F

__all__ = ["BATCH", "WHOLE", "annotated", "forward", "inputs"]

WIDTH, BATCH = 16, 8

# The bytes of each variable.
WHOLE = {
    "up/weight": 384,
    "up/bias": 64,
    "down/weight": 384,
    "down/bias": 24,
    "head/weight": 96,
    "head/bias": 16,
    "layer_norm/weight": 24,
    "layer_norm/bias": 24,
}


def forward(x: Any) -> Any:
    """`(N, 6)` to `(N, 4)`: the first layer's outputs are split, and so are the second one's inputs."""
    x = F.gelu(u.Linear(6, WIDTH, name="up")(x))
    x = u.LayerNorm(6)(u.Linear(WIDTH, 6, name="down")(x))
    return u.Linear(6, 4, name="head")(x)


def annotated(what: Any) -> Any:
    """Params or a torch model, with logical names of the split dimensions."""
    return (
        what.annotate("up/weight", sharding=("hidden", None))
        .annotate("up/bias", sharding=("hidden",))
        .annotate("down/weight", sharding=(None, "hidden"))
    )


def inputs() -> tuple[np.ndarray, np.ndarray]:
    """Inputs and targets of a batch."""
    rng = np.random.default_rng(0)
    return rng.standard_normal((BATCH, 6)).astype(np.float32), rng.integers(0, 4, BATCH)
