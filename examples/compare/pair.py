"""The two sides and the inputs that `compare.toml` names, and a Flax side with a mistake.

Part of examples/compare: `run.py` runs it.
"""

from typing import Any

import jax
import numpy as np
import torch
from flax_model import Reader as FlaxReader
from pytorch_model import Reader

from unified.testing import sides

IMAGES = 2 * np.random.default_rng(0).standard_normal((2, 1, 16, 12)).astype("float32")


def torch_side() -> Any:
    torch.manual_seed(0)
    return sides.torch(Reader())


def flax_side(approximate: bool = False) -> Any:
    module = FlaxReader(approximate=approximate)
    return sides.flax(module, module.init(jax.random.key(0), IMAGES.transpose(0, 2, 3, 1)))


def mistaken_side() -> Any:
    return flax_side(approximate=True)


def inputs() -> tuple[np.ndarray]:
    return (IMAGES,)
