"""The two frameworks, as the tests of `unified.numpy` use them: arrays in and out, by NumPy."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import torch

__all__ = ["BACKENDS", "array", "gradient", "mapped", "native", "to_numpy"]

BACKENDS = ("torch", "jax")


def array(value: Any, backend: str) -> Any:
    """A framework's array of a NumPy array."""
    return torch.tensor(value) if backend == "torch" else jnp.asarray(value)


def native(tree: Any, backend: str) -> Any:
    """The tree with a framework's arrays for NumPy's."""
    return jax.tree.map(lambda leaf: array(leaf, backend) if isinstance(leaf, np.ndarray) else leaf, tree)


def to_numpy(tree: Any) -> Any:
    """The tree with NumPy arrays for a framework's."""

    def leaf(value: Any) -> Any:
        if isinstance(value, torch.Tensor):
            return value.detach().resolve_conj().resolve_neg().numpy()
        return np.asarray(value) if isinstance(value, jax.Array) else value

    return jax.tree.map(leaf, tree)


def gradient(function: Callable[[Any], Any], x: np.ndarray, backend: str) -> np.ndarray:
    """The gradient of a function of one array that returns a number."""
    if backend == "jax":
        return np.asarray(jax.jit(jax.grad(function))(jnp.asarray(x)))
    value = torch.tensor(x, requires_grad=True)
    function(value).backward()
    assert value.grad is not None
    return value.grad.numpy()


def mapped(function: Callable[..., Any], backend: str) -> Callable[..., Any]:
    """The function mapped over the first axis by the framework's own transform."""
    return torch.func.vmap(function) if backend == "torch" else jax.vmap(function)
