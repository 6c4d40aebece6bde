"""Models of both backends for tests that run on each: initialised for one input, with arrays as NumPy sees them."""

from typing import Any

import jax.numpy as jnp
import numpy as np
import torch

import unified as u

__all__ = ["X", "array", "host", "initialised"]

X = np.linspace(-1, 1, 8, dtype=np.float32).reshape(2, 4)


def array(backend: str, values: Any = X) -> Any:
    """Return an array of the backend's framework."""
    return torch.from_numpy(values) if backend == "torch" else jnp.asarray(values)


def host(value: Any) -> np.ndarray:
    """Return the values of an array of either framework."""
    return np.asarray(value.detach() if isinstance(value, torch.Tensor) else value)


def initialised(
    backend: str, fn: Any, rng: int = 0, values: Any = X, *, portable: bool = False
) -> tuple[Any, u.Params]:
    """Return a model of `fn`, with portable random numbers or torch's own, and its first params."""
    net = u.transform(fn, backend=backend, rng="portable" if portable else None)
    first = net.init(array(backend, values), rng=rng)
    return net, first if backend == "jax" else first.params
