"""Layers that draw random numbers follow the distributions that `torch.nn`'s follow.

`test_layers` holds both backends to the same draws; here the draws themselves are held to what they should be.
"""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch

import unified as u
from conformance_tests.parity.cases import CASES
from conformance_tests.parity.cases.recipes import Case
from conformance_tests.parity.layer_runner import models, oracle, run_torch

DROPOUTS = [case for case in CASES if case.layer == "Dropout"]


@pytest.mark.parametrize("case", DROPOUTS, ids=map(repr, DROPOUTS))
def test_dropout_keeps_the_right_share(case: Case) -> None:
    """The oracle above is torch with portable masks; here those masks are held against the probability."""
    module = oracle(case, {})
    on_torch, _, _ = models(case)
    first, second, evaluated = run_torch(on_torch, case)
    for result in (first, second):
        kept = result.outputs[0] != 0
        deviation = np.sqrt(module.p * (1 - module.p) / kept.size)
        assert abs(kept.mean() - (1 - module.p)) <= 4 * deviation
        scale = result.input_gradients[0][kept]
        assert scale.shape == result.outputs[0][kept].shape
    if 0 < module.p < 1:
        assert ((first.outputs[0] != 0) != (second.outputs[0] != 0)).any()
    assert (evaluated.outputs[0] != 0).all()


def twice(layer: str, shape: tuple[int, ...], *args: Any, value: float = 1.0) -> list[np.ndarray]:
    """Two outputs in training of a constant input, on JAX."""
    model = u.transform(lambda x: getattr(u, layer)(*args)(x), backend="jax")
    x = jnp.full(shape, value)
    params = model.init(x, rng=0)
    step = jax.jit(lambda params, x: model.apply(params, x, training=True))
    first, changes = step(params, x)
    return [np.asarray(first), np.asarray(step(params | changes, x)[0])]


@pytest.mark.parametrize(
    ("layer", "shape"),
    [
        ("Dropout1d", (50, 40, 3)),
        ("Dropout2d", (50, 40, 2, 2)),
        ("Dropout3d", (50, 40, 2, 1, 2)),
        ("FeatureAlphaDropout", (50, 40, 3)),
    ],
)
def test_whole_channels_are_dropped(layer: str, shape: tuple[int, ...]) -> None:
    first, second = (output.reshape(2000, -1) for output in twice(layer, shape, 0.3))
    for output in (first, second):
        assert (output == output[:, :1]).all()
        kept = output[:, 0] == output.max()
        assert abs(kept.mean() - 0.7) <= 4 * np.sqrt(0.21 / 2000)
    assert (first != second).any()


@pytest.mark.parametrize("p", [0.1, 0.5, 0.9])
def test_alpha_dropout_keeps_mean_and_variance(p: float) -> None:
    """Of standard normal values, as torch's own does; and the two values of a constant are torch's."""
    x = np.random.default_rng(0).standard_normal((400, 500)).astype(np.float32)
    model = u.transform(lambda x: u.AlphaDropout(p)(x), backend="jax")
    output = np.asarray(model.apply(model.init(x, rng=0), x, training=True)[0])
    assert abs(output.mean()) < 0.02
    assert abs(output.var() - 1) < 0.03
    torch.manual_seed(0)
    expected = torch.nn.AlphaDropout(p)(torch.ones(1000)).unique().numpy()
    np.testing.assert_allclose(np.unique(twice("AlphaDropout", (1000,), p)[0]), expected, rtol=1e-5, atol=1e-6)


def test_rrelu_draws_slopes_from_its_range() -> None:
    first, second = (-output for output in twice("RReLU", (100, 200), 0.2, 0.6, value=-1.0))
    for slopes in (first, second):
        assert 0.2 <= slopes.min() < 0.201
        assert 0.599 < slopes.max() <= 0.6
        assert abs(slopes.mean() - 0.4) <= 4 * 0.4 / np.sqrt(12 * slopes.size)
    assert (first != second).any()


def test_gumbel_softmax_samples_the_classes() -> None:
    """On both backends alike, and as often as their probabilities say."""
    logits = np.log(np.array([0.5, 0.3, 0.2], np.float32)) * np.ones((4000, 1), np.float32)

    def forward(x: Any) -> Any:
        return u.functional.gumbel_softmax(x, tau=0.7, hard=True), u.functional.gumbel_softmax(x)

    net = u.transform(forward, backend="torch", rng="portable").init(torch.tensor(logits), rng=1)
    model = u.transform(forward, backend="jax")
    hard, soft = model.apply(model.init(logits, rng=1), logits)[0]
    for found, expected in zip((hard, soft), net(torch.tensor(logits)), strict=True):
        np.testing.assert_allclose(found, expected.numpy(), rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(np.asarray(hard).mean(0), [0.5, 0.3, 0.2], atol=4 * np.sqrt(0.25 / 4000))
