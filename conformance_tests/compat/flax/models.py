"""Models of Flax, written once for both copies of it, and their training on either framework."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
import torch

from unified.compat import load
from unified.compat.flax.params import flatten as _flatten

__all__ = [
    "attention",
    "close",
    "cnn",
    "init",
    "linen",
    "nnx",
    "numpy_tree",
    "on_torch",
    "recurrent",
    "torch_jax",
    "trained_by_optax",
]  # fmt: skip

linen = load("flax.linen", "torch")
nnx = load("flax.nnx", "torch")
torch_jax = load("jax", "torch")
on_torch = load("jax.numpy", "torch")
RANDOM = np.random.default_rng(0)


def cnn(nn: Any) -> Any:
    """A convolutional network with BatchNorm and dropout."""

    class CNN(nn.Module):
        rate: float = 0.5

        @nn.compact
        def __call__(self, x: Any, train: bool) -> Any:
            x = nn.Conv(4, (3, 3))(x)
            x = nn.relu(nn.BatchNorm(use_running_average=not train, momentum=0.9)(x))
            x = nn.max_pool(x, (2, 2), (2, 2)).reshape(x.shape[0], -1)
            x = nn.Dropout(self.rate)(x, deterministic=not train)
            return nn.Dense(3)(x)

    return CNN()


def recurrent(nn: Any) -> Any:
    class Recurrent(nn.Module):
        @nn.compact
        def __call__(self, x: Any) -> Any:
            carry, outputs = nn.RNN(nn.LSTMCell(5), return_carry=True)(x)
            return nn.Dense(2)(outputs), carry

    return Recurrent()


def attention(nn: Any) -> Any:
    class Attention(nn.Module):
        @nn.compact
        def __call__(self, x: Any, *, deterministic: bool) -> Any:
            layer = nn.MultiHeadDotProductAttention(2, dropout_rate=0.25, deterministic=deterministic)
            return nn.LayerNorm()(x + layer(x))

    return Attention()


def numpy_tree(tree: Any) -> Any:
    """Return a tree of dicts with NumPy arrays."""
    if hasattr(tree, "items"):
        return {str(name): numpy_tree(value) for name, value in tree.items()}
    return np.asarray(tree)


def init(model: Any, *inputs: Any, seed: int = 0, **kwargs: Any) -> Any:
    """Return variables of a model of JAX's Flax, as NumPy arrays."""
    key = jax.random.key(seed)
    # Compiled, JAX is many times faster here than one operation at a time.
    made = jax.jit(lambda key, *inputs: model.init({"params": key, "dropout": key}, *inputs, **kwargs))
    return numpy_tree(made(key, *map(jnp.asarray, inputs)))


def close(found: Any, wanted: Any, tolerance: float = 1e-5) -> None:
    """Check that two trees have the same names and equal arrays."""
    if hasattr(wanted, "items"):
        assert sorted(map(str, found)) == sorted(map(str, wanted))
        for name, value in wanted.items():
            close(found[name], value, tolerance)
    elif isinstance(wanted, tuple | list):
        assert len(found) == len(wanted)
        for one, other in zip(found, wanted, strict=True):
            close(one, other, tolerance)
    else:
        found, wanted = map(_as_numpy, (found, wanted))
        assert found.shape == wanted.shape
        np.testing.assert_allclose(found, wanted, rtol=tolerance, atol=tolerance)


def _as_numpy(value: Any) -> np.ndarray:
    return np.asarray(value.detach() if isinstance(value, torch.Tensor) else value)


def trained_by_optax(model: Any, variables: Any, x: Any, steps: int, rngs: Any = None, **kwargs: Any) -> Any:
    """Train a model of JAX's Flax on the mean of squares, and return its losses and variables."""
    optimizer = optax.sgd(0.1)
    params, rest = variables["params"], {name: value for name, value in variables.items() if name != "params"}
    state, losses = optimizer.init(params), []

    def loss(params: Any, rest: Any, rngs: Any) -> Any:
        output, updates = model.apply({"params": params, **rest}, x, rngs=rngs, mutable=list(rest), **kwargs)
        return sum((leaf**2).mean() for leaf in jax.tree_util.tree_leaves(output)), updates

    gradient = jax.jit(jax.value_and_grad(loss, has_aux=True))
    for step in range(steps):
        (value, rest), gradients = gradient(params, rest, None if rngs is None else rngs(step))
        updates, state = optimizer.update(gradients, state)
        params = optax.apply_updates(params, updates)
        losses.append(float(value))
    return losses, {"params": params, **rest}


def flatten(variables: Any) -> dict[tuple[str, ...], Any]:
    """Return the variables by their paths, without the collection."""
    return {path[1:]: value for path, value in _flatten(variables).items()}
