"""The three models of the JAX tests, and their jitted functions, which the tests share because compiling is slow."""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

import unified as u
import unified.functional as F

__all__ = ["CASES", "CONVNET", "MLP", "NESTED", "Case", "model"]


def mlp(x: jax.Array) -> jax.Array:
    """Apply three linear layers, without state and random numbers."""
    for width in (8, 8):
        x = F.relu(u.Linear(None, width)(x))
    return u.Linear(8, 3)(x)


def convnet(x: jax.Array) -> jax.Array:
    """Apply a convolution with batch normalisation, dropout and a linear layer."""
    x = u.Conv2d(1, 4, 3, padding=1)(x)
    x = F.relu(u.BatchNorm2d(4)(x))
    x = u.Flatten()(u.MaxPool2d(2)(x))
    x = u.Dropout(0.5)(x)
    return u.Linear(None, 3)(x)


class Noise(u.Module):
    """Noise that is added in training, scaled by a parameter."""

    def __call__(self, x: jax.Array) -> jax.Array:
        scale = u.get_parameter("scale", (x.shape[-1],), u.initializers.constant(0.1))
        if not u.is_training():
            return x
        return x + scale * u.random.normal(x.shape, x.dtype)


class Block(u.Module):
    """A residual block with a running mean of its residuals."""

    def __init__(self, width: int) -> None:
        self.width = width

    def __call__(self, x: jax.Array) -> jax.Array:
        h = F.tanh(u.Linear(x.shape[-1], self.width)(x))
        h = Noise()(h)
        h = u.Linear(self.width, x.shape[-1])(h)
        mean = u.get_state("mean", (x.shape[-1],))
        if u.is_training():
            u.set_state("mean", 0.9 * mean + 0.1 * h.mean(0))
        return x + h


def nested(x: jax.Array) -> jax.Array:
    """Apply nested modules, with their own parameters, state and random numbers."""
    for _ in range(2):
        x = Block(6)(x)
    return u.Linear(None, 3)(x)


def model(fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Return `fn` as a model on JAX."""
    return u.transform(fn, *args, backend="jax", **kwargs)


@dataclass(frozen=True)
class Case:
    """A model with its input. `train` and `evaluate` are its jitted `apply`, and `gradients` those of `loss`."""

    fn: Callable[[jax.Array], jax.Array]
    shape: tuple[int, ...]
    paths: tuple[str, ...]

    @functools.cached_property
    def net(self) -> Any:
        return model(self.fn)

    @functools.cached_property
    def x(self) -> np.ndarray:
        return np.random.default_rng(7).standard_normal(self.shape, np.float32)

    @functools.cached_property
    def params(self) -> u.Params:
        return self.net.init(self.x, rng=0)

    @functools.cached_property
    def train(self) -> Any:
        return jax.jit(functools.partial(self.net.apply, training=True))

    @functools.cached_property
    def evaluate(self) -> Any:
        return jax.jit(self.net.apply)

    def loss(self, trainable: u.Params, rest: u.Params, x: jax.Array) -> tuple[jax.Array, u.Params]:
        """Return a loss in training, and the changes."""
        logits, changes = self.net.apply(trainable | rest, x, training=True)
        log_probs = jax.nn.log_softmax(logits)[jnp.arange(len(x)), jnp.arange(len(x)) % 3]
        return -log_probs.mean(), changes

    @functools.cached_property
    def gradients(self) -> Any:
        return jax.jit(jax.value_and_grad(self.loss, has_aux=True))

    def step(self, params: u.Params, x: jax.Array) -> tuple[u.Params, jax.Array]:
        """Run one step of gradient descent, and return `(params, loss)`."""
        trainable, rest = params.split()
        (loss, changes), gradients = self.gradients(trainable, rest, x)
        trainable = jax.tree.map(lambda value, gradient: value - 0.1 * gradient, trainable, gradients)
        return trainable | rest | changes, loss


RNG = ("rng/key", "rng/counter")

MLP = Case(
    mlp,
    (4, 5),
    tuple(f"{layer}/{leaf}" for layer in ("linear", "linear_1", "linear_2") for leaf in ("weight", "bias")),
)

CONVNET = Case(
    convnet,
    (4, 1, 4, 4),
    (
        "conv2d/weight",
        "conv2d/bias",
        "batch_norm2d/weight",
        "batch_norm2d/bias",
        "batch_norm2d/running_mean",
        "batch_norm2d/running_var",
        "batch_norm2d/num_batches_tracked",
        "linear/weight",
        "linear/bias",
        *RNG,
    ),
)

NESTED = Case(
    nested,
    (4, 5),
    (
        *(
            f"{block}/{leaf}"
            for block in ("block", "block_1")
            for leaf in (
                "mean",
                "linear/weight",
                "linear/bias",
                "noise/scale",
                "linear_1/weight",
                "linear_1/bias",
            )
        ),
        "linear/weight",
        "linear/bias",
        *RNG,
    ),
)

CASES = {"mlp": MLP, "convnet": CONVNET, "nested": NESTED}
