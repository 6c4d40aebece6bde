"""Intermediate values: what a body sows and what layers return, equal on both frameworks."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch

import unified as u
import unified.functional as F


class Encoder(u.Module):
    def __call__(self, x: Any) -> Any:
        for _ in range(2):
            x = u.functional.tanh(u.Linear(None, 4)(x))
            u.sow("hidden", x)
        return x

    def states(self, x: Any) -> Any:
        y, state = u.LSTM(4, 3)(x)
        u.sow("parts", {"y": y, "all": [y, state]})
        return y


def forward(x: Any) -> Any:
    encoder = Encoder()
    x = encoder(x)
    y = encoder.states(x)
    return u.Sequential(u.Linear(3, 2), u.ReLU())(y).sum()


X = np.random.default_rng(0).standard_normal((5, 2, 3)).astype(np.float32)


def run_both(capture: Any, body: Any = forward) -> tuple[u.Params, u.Params]:
    on_jax = u.transform(body, backend="jax")
    params = on_jax.init(X, rng=2)
    of_jax = jax.jit(lambda params, x: on_jax.apply(params, x, capture=capture)[1])(params, X)
    on_torch = u.transform(body, backend="torch").init(torch.tensor(X), rng=2)
    _, of_torch = on_torch.apply(on_torch.params, torch.tensor(X), capture=capture)
    return of_jax, of_torch


ALL = [
    "encoder/linear/output",
    "encoder/hidden",
    "encoder/linear_1/output",
    "encoder/hidden_1",
    "encoder/output",
    "encoder/states/lstm/output/0",
    "encoder/states/lstm/output/1/0",
    "encoder/states/lstm/output/1/1",
    "encoder/states/parts/y",
    "encoder/states/parts/all/0",
    "encoder/states/parts/all/1/0",
    "encoder/states/parts/all/1/1",
    "sequential/0/output",
    "sequential/1/output",
    "sequential/output",
]


@pytest.mark.parametrize(
    ("capture", "expected"),
    [
        (..., ALL),
        (True, ALL),
        ("intermediates", ALL),
        ("*/hidden*", [1, 3]),
        ("encoder", [4]),
        ("encoder/output", [4]),
        ("*/linear*", [0, 2]),
        (["sequential", "*/output/1/*"], [6, 7, 14]),
        (lambda info: info.shape == (5, 2, 4), [0, 1, 2, 3, 4]),
        (lambda info: False, []),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_captures_what_the_filter_accepts(capture: Any, expected: Any) -> None:
    of_jax, of_torch = run_both(capture)
    paths = expected if expected is ALL else [ALL[position] for position in expected]
    # Only captured values count for the numbers of repeated paths.
    assert list(of_jax) == list(of_torch) == paths
    for path, value in of_jax.items():
        np.testing.assert_allclose(value, of_torch[path].detach().numpy(), rtol=1e-5, atol=1e-6)
        for values in (of_jax, of_torch):
            info = values.info[path]
            assert (info.collection, info.trainable, info.shape) == ("intermediates", False, tuple(value.shape))


def test_layers_within_layers_are_captured() -> None:
    def body(x: Any) -> Any:
        layer = u.TransformerEncoderLayer(4, 2, 8, batch_first=True)
        x = u.TransformerEncoder(layer, 2, norm=u.LayerNorm(4))(u.Linear(3, 4)(x))
        return u.Transformer(4, 2, 1, 1, 8, batch_first=True)(x, x)

    of_jax, of_torch = run_both(..., body)
    assert list(of_jax) == list(of_torch)
    assert "transformer_encoder/layers/1/self_attn/output/0" in of_jax
    for path, value in of_jax.items():
        np.testing.assert_allclose(value, of_torch[path].detach().numpy(), rtol=1e-4, atol=1e-5, err_msg=path)
    assert list(run_both("transformer/encoder/*/linear1", body)[0]) == ["transformer/encoder/layers/0/linear1/output"]


def test_nothing_is_kept_unasked() -> None:
    of_jax, of_torch = run_both(None)
    assert not of_jax
    assert not of_torch
    params = u.transform(forward, backend="jax").init(X, rng=2)
    assert not [path for path in params if "hidden" in path or "output" in path]


def test_state_and_intermediates_part_by_pop() -> None:
    def body(x: Any) -> Any:
        return u.BatchNorm1d(None)(u.Linear(None, 4)(x[0]))

    net = u.transform(body, backend="jax")
    params = net.init(X, rng=0)
    _, changes = net.apply(params, X, training=True, capture="linear")
    intermediates, changes = changes.pop("intermediates")
    assert list(intermediates) == ["linear/output"]
    assert list(params | changes) == list(params)
    assert len(changes) == 3


def test_gradients_flow_through_intermediates() -> None:
    net = u.transform(forward, backend="jax")
    params = net.init(X, rng=2)

    def loss(params: u.Params) -> Any:
        return jnp.sum(net.apply(params, X, capture="*/hidden")[1]["encoder/hidden"] ** 2)

    gradient = jax.grad(loss)(params)["encoder/linear/weight"]
    model = u.transform(forward, backend="torch").init(torch.tensor(X), rng=2)
    _, changes = model.apply(model.params, torch.tensor(X), capture="*/hidden")
    (changes["encoder/hidden"] ** 2).sum().backward()
    np.testing.assert_allclose(gradient, model.encoder.linear.weight.grad, rtol=1e-4, atol=1e-5)


def test_a_model_is_as_it_was_after_a_capture_that_failed() -> None:
    def body(x: Any, fail: bool = False) -> Any:
        y = u.Linear(None, 2)(x)
        if fail:
            raise RuntimeError("on purpose")
        return y

    model = u.transform(body, backend="torch").init(torch.tensor(X), rng=0)
    with pytest.raises(RuntimeError, match="on purpose"):
        model.apply(model.params, torch.tensor(X), fail=True, capture=...)
    assert not model.linear._forward_hooks
    assert "_capturing" not in vars(model)
    assert not model.apply(model.params, torch.tensor(X))[1]


def test_a_capture_within_a_raw_transform_raises() -> None:
    def body(x: Any) -> Any:
        return jax.checkpoint(lambda x: u.Linear(3, 2)(x))(x)

    def outside(x: Any) -> Any:
        return u.Linear(3, 2)(x)

    params = u.transform(outside, backend="jax").init(X, rng=0)
    net = u.transform(body, backend="jax")
    net.apply(params, X)
    with pytest.raises(u.TransformBoundaryError, match="linear/output"):
        net.apply(params, X, capture=...)


@pytest.mark.parametrize("backend", ["torch", "jax"])
def test_bad_names_and_filters(backend: str) -> None:
    def body(x: Any) -> Any:
        u.sow("not a name", x)
        return F.relu(x)

    with pytest.raises(ValueError, match="not a name"):
        u.transform(body, backend=backend).init(torch.tensor(X) if backend == "torch" else X, rng=0)
    with pytest.raises(u.NoActiveTransformError):
        u.sow("x", X)
    x = torch.tensor(X) if backend == "torch" else jnp.asarray(X)
    net = u.transform(lambda x: u.Linear(3, 2)(x), backend=backend)
    initialized = net.init(x, rng=0)
    with pytest.raises(TypeError, match="a filter is"):
        net.apply(initialized.params if backend == "torch" else initialized, x, capture=3)
