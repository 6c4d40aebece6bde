"""The classes of examples/objects, and the same text with torch's imports."""

import pathlib
import sys
import types
from typing import Any

import numpy as np

FOLDER = pathlib.Path(__file__).parents[2] / "examples" / "objects"

# What stands in the place of each import in a twin.
IMPORTS = (
    ("from unified.nn.random import", "from torch import"),
    ("import unified.numpy as unp", "import array_api_compat.torch as unp"),
    (", like=tokens)", ", device=tokens.device)"),
    ("import unified.functional as F", "import torch.nn.functional as F"),
    ("import unified.nn as nn", "import torch.nn as nn"),
    ("from numpy import", "from torch import"),
)


def load(name: str, as_torch: bool = False) -> Any:
    """Return the module of an example, or its twin for torch alone."""
    path = FOLDER / f"{name}.py"
    source = path.read_text()
    if as_torch:
        for ours, theirs in IMPORTS:
            source = source.replace(ours, theirs)
        assert "unified" not in source.split('"""', 2)[2]
    full = f"{name}_{'twin' if as_torch else 'object'}"
    if full not in sys.modules:
        module = types.ModuleType(full)
        sys.modules[full] = module
        exec(compile(source, str(path), "exec"), module.__dict__)
    return sys.modules[full]


def rng(seed: int) -> np.random.Generator:
    return np.random.default_rng(seed)


def images(size: int, channels: int = 3) -> tuple[Any, ...]:
    return (rng(1).standard_normal((4, channels, size, size)).astype(np.float32),)


# The class of each example, its arguments, and its inputs.
EXAMPLES: dict[str, tuple[str, str, dict[str, Any], tuple[Any, ...]]] = {
    "gpt": ("gpt", "GPT", {}, (rng(0).integers(0, 65, (2, 16)),)),
    "resnet": ("resnet", "ResNet", {}, images(32)),
    "resnet_bottleneck": ("resnet", "ResNet", {"zero_init_residual": True}, images(32)),
    "unet": ("unet", "UNet", {}, images(10)),
    "unet_bilinear": ("unet", "UNet", {"bilinear": True}, images(8)),
    "vae": ("vae", "VAE", {}, (rng(2).random((3, 1, 8, 8)).astype(np.float32),)),
    "vit": ("vit", "ViT", {}, images(8)),
    "tagger": ("tagger", "Tagger", {}, (rng(3).integers(0, 30, (2, 5)), rng(4).integers(0, 12, (2, 5, 6)))),
}
