"""Six networks as PyTorch users write them, over `unified.nn`: each is built on both frameworks and compared.

`python examples/objects/run.py` takes about twenty seconds. It prints, for each network, whether the names and the
initial bits of its variables are equal on PyTorch and on JAX, and the largest difference of its outputs, and exits with
status 1 if one differs. The other files of this folder are the networks; only their imports are not PyTorch's.
Needs: unified-nn[all]
"""

import sys
from typing import Any

import jax.numpy as jnp
import numpy as np
import torch
from gpt import GPT
from resnet import ResNet
from tagger import Tagger
from unet import UNet
from vae import VAE
from vit import ViT

import unified.nn as nn

LARGEST = 1e-5
RANDOM = np.random.default_rng(0)
NETWORKS: dict[Any, tuple[np.ndarray, ...]] = {  # with their inputs
    GPT: (RANDOM.integers(0, 65, (2, 16)),),
    ResNet: (RANDOM.standard_normal((4, 3, 32, 32), np.float32),),
    UNet: (RANDOM.standard_normal((4, 3, 16, 16), np.float32),),
    VAE: (RANDOM.random((4, 1, 8, 8), np.float32),),
    ViT: (RANDOM.standard_normal((4, 3, 8, 8), np.float32),),
    Tagger: (RANDOM.integers(0, 30, (2, 5)), RANDOM.integers(0, 12, (2, 5, 6))),
}


def largest_difference(one: Any, other: Any) -> float:
    """Return that of two outputs, which are arrays or tuples of them."""
    if isinstance(one, tuple):
        return max(map(largest_difference, one, other))
    return float(np.abs(one.detach().numpy() - np.asarray(other)).max())


def main() -> bool:
    """Print the table, and return whether all networks are equal."""
    all_equal = True
    print(f"{'':8} {'parameters':>10}  {'initial bits':12}  largest difference of the outputs")
    for cls, inputs in NETWORKS.items():
        on_torch, on_jax = (nn.build(cls, backend=backend, rng=0).eval() for backend in ("torch", "jax"))
        ours, theirs = on_torch.state_dict(), on_jax.state_dict()
        equal = list(ours) == list(theirs) and all(np.array_equal(ours[name], theirs[name]) for name in ours)
        gap = largest_difference(on_torch(*map(torch.tensor, inputs)), on_jax(*map(jnp.asarray, inputs)))
        parameters = sum(p.numel() for p in on_torch.parameters())
        print(f"{cls.__name__:8} {parameters:10,}  {'equal' if equal else 'DIFFERENT':12}  {gap:.1e}")
        all_equal &= equal and gap <= LARGEST
    return all_equal


if __name__ == "__main__":
    sys.exit(not main())
