"""`remat`, `jit`, `grad`, `value_and_grad`, `eval_shape`."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch

import unified as u
import unified.functional as F
from unified.testing import assert_parity

X = np.random.default_rng(0).standard_normal((6, 4)).astype(np.float32)


def part(x: Any, scale: float = 1.0) -> Any:
    count = u.get_state("count", ())
    u.set_state("count", count + 1)
    x = u.BatchNorm1d(4)(u.Linear(4, 4)(x))
    return u.Dropout(0.25)(F.tanh(x)) * scale * (count + 1) * u.random.uniform((4,))


def plain(x: Any) -> Any:
    return u.Linear(4, 2)(part(x, scale=2.0)) + u.random.uniform(())


def remat_part(x: Any) -> Any:
    return u.Linear(4, 2)(u.remat(part)(x, scale=2.0)) + u.random.uniform(())


def jit_part(x: Any) -> Any:
    return u.Linear(4, 2)(u.jit(part)(x, scale=2.0)) + u.random.uniform(())


@pytest.mark.parametrize("body", [remat_part, jit_part])
def test_parity(body: Any) -> None:
    assert_parity(body, X, atol=5e-5)


@pytest.mark.parametrize("body", [remat_part, jit_part])
@pytest.mark.parametrize("rng", [None, "portable"])
def test_equals_the_part_itself_on_torch(body: Any, rng: str | None) -> None:
    """Compare names, values, gradients, statistics and random numbers over three steps."""
    models = [u.transform(f, backend="torch", rng=rng).init(torch.tensor(X), rng=0).train() for f in (plain, body)]
    for _ in range(3):
        results = []
        for model in models:
            torch.manual_seed(5)
            output = model(torch.tensor(X))
            model.zero_grad()
            output.pow(2).sum().backward()
            results.append((output, [p.grad for p in model.parameters()], dict(model.named_buffers())))
        (output, gradients, buffers), (other, other_gradients, other_buffers) = results
        torch.testing.assert_close(output, other)
        torch.testing.assert_close(gradients, other_gradients)
        torch.testing.assert_close(buffers, other_buffers)
    assert int(models[1].batch_norm1d.num_batches_tracked) == 3
    assert int(models[1].count) == 3


@pytest.mark.parametrize("body", [remat_part, jit_part])
def test_equals_the_part_itself_on_jax(body: Any) -> None:
    nets = [u.transform(f, backend="jax") for f in (plain, body)]
    params = nets[0].init(X, rng=0)
    assert params.keys() == nets[1].init(X, rng=0).keys()

    def loss(net: Any, params: u.Params) -> Any:
        output, changes = net.apply(params, X, training=True)
        return (output**2).sum(), (output, changes)

    trainable, rest = params.split()
    results = [
        jax.jit(jax.value_and_grad(lambda t, net=net: loss(net, rest | t), has_aux=True))(trainable) for net in nets
    ]
    for (value, (output, changes)), gradients in results[1:]:
        (expected_value, (expected_output, expected_changes)), expected_gradients = results[0]
        np.testing.assert_allclose(value, expected_value, rtol=1e-5)
        np.testing.assert_allclose(output, expected_output, rtol=1e-5, atol=1e-6)
        assert changes.keys() == expected_changes.keys()
        for params, expected in ((changes, expected_changes), (gradients, expected_gradients)):
            for path, array in params.items():
                np.testing.assert_allclose(array, expected[path], rtol=1e-4, atol=1e-5, err_msg=path)


def test_remat_computes_again() -> None:
    """On torch the part runs twice; on JAX the gradient contains a remat."""
    calls = []

    def body(x: Any) -> Any:
        def part(x: Any) -> Any:
            calls.append(1)
            return F.tanh(F.tanh(u.Linear(4, 4)(x)))

        return u.remat(part)(x).sum()

    model = u.transform(body, backend="torch").init(torch.tensor(X), rng=0)
    calls.clear()
    saved: list[Any] = []
    with torch.autograd.graph.saved_tensors_hooks(lambda t: saved.append(t) or t, lambda t: t):
        output = model(torch.tensor(X, requires_grad=True))
    output.backward()
    assert len(calls) == 2
    net = u.transform(body, backend="jax")
    params = net.init(X, rng=0)
    text = str(jax.make_jaxpr(jax.grad(lambda p: net.apply(p, X)[0]))(params))
    assert "remat" in text or "checkpoint" in text
    with torch.no_grad():
        calls.clear()
        model(torch.tensor(X))
    assert len(calls) == 1


def test_remat_policy_on_jax() -> None:
    def body(x: Any, keep: Any) -> Any:
        return u.remat(lambda x: jnp.sin(u.Linear(4, 4)(x)), policy=keep)(x).sum()

    def products(policy: Any) -> int:
        net = u.transform(body, keep=policy, backend="jax")
        params = net.init(X, rng=0)
        return str(jax.make_jaxpr(jax.grad(lambda p: net.apply(p, X)[0]))(params)).count("dot_general")

    assert products(jax.checkpoint_policies.everything_saveable) < products(jax.checkpoint_policies.nothing_saveable)


def gradients(x: Any, y: Any) -> Any:
    def energy(x: Any, y: Any, power: int = 2) -> Any:
        h = u.Dropout(0.3)(u.BatchNorm1d(4)(u.Linear(4, 4)(x)))
        u.set_state("calls", u.get_state("calls", ()) + 1)
        return (h**power).sum() + (y["b"] * h).sum(), {"h": h}

    (value, aux), (by_x, by_y) = u.value_and_grad(energy, (0, 1), has_aux=True)(x, {"a": 0 * x, "b": y})
    alone, extra = u.grad(energy, has_aux=True)(x, {"a": x, "b": y}, power=4)
    return value, aux, by_x, by_y, alone, extra, u.grad(lambda x: u.Linear(4, 1)(x).sum())(x)


def test_gradients_inside_a_body() -> None:
    assert_parity(gradients, X, X[::-1].copy(), rtol=1e-4, atol=1e-3)


def test_a_gradient_is_that_of_autograd() -> None:
    def body(x: Any) -> Any:
        return u.grad(lambda x: F.tanh(u.Linear(4, 3)(x)).sum())(x)

    x = torch.tensor(X, requires_grad=True)
    model = u.transform(body, backend="torch").init(x, rng=0)
    force = model(x)
    (expected,) = torch.autograd.grad(model.linear(x).tanh().sum(), x)
    torch.testing.assert_close(force, expected)
    force.pow(2).sum().backward()  # the force has a gradient by the variables too
    assert model.linear.weight.grad.abs().sum() > 0
    assert_parity(body, X)


def test_options_of_jit() -> None:
    def body(x: Any) -> Any:
        return u.jit(lambda x, n: u.Linear(4, 2)(x) * n, static_argnums=1, inline=True)(x, 3)

    assert_parity(body, X)
    with pytest.raises(TypeError, match="does not take donate_argnums"):
        u.transform(lambda x: u.jit(lambda x: x, donate_argnums=0)(x), backend="jax").init(X, rng=0)


def test_eval_shape() -> None:
    seen: list[Any] = []

    def body(x: Any) -> Any:
        u.set_state("calls", u.get_state("calls", ()) + 1)
        shapes = u.eval_shape(lambda x: {"y": (part(x), x.sum())}, x)
        seen.append(shapes)
        return u.Linear(4, 2)(x)

    assert_parity(body, X)
    for shapes in seen:
        assert tuple(shapes["y"][0].shape) == (6, 4)
        assert tuple(shapes["y"][1].shape) == ()
    assert {type(shapes["y"][0]).__name__ for shapes in seen} == {"Tensor", "ShapeDtypeStruct"}
    assert all(shapes["y"][0].is_meta for shapes in seen if isinstance(shapes["y"][0], torch.Tensor))


def test_nothing_is_left_when_a_part_raises() -> None:
    def body(x: Any, fail: bool = False) -> Any:
        def part(x: Any) -> Any:
            y = u.Linear(4, 4)(x)
            if fail:
                raise RuntimeError("as asked")
            return y

        for transform in (u.remat, u.jit, u.vmap):
            x = transform(part)(x)
        return u.scan(lambda c, x: (c, part(x)), None, x)[1]

    model = u.transform(body, backend="torch").init(torch.tensor(X), rng=0)
    net = u.transform(body, backend="jax")
    params = net.init(X, rng=0)
    before = model(torch.tensor(X)), net.apply(params, X)[0]
    with pytest.raises(RuntimeError, match="as asked"):
        model(torch.tensor(X), fail=True)
    with pytest.raises(RuntimeError, match="as asked"):
        net.apply(params, X, fail=True)
    with pytest.raises(u.NoActiveTransformError):
        u.Linear(3, 3)
    torch.testing.assert_close(model(torch.tensor(X)), before[0])
    np.testing.assert_array_equal(net.apply(params, X)[0], before[1])
