"""The network that `unified doctor` runs on each framework, and what its run left behind."""

import hashlib
from typing import Any

import numpy as np

import unified as u
import unified.functional as F
from unified.core import backends

__all__ = ["BATCH", "run"]

BATCH = np.linspace(-1, 1, 24, dtype=np.float32).reshape(4, 6)


def _forward(x: Any) -> Any:
    x = F.gelu(u.Linear(None, 8)(x))
    return u.Linear(8, 3)(u.LayerNorm(8)(x))


def run(framework: str) -> dict[str, Any]:
    """Return the shapes, a digest of the bits and the output of the network on a framework.

    Returns:
        `shapes` by path, `bits` (SHA-256 of the initial values in the order of the paths), and `output`, 12 numbers.
    """
    backend = backends.load(framework)
    batch = backend.from_numpy(BATCH, None)
    model: Any = u.transform(_forward, backend=framework)
    initialized = model.init(batch, rng=0)
    params = initialized if isinstance(initialized, u.Params) else initialized.params
    output, _ = model.apply(params, batch)
    arrays = params.to("numpy")
    digest = hashlib.sha256()
    for path in arrays:
        digest.update(f"{path} {arrays[path].dtype}".encode() + arrays[path].tobytes())
    return {
        "shapes": {path: list(arrays[path].shape) for path in arrays},
        "bits": digest.hexdigest(),
        "output": backend.to_numpy(output).ravel().tolist(),
    }
