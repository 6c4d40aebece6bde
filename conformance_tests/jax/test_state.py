"""The changes of a call: state, running statistics and the counter of random numbers."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch

import unified as u
from conformance_tests.jax.models import CASES, CONVNET, MLP, NESTED, Case, model

WRITTEN = {
    "mlp": [],
    "convnet": [*(f"batch_norm2d/{s}" for s in ("running_mean", "running_var", "num_batches_tracked")), "rng/counter"],
    "nested": ["block/mean", "block_1/mean", "rng/counter"],
}


@pytest.mark.parametrize("name", CASES)
def test_changes_are_what_the_call_wrote(name: str) -> None:
    case = CASES[name]
    _, changes = case.train(case.params, case.x)
    assert list(changes) == WRITTEN[name]
    assert changes.info == {path: case.params.info[path] for path in WRITTEN[name]}


def test_evaluation_writes_nothing(case: Case) -> None:
    _, changes = case.evaluate(case.params, case.x)
    assert isinstance(changes, u.Params)
    assert len(changes) == 0
    assert jax.tree.structure(case.params | changes) == jax.tree.structure(case.params)


def test_params_are_not_changed_by_a_call(case: Case) -> None:
    before = {path: np.array(value) for path, value in case.params.items()}
    case.net.apply(case.params, case.x, training=True)
    for path, value in before.items():
        np.testing.assert_array_equal(case.params[path], value)


@pytest.mark.parametrize("options", [{}, {"momentum": None}, {"momentum": 0.3, "eps": 1e-2}], ids=str)
def test_batch_norm_over_several_steps_equals_torchs(options: dict[str, Any]) -> None:
    net = model(lambda x: u.BatchNorm1d(3, **options)(x))
    params = net.init(jnp.ones((5, 3)), rng=0)
    oracle = torch.nn.BatchNorm1d(3, **options)
    train, evaluate = jax.jit(lambda p, x: net.apply(p, x, training=True)), jax.jit(net.apply)
    rng = np.random.default_rng(0)
    for _ in range(4):
        x = rng.normal(2, 3, (5, 3)).astype(np.float32)
        oracle.train()
        expected = oracle(torch.tensor(x)).detach()
        out, changes = train(params, x)
        params = params | changes
        np.testing.assert_allclose(out, expected, rtol=1e-5, atol=1e-5)
        for name, value in oracle.state_dict().items():
            np.testing.assert_allclose(params[f"batch_norm1d/{name}"], value, rtol=1e-5, atol=1e-6, err_msg=name)
        oracle.eval()
        np.testing.assert_allclose(evaluate(params, x)[0], oracle(torch.tensor(x)).detach(), rtol=1e-5, atol=1e-5)
    assert params["batch_norm1d/num_batches_tracked"] == 4


class Counter(u.Module):
    def __call__(self, x: jax.Array) -> jax.Array:
        count = u.get_state("count", (), dtype="int32")
        u.set_state("count", count + 1)
        return x + u.get_state("count", (), dtype="int32")


def test_what_was_set_is_read_in_the_same_call() -> None:
    net = model(lambda x: Counter()(x))
    params = net.init(jnp.zeros(2), rng=0)
    assert params["counter/count"] == 0  # init returns the initial state
    for call in (1, 2, 3):
        out, changes = net.apply(params, jnp.zeros(2))
        np.testing.assert_array_equal(out, [call, call])
        params = params | changes
    assert params["counter/count"] == 3


def test_a_module_called_twice_writes_twice() -> None:
    def body(x: jax.Array) -> jax.Array:
        counter = Counter()
        return counter(counter(x))

    net = model(body)
    params = net.init(jnp.zeros(()), rng=0)
    out, changes = jax.jit(net.apply)(params, jnp.zeros(()))
    assert (float(out), int(changes["counter/count"])) == (3, 2)


def test_a_shared_batch_norm_moves_twice_as_in_torch() -> None:
    def body(x: jax.Array) -> jax.Array:
        norm = u.BatchNorm1d(3)
        return norm(norm(x) * 2 + 1)

    x = np.random.default_rng(1).normal(size=(6, 3)).astype(np.float32)
    net, oracle = model(body), torch.nn.BatchNorm1d(3)
    _, changes = net.apply(net.init(x, rng=0), x, training=True)
    oracle(oracle(torch.tensor(x)) * 2 + 1)
    for name in ("running_mean", "running_var", "num_batches_tracked"):
        np.testing.assert_allclose(changes[f"batch_norm1d/{name}"], getattr(oracle, name), rtol=1e-5, atol=1e-6)


def test_no_gradient_flows_into_the_next_state() -> None:
    def body(x: jax.Array) -> jax.Array:
        weight = u.get_parameter("weight", (), jnp.ones)
        u.get_state("last", ())
        u.set_state("last", (weight * x).sum())
        return x

    net = model(body)
    params = net.init(jnp.ones(2), rng=0)
    trainable, rest = params.split()
    gradient = jax.grad(lambda p: net.apply(p | rest, jnp.ones(2))[1]["last"])(trainable)
    assert gradient["weight"] == 0


@pytest.mark.parametrize("case", [CONVNET, NESTED], ids=["convnet", "nested"])
def test_the_counter_advances_once_a_call_that_draws(case: Case) -> None:
    params = case.params
    for call in range(3):
        assert params["rng/counter"] == call
        _, changes = case.train(params, case.x)
        params = params | changes
        _, changes = case.evaluate(params, case.x)
        params = params | changes
    np.testing.assert_array_equal(params["rng/key"], case.params["rng/key"])


@pytest.mark.parametrize("case", [CONVNET, NESTED], ids=["convnet", "nested"])
def test_draws_differ_between_steps_and_can_be_repeated(case: Case) -> None:
    first, changes = case.train(case.params, case.x)
    counter = {"rng/counter": changes["rng/counter"]}
    second, _ = case.train(case.params | counter, case.x)
    assert not np.array_equal(first, second)
    np.testing.assert_array_equal(first, case.train(case.params, case.x)[0])
    np.testing.assert_array_equal(second, case.train(case.params | counter, case.x)[0])
    other_key = {"rng/key": case.net.init(case.x, rng=1)["rng/key"]}
    assert not np.array_equal(first, case.train(case.params | other_key, case.x)[0])


def test_draws_at_two_places_differ() -> None:
    def body(x: jax.Array) -> tuple[jax.Array, ...]:
        return u.Dropout(0.5)(x), u.Dropout(0.5)(x), u.random.uniform((64,)), u.random.uniform((64,))

    net = model(body)
    params = net.init(jnp.ones(64), rng=0)
    (dropped, other_dropped, values, other_values), changes = net.apply(params, jnp.ones(64), training=True)
    assert set(np.unique(dropped)) == {0, 2}
    assert not np.array_equal(dropped, other_dropped)
    assert not np.array_equal(values, other_values)
    assert int(changes["rng/counter"]) == 1


def test_random_numbers_of_every_kind_have_their_shape_and_range() -> None:
    def body(x: jax.Array) -> dict[str, jax.Array]:
        return {
            "normal": u.random.normal((500,)),
            "uniform": u.random.uniform((500,), minval=2.0, maxval=3.0),
            "bernoulli": u.random.bernoulli(0.25, (500,)),
            "randint": u.random.randint((500,), 3, 7),
            "permutation": u.random.permutation(20),
            "jax": jax.random.normal(u.next_rng_key(), (500,)),
        }

    net = model(body)
    params = net.init(0.0, rng=0)
    eager, changes = net.apply(params, 0.0)
    jitted, _ = jax.jit(net.apply)(params, 0.0)
    assert int(changes["rng/counter"]) == 1
    for name in ("normal", "uniform", "bernoulli", "randint", "permutation"):
        np.testing.assert_array_equal(eager[name], jitted[name], err_msg=name)
    for name in ("normal", "jax"):
        assert abs(float(eager[name].mean())) < 0.2
        assert abs(float(eager[name].std()) - 1) < 0.15
    assert (eager["uniform"] >= 2).all() and (eager["uniform"] < 3).all()
    assert abs(float(eager["bernoulli"].mean()) - 0.25) < 0.1
    assert set(np.unique(eager["randint"])) == {3, 4, 5, 6}
    np.testing.assert_array_equal(np.sort(eager["permutation"]), np.arange(20))


def test_a_model_without_draws_has_no_random_variables() -> None:
    assert not any(path.startswith("rng/") for path in MLP.params)
    assert {info.collection for info in MLP.params.info.values()} == {"params"}
    assert {NESTED.params.info[path].collection for path in ("rng/key", "rng/counter")} == {"rng"}
    assert not NESTED.params.info["rng/counter"].trainable
