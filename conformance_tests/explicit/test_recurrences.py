"""Streams of random numbers, recurrences and scans: rows 35 to 37 and 59 to 62 of what blox lets its users do."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch

import unified as u
import unified.explicit as bx
from conformance_tests.explicit.models import ARRAYS, BACKENDS, array, bits, numbers

each_backend = pytest.mark.parametrize("backend", BACKENDS)


@each_backend
def test_streams(backend: str) -> None:
    """Rows 34 to 37: seeds, counters, several streams; the masks are those of the inline style."""
    graph = bx.Graph()
    one, two = bx.Rng(graph / "rng"), bx.Rng(graph / "noise")
    params = two.seed(one.seed(bx.params(backend=backend), seed=3), seed=4, counter=5)
    assert [*params] == ["rng/key", "rng/counter", "noise/key", "noise/counter"]
    assert all(info.collection == "rng" and not info.trainable for info in params.info.values())
    assert numbers(two.get_seed(params)).tolist() == [0, 4] and int(two.get_counter(params)) == 5
    drop, x = bx.Dropout(graph / "dropout", 0.5, rng=one), array(backend, 4, 6)
    y, after = drop(params, x, is_training=True)
    assert (int(one.get_counter(after)), int(two.get_counter(after))) == (1, 5)
    net = u.transform(lambda x: u.Dropout(0.5)(x), backend=backend, rng="portable" if backend == "torch" else None)
    initial = net.init(x, rng=3)
    expected, _ = net.apply(initial.params if backend == "torch" else initial, x, training=True)
    np.testing.assert_array_equal(numbers(y), numbers(expected))
    second, _ = drop(after, x, is_training=True)
    assert (numbers(second) != numbers(y)).any()
    again, _ = drop(one.seed(after, counter=0), x, is_training=True)
    np.testing.assert_array_equal(numbers(again), numbers(y))
    other, _ = drop(one.seed(params, seed=9), x, is_training=True)
    assert (numbers(other) != numbers(y)).any()
    same, unchanged = drop(params, x)
    assert same is x and unchanged is params
    big = one.seed(params, counter=2**32 - 1)
    assert int(one.get_counter(one.counted(big))) == 0


def test_streams_draw_the_same_on_both() -> None:
    drawn: dict[str, list[np.ndarray]] = {}
    for backend in BACKENDS:
        rng = bx.Rng(bx.Graph("net") / "rng")
        params = rng.seed(bx.params(backend=backend), seed=2**40 + 3)
        key, params = rng(params)
        uniform, params = rng.uniform(params, (3, 4), -1, 1)
        normal, params = rng.normal(params, 5, std=2.0, dtype="float16")
        mask, params = rng.bernoulli(params, 0.3, (4, 4))
        integers, params = rng.randint(params, (6,), -2, 7)
        assert int(rng.get_counter(params)) == 5
        drawn[backend] = [*map(numbers, (key, uniform, normal, mask, integers))]
    for one, other in zip(*drawn.values(), strict=True):
        assert one.dtype == other.dtype and one.tobytes() == other.tobytes()


@each_backend
def test_what_streams_refuse(backend: str) -> None:
    rng = bx.Rng(bx.Graph("net") / "rng")
    empty = bx.params(backend=backend)
    with pytest.raises(ValueError, match="'net/rng' has no seed: pass seed="):
        rng.seed(empty, counter=1)
    with pytest.raises(KeyError, match=r"'net/rng' has no seed in these params: params = rng.seed\(params, seed="):
        rng.get_counter(empty)
    with pytest.raises(ValueError, match="nothing of 'net/rng' changes"):
        rng.seed(rng.seed(empty, seed=1))
    drop = bx.Dropout(rng.graph.root / "drop", 0.5, rng=rng)
    with pytest.raises(KeyError, match="'net/rng' has no seed"):
        drop(empty, array(backend, 2, 2), is_training=True)
    assert drop(empty, array(backend, 2, 2))[0] is not None


def test_keys_of_jax_seed_streams() -> None:
    rng = bx.Rng(bx.Graph("net") / "rng")
    expected = rng.seed(bx.params(backend="jax"), seed=5)
    for key in (jax.random.key(5), jax.random.PRNGKey(5)):
        assert rng.seed(bx.params(backend="jax"), seed=key) == expected
    traced = jax.jit(lambda key: rng.seed(bx.params(backend="jax"), seed=key))(jax.random.key(5))
    assert bits(traced) == bits(expected)


class Decay(bx.RecurrenceBase):
    """A state that decays, in a dict, with a count beside it."""

    def initial_state(self, params: u.Params, inputs: Any) -> tuple[Any, u.Params]:
        start, params = self.get_param(params, "start", inputs.shape[1:], u.initializers.ones)
        return {"sum": 0 * inputs + start, "count": 0 * inputs[:, 0]}, params

    def __call__(
        self, params: u.Params, inputs: Any, prev_state: Any, is_reset: Any = None, is_training: bool = False
    ) -> Any:
        state = self.maybe_reset_state(params, prev_state, inputs, is_reset)
        rate, params = self.get_param(params, "rate", (), u.initializers.constant(0.5))
        state = {"sum": state["sum"] * rate + inputs, "count": state["count"] + 1}
        return (state["sum"], state), params


def by_hand(x: np.ndarray, reset: np.ndarray | None) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The outputs, the last sum and the last count of `Decay`."""
    total, count, outputs = np.ones_like(x[:, 0]), np.zeros_like(x[:, 0, 0]), []
    for t in range(x.shape[1]):
        if reset is not None:
            total, count = np.where(reset[:, t, None], 1, total), np.where(reset[:, t], 0, count)
        total, count = total * 0.5 + x[:, t], count + 1
        outputs.append(total)
    return np.stack(outputs, 1), total, count


