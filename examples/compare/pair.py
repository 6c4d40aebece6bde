"""The two sides and the inputs that `compare.toml` names, and a Flax side with a mistake."""

from typing import Any

import jax
import numpy as np
import torch
from flax_model import Classifier
from pytorch_model import ConvNet

from unified.testing import sides

IMAGES = 2 * np.random.default_rng(0).standard_normal((4, 3, 8, 8)).astype("float32")


def torch_side() -> Any:
    torch.manual_seed(0)
    return sides.torch(ConvNet())


def flax_side(approximate: bool = False) -> Any:
    module = Classifier(approximate=approximate)
    return sides.flax(module, module.init(jax.random.key(0), IMAGES.transpose(0, 2, 3, 1)))


def mistaken_side() -> Any:
    return flax_side(approximate=True)


def inputs() -> tuple[np.ndarray]:
    return (IMAGES,)
