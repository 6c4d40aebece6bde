"""A classifier, a VAE and a GAN, each trained by one step function on both frameworks: the same curves."""

from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
import numpy as np
import optax as jax_optax
import pytest
import torch

import unified as u
import unified.functional as F
from unified.compat import load

STEPS = 200
ARRAYS: dict[str, Callable[..., Any]] = {"torch": torch.tensor, "jax": jnp.asarray}
RNG = np.random.default_rng(0)
LABELS = RNG.integers(0, 3, 32)
X = (RNG.standard_normal((32, 6)) + np.eye(3)[LABELS].repeat(2, 1) * 2).astype(np.float32)


def classifier(x: Any) -> Any:
    return u.Linear(16, 3)(u.Dropout(0.1)(F.relu(u.BatchNorm1d(16)(u.Linear(6, 16)(x)))))


def autoencoder(x: Any) -> Any:
    mean, log_variance = (u.Linear(12, 2, name=name)(F.tanh(u.Linear(6, 12)(x))) for name in ("mean", "log_variance"))
    noise = u.random.normal(mean.shape)
    z = mean + noise * F.softplus(log_variance)  # a deviation that is positive
    return u.Linear(12, 6)(F.tanh(u.Linear(2, 12)(z))), mean, log_variance


def generator(z: Any) -> Any:
    return u.Linear(16, 6)(F.relu(u.Linear(3, 16)(z)))


def discriminator(x: Any) -> Any:
    return u.Linear(16, 1)(F.leaky_relu(u.Linear(6, 16)(x), 0.2))


def start(body: Any, backend: str, x: np.ndarray, seed: int = 0) -> tuple[Any, u.Params]:
    net = u.transform(body, backend=backend, rng="portable")
    initial = net.init(ARRAYS[backend](x), rng=seed)
    return net, initial.params if backend == "torch" else initial


def updated(optax: Any, optimizer: Any, params: u.Params, gradients: u.Params, state: Any) -> tuple[u.Params, Any]:
    weights, rest = params.split()
    updates, state = optimizer.update(gradients, state, weights)
    return optax.apply_updates(weights, updates) | rest, state


def train_classifier(backend: str, optax: Any) -> list[float]:
    net, params = start(classifier, backend, X)
    optimizer = optax.adam(1e-2)

    def loss_fn(params: u.Params, x: Any, labels: Any) -> tuple[Any, u.Params]:
        logits, changes = net.apply(params, x, training=True)
        return F.cross_entropy(logits, labels), changes

    @u.jit
    def step(params: u.Params, state: Any, x: Any, labels: Any) -> tuple[u.Params, Any, Any]:
        (loss, changes), gradients = u.value_and_grad(loss_fn, has_aux=True)(params, x, labels)
        params, state = updated(optax, optimizer, params, gradients, state)
        return params | changes, state, loss

    state, losses = optimizer.init(params.split()[0]), []
    for _ in range(STEPS):
        params, state, loss = step(params, state, ARRAYS[backend](X), ARRAYS[backend](LABELS))
        losses.append(float(loss))
    return losses


def train_autoencoder(backend: str, optax: Any) -> list[float]:
    net, params = start(autoencoder, backend, X)
    optimizer = optax.adam(3e-3)

    def loss_fn(params: u.Params, x: Any) -> tuple[Any, u.Params]:
        (output, mean, log_variance), changes = net.apply(params, x, training=True)
        divergence = (mean**2 + (log_variance + 1) ** 2 / 2 - log_variance).mean()
        return F.mse_loss(output, x) + 0.1 * divergence, changes

    @u.jit
    def step(params: u.Params, state: Any, x: Any) -> tuple[u.Params, Any, Any]:
        (loss, changes), gradients = u.value_and_grad(loss_fn, has_aux=True)(params, x)
        params, state = updated(optax, optimizer, params, gradients, state)
        return params | changes, state, loss

    state, losses = optimizer.init(params.split()[0]), []
    for _ in range(STEPS):
        params, state, loss = step(params, state, ARRAYS[backend](X))
        losses.append(float(loss))
    return losses


def train_gan(backend: str, optax: Any) -> list[float]:
    noise = np.random.default_rng(1).standard_normal((STEPS, 32, 3)).astype(np.float32)
    maker, made = start(generator, backend, noise[0])
    judge, judged = start(discriminator, backend, X, seed=1)
    optimizer = optax.adam(1e-3)

    def judge_loss(judged: u.Params, made: u.Params, x: Any, z: Any) -> Any:
        fake, real = judge.apply(judged, maker.apply(made, z)[0])[0], judge.apply(judged, x)[0]
        return (F.softplus(fake) + F.softplus(-real)).mean()

    def maker_loss(made: u.Params, judged: u.Params, z: Any) -> Any:
        return F.softplus(-judge.apply(judged, maker.apply(made, z)[0])[0]).mean()

    @u.jit
    def step(made: u.Params, judged: u.Params, states: Any, x: Any, z: Any) -> Any:
        loss, gradients = u.value_and_grad(judge_loss)(judged, made, x, z)
        judged, of_judge = updated(optax, optimizer, judged, gradients, states[0])
        other, gradients = u.value_and_grad(maker_loss)(made, judged, z)
        made, of_maker = updated(optax, optimizer, made, gradients, states[1])
        return made, judged, (of_judge, of_maker), loss + other

    states, losses = (optimizer.init(judged.split()[0]), optimizer.init(made.split()[0])), []
    for z in noise:
        made, judged, states, loss = step(made, judged, states, ARRAYS[backend](X), ARRAYS[backend](z))
        losses.append(float(loss))
    return losses


@pytest.mark.slow
@pytest.mark.parametrize("train", [train_classifier, train_autoencoder, train_gan])
def test_the_curves_are_the_same(train: Callable[[str, Any], list[float]]) -> None:
    on_torch, on_jax = train("torch", load("optax", "torch")), train("jax", jax_optax)
    assert np.abs(np.array(on_torch) - np.array(on_jax)).max() < 1e-3
    assert on_jax[-1] < on_jax[0]