@each_backend
@pytest.mark.parametrize("is_static", [False, True])
@pytest.mark.parametrize("with_reset", [False, True])
def test_recurrences(backend: str, is_static: bool, with_reset: bool) -> None:
    """Rows 59 to 61: `apply` is `(batch, time, ...)`, with resets, where params are locked and where they grow."""
    module = Decay(bx.Graph("net") / "decay", is_static=is_static)
    x = array(backend, 3, 5, 2)
    reset = np.random.default_rng(1).random((3, 5)) < 0.4 if with_reset else None
    expected, total, count = by_hand(numbers(x), reset)
    is_reset = None if reset is None else ARRAYS[backend](reset)
    (outputs, state), params = module.apply(bx.params(0, backend), x, is_reset=is_reset)
    assert [*params] == ["net/decay/start", "net/decay/rate"]
    for grown in (params, params.locked()):
        (outputs, state), same = module.apply(grown, x, is_reset=is_reset)
        assert bits(same) == bits(params)
        np.testing.assert_allclose(numbers(outputs), expected, atol=1e-6)
        np.testing.assert_allclose(numbers(state["sum"]), total, atol=1e-6)
        np.testing.assert_array_equal(numbers(state["count"]), count)
    later, _ = module.apply(params.locked(), x[:, :2], state)
    np.testing.assert_allclose(numbers(later[0][:, 0]), total * 0.5 + numbers(x[:, 0]), atol=1e-6)


@each_backend
def test_resets_are_trees(backend: str) -> None:
    """Row 60: one step, and a reset for each part of the state."""
    module, x = Decay(bx.Graph("net") / "decay"), array(backend, 2, 3)
    state, params = module.initial_state(bx.params(0, backend), x)
    (_, state), params = module(params, x, state)
    keep, drop = (ARRAYS[backend](np.array(values)) for values in ([False, False], [True, False]))
    new = module.maybe_reset_state(params, state, x, {"sum": keep, "count": drop})
    np.testing.assert_array_equal(numbers(new["sum"]), numbers(state["sum"]))
    assert numbers(new["count"]).tolist() == [0, 1]
    assert module.maybe_reset_state(params, state, x) is state
    with pytest.raises(ValueError, match="'net/decay': is_reset and initial_state have the structure of the state"):
        module.maybe_reset_state(params, state, x, {"sum": keep})


