"""`Params` in JAX's libraries on torch: trees, over which a model of torch runs, is differentiated and trained."""

from typing import Any

import jax as real_jax
import numpy as np
import optax as real_optax
import torch

import unified as u
from unified.compat import load

X = np.random.default_rng(0).standard_normal((4, 3)).astype(np.float32)


def forward(x: Any) -> Any:
    return u.Linear(5, 2)(u.BatchNorm1d(5)(u.Linear(3, 5)(x)))


def test_functions_of_jax_take_a_model_of_torch() -> None:
    jax: Any = load("jax", "torch")
    net = u.transform(forward, backend="torch").init(torch.tensor(X), rng=0)
    weights, rest = net.params.split()

    def loss(weights: Any, x: Any) -> Any:
        return (net.apply(weights | rest, x)[0] ** 2).sum()

    model = u.transform(forward, backend="jax")
    of_jax, others = model.init(X, rng=0).split()
    truth = real_jax.grad(lambda weights: (model.apply(weights | others, X)[0] ** 2).sum())(of_jax)
    for gradients in (jax.grad(loss)(weights, torch.tensor(X)), jax.jit(jax.grad(loss))(weights, torch.tensor(X))):
        assert isinstance(gradients, u.Params)
        assert list(gradients) == list(truth)
        for path, gradient in gradients.items():
            np.testing.assert_allclose(gradient.detach().numpy(), truth[path], rtol=1e-4, atol=1e-5, err_msg=path)


def train(backend: str, optax: Any) -> list[float]:
    array: Any = torch.tensor if backend == "torch" else real_jax.numpy.asarray
    net = u.transform(forward, backend=backend)
    initial = net.init(array(X), rng=0)
    params = initial.params if backend == "torch" else initial
    optimizer = optax.adamw(1e-2)

    def loss_fn(params: Any, x: Any) -> Any:
        output, changes = net.apply(params, x, training=True)
        return ((output - 1) ** 2).mean(), changes

    @u.jit
    def step(params: Any, state: Any, x: Any) -> Any:
        (loss, changes), gradients = u.value_and_grad(loss_fn, has_aux=True)(params, x)
        weights, rest = params.split()
        updates, state = optimizer.update(gradients, state, weights)
        return optax.apply_updates(weights, updates) | rest | changes, state, loss

    state, losses = optimizer.init(params.split()[0]), []
    for _ in range(5):
        params, state, loss = step(params, state, array(X))
        losses.append(float(loss))
    return losses


def test_optax_trains_both_by_one_step() -> None:
    on_torch, on_jax = train("torch", load("optax", "torch")), train("jax", real_optax)
    np.testing.assert_allclose(on_torch, on_jax, rtol=1e-4)
    assert on_torch[-1] < on_torch[0]