@each_backend
@pytest.mark.parametrize("name", ["LSTM", "GRU"])
@pytest.mark.parametrize("is_static", [False, True])
def test_lstm_and_gru(backend: str, name: str, is_static: bool) -> None:
    """Rows 59, 61, 62: against the sequence layer of `torch.nn` with the same weights."""
    graph, x = bx.Graph(), array(backend, 2, 5, 3)
    module = getattr(bx, name)(graph / "cell", None, 4, is_static=is_static)
    (outputs, state), params = module.apply(bx.params(0, backend), x)
    oracle = getattr(torch.nn, name)(3, 4, batch_first=True)
    weights = {f"{path.removeprefix('cell/')}_l0": torch.tensor(numbers(value)) for path, value in params.items()}
    oracle.load_state_dict(weights)
    expected, last = oracle(torch.tensor(numbers(x)))
    hidden, *cell = last if name == "LSTM" else (last,)
    np.testing.assert_allclose(numbers(outputs), expected.detach(), atol=1e-6)
    np.testing.assert_allclose(numbers(state.hidden), hidden[0].detach(), atol=1e-6)
    for value in cell:
        np.testing.assert_allclose(numbers(state.cell), value[0].detach(), atol=1e-6)
    assert type(state) is getattr(bx, f"{name}State")
    (first, _), _ = module(params, x[:, 0], module.initial_state(params, x[:, 0])[0])
    np.testing.assert_allclose(numbers(first), expected[:, 0].detach(), atol=1e-6)
    net = u.transform(lambda x: getattr(u, f"{name}Cell")(None, 4, name="cell")(x), backend=backend)
    initial = net.init(x[:, 0], rng=0)
    assert bits(params) == bits(initial.params if backend == "torch" else initial)


def test_resets_are_those_of_unroll() -> None:
    """Row 59: the oracle is the inline style's `u.unroll` with `reset=`."""
    x, reset = array("jax", 2, 6, 3), jnp.asarray(np.random.default_rng(3).random((2, 6)) < 0.4)
    net = u.transform(lambda x, reset: u.unroll(u.LSTMCell(None, 4, name="cell"), x, reset=reset), backend="jax")
    initial = net.init(x, reset, rng=0)
    (expected, (hidden, cell)), _ = net.apply(initial, x, reset)
    lstm = bx.LSTM(bx.Graph() / "cell", None, 4)
    (outputs, state), _ = lstm.apply(initial, x, is_reset=reset)
    for one, other in ((outputs, expected), (state.hidden, hidden), (state.cell, cell)):
        np.testing.assert_allclose(one, other, atol=1e-6)


@each_backend
def test_scans_of_functions_and_of_state(backend: str) -> None:
    """Row 61: a step that draws and writes state; both scans, locked and not, give the same."""
    graph = bx.Graph("net")
    rng = bx.Rng(graph / "rng")
    norm, drop = bx.BatchNorm1d(graph / "norm", 3), bx.Dropout(graph / "drop", 0.5, rng=rng)

    def step(params: u.Params, x: Any, state: Any, is_reset: Any, is_training: bool) -> Any:
        y, params = norm(params, x["a"], is_training=is_training)
        y, params = drop(params, y, is_training=is_training)
        return ({"y": y}, state + y.sum(1)), params

    x = {"a": array(backend, 4, 6, 3)}
    start = array(backend, 4) * 0
    empty = rng.seed(bx.params(0, backend), seed=1)
    results = []
    for scan in (bx.static_scan, bx.dynamic_scan):
        _, params = norm(empty, x["a"][:, 0])
        for grown in (empty, params, params.locked()):
            (outputs, state), after = scan(step, grown, x, start, is_training=True)
            assert int(rng.get_counter(after)) == 6 and int(after["net/norm/num_batches_tracked"]) == 6
            results.append((numbers(outputs["y"]), numbers(state), numbers(after["net/norm/running_mean"])))
    for result in results:
        for one, other in zip(result, results[0], strict=True):
            np.testing.assert_allclose(one, other, atol=1e-5)
    assert results[0][0].shape == (4, 6, 3)


@each_backend
def test_what_scans_refuse(backend: str) -> None:
    module = Decay(bx.Graph("net") / "decay")
    x = array(backend, 3, 5, 2)
    _, params = module.apply(bx.params(0, backend), x)
    params = params.locked()
    with pytest.raises(ValueError, match="no step to run"):
        module.apply(params, x[:, :0], {"sum": x[:, 0], "count": x[:, 0, 0]})
    with pytest.raises(ValueError, match=r"are \(batch, time, ...\), got .*\(3,\)"):
        bx.dynamic_scan(module, params, x[:, 0, 0], None)
    with pytest.raises(ValueError, match=r"one size.*inputs.* has 5.*is_reset.* has 4"):
        module.apply(params, x, is_reset=x[:, :4, 0] > 0)

    def grows(params: u.Params, x: Any, state: Any, is_reset: Any, is_training: bool) -> Any:
        return (x, state[None]), params

    for scan in (bx.static_scan, bx.dynamic_scan):
        with pytest.raises(TypeError, match=r"scan: the state went in as .* and came out as"):
            scan(grows, params, x, x[:, 0])
