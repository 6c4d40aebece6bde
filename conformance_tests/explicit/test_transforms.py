"""Transforms of both frameworks over explicit params, as they are: rows 27, 30 to 32 and 52, 53 of what blox has."""

import concurrent.futures
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch

import unified as u
import unified.explicit as bx
import unified.functional as F
from conformance_tests.explicit.models import BACKENDS, array, bits, network, numbers

each_backend = pytest.mark.parametrize("backend", BACKENDS)


def init(backend: str) -> tuple[Any, Any, u.Params, Any]:
    _, rng, module = network()
    x = array(backend, 4, 8)
    _, params = module(rng.seed(bx.params(seed=42, backend=backend), seed=7), x)
    return rng, module, params.locked(), x


def test_jit_of_a_call() -> None:
    """Row 32: outputs, statistics and counters of a jitted call are those of one that is not; it compiles once."""
    _, module, params, x = init("jax")
    calls = []

    @jax.jit
    def step(params: u.Params, x: Any) -> Any:
        calls.append(1)
        return module(params, x, is_training=True)

    eager, expected = params, []
    for _ in range(3):
        y, params = step(params, x)
        z, eager = module(eager, x, is_training=True)
        expected.append(z)
        np.testing.assert_allclose(y, z, atol=1e-5)
    assert len(calls) == 1 and int(params["net/rng/counter"]) == 3
    assert (expected[0] != expected[1]).any()
    for path, value in params.items():
        np.testing.assert_allclose(value, eager[path], atol=1e-6)


def test_init_in_jit_and_as_shapes() -> None:
    """Values are made in the graph; `eval_shape` makes none; the bits are those of an init that is not compiled."""
    rng, module, params, x = init("jax")

    def make(x: Any) -> u.Params:
        return module(rng.seed(bx.params(seed=42, backend="jax"), seed=7), x)[1]

    assert bits(jax.jit(make)(x)) == bits(params)
    shapes = jax.eval_shape(make, x)
    assert shapes.locked().info == params.info and "shift" in jax.jit(make).lower(x).as_text()


@each_backend
def test_init_for_many_keys(backend: str) -> None:
    """An ensemble: the seed of the stream is mapped over, and its members are those of each seed."""
    graph, x = bx.Graph("net"), array(backend, 4, 8)
    rng = bx.Rng(graph / "rng")
    up, down = bx.Linear(graph / "up", None, 6, rng=rng), bx.Linear(graph / "down", 6, 2, rng=rng)
    module = bx.Sequential(graph / "all", up, bx.BatchNorm1d(graph / "norm", 6), down)

    def make(key: Any) -> u.Params:
        return module(rng.seed(bx.params(backend=backend), seed=key), x)[1].locked()

    if backend == "jax":
        keys = jnp.array([[0, 5], [0, 6]], jnp.uint32)
        many = jax.vmap(make)(keys)
        y, _ = jax.vmap(module, in_axes=(0, None))(many, x)
    else:
        keys = torch.tensor([[0, 5], [0, 6]])
        many = torch.func.vmap(make)(keys)
        y, _ = torch.func.vmap(lambda params: module(params, x))(many)
    for position, seed in enumerate((5, 6)):
        one = module(rng.seed(bx.params(backend=backend), seed=seed), x)[1].locked()
        assert bits(one) == {path: np.ascontiguousarray(v).tobytes() for path, v in _member(many, position).items()}
        np.testing.assert_allclose(numbers(y[position]), numbers(module(one, x)[0]), atol=1e-5)


@each_backend
def test_a_call_over_many_params(backend: str) -> None:
    """Row 32: mapped over stacked params, in training: each member has its masks, statistics and counter."""
    rng, module, params, x = init(backend)
    members = [rng.seed(params, seed=seed) for seed in (1, 2, 3)]
    trees = u.core.backends.load(backend).trees
    mapped = jax.vmap if backend == "jax" else torch.func.vmap
    y, after = mapped(lambda params: module(params, x, is_training=True))(trees.stack(members))
    for position, member in enumerate(members):
        expected, state = module(member, x, is_training=True)
        np.testing.assert_allclose(numbers(y[position]), numbers(expected), atol=1e-5)
        for path, value in state.items():
            np.testing.assert_allclose(numbers(after[path][position]), numbers(value), atol=1e-6)


def _member(params: u.Params, position: int) -> dict[str, np.ndarray]:
    arrays = {path: numbers(value)[position] for path, value in params.items()}
    return {path: a.astype("int64") if a.dtype.kind in "iu" else a for path, a in arrays.items()}


def test_gradients_are_equal() -> None:
    """Rows 24, 32: by `jax.grad`, `torch.func.grad`, `torch.autograd.grad` and `backward`."""
    found: list[dict[str, np.ndarray]] = []
    for backend in BACKENDS:
        _, module, params, x = init(backend)
        trainable, rest = params.split()

        def loss(trainable: u.Params, rest: u.Params = rest, module: Any = module, x: Any = x) -> Any:
            y, _ = module(trainable | rest, x, is_training=True)
            return (y**2).sum()

        gradients = (jax.grad if backend == "jax" else torch.func.grad)(loss)(trainable)
        assert type(gradients) is u.Params and [*gradients] == [*trainable]
        found.append({path: numbers(value) for path, value in gradients.items()})
        if backend == "torch":
            assert not any(value.requires_grad for value in params.values())
            leaves = trainable.unfreeze()
            assert all(value.requires_grad and value.is_leaf for value in leaves.values())
            loss(leaves).backward()
            found.append({path: numbers(value.grad) for path, value in leaves.items()})
            by_autograd = torch.autograd.grad(loss(leaves), [*leaves.values()])
            found.append(dict(zip(leaves, map(numbers, by_autograd), strict=True)))
    for other in found[1:]:
        for path, value in found[0].items():
            np.testing.assert_allclose(other[path], value, atol=1e-5, err_msg=path)


def test_training() -> None:
    """Row 31: the step of blox's README on both frameworks; ten losses are equal, and fall."""
    losses: dict[str, list[float]] = {}
    for backend in (*BACKENDS, "torch optimizer"):
        framework = backend.partition(" ")[0]
        _, module, params, x = init(framework)
        target = array(framework, 4, 1, seed=1)

        def loss_fn(trainable: u.Params, rest: u.Params, module: Any = module, x: Any = x, target: Any = target) -> Any:
            y, params = module(trainable | rest, x, is_training=True)
            return ((y - target) ** 2).mean(), params.split()[1]

        history = losses.setdefault(backend, [])
        trainable, rest = params.split()
        if backend == "torch optimizer":
            trainable = trainable.unfreeze()
            optimizer = torch.optim.SGD([*trainable.values()], lr=0.1)
            for _ in range(10):
                loss, rest = loss_fn(trainable, rest)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                history.append(float(loss.detach()))
            continue
        tree_map = jax.tree.map if backend == "jax" else torch.utils._pytree.tree_map
        grad = {"jax": jax.grad, "torch": torch.func.grad}[backend](loss_fn, has_aux=True)
        for _ in range(10):
            history.append(float(loss_fn(trainable, rest)[0]))
            gradients, rest = grad(trainable, rest)
            trainable = tree_map(lambda w, g: w - 0.1 * g, trainable, gradients)
    for history in losses.values():
        np.testing.assert_allclose(history, losses["jax"], rtol=1e-4)
    assert losses["jax"][-1] < losses["jax"][0]


def test_a_raw_scan_carries_params() -> None:
    """Row 32: the params are the carry of `jax.lax.scan`."""
    _, module, params, x = init("jax")

    def step(params: u.Params, x: Any) -> Any:
        y, params = module(params, x, is_training=True)
        return params, y

    xs = array("jax", 3, 4, 8)
    after, ys = jax.lax.scan(step, params, xs)
    for x, y in zip(xs, ys, strict=True):
        expected, params = module(params, x, is_training=True)
        np.testing.assert_allclose(y, expected, atol=1e-5)
    assert int(after["net/rng/counter"]) == int(after["net/mlp/norm/num_batches_tracked"]) == 3


@pytest.mark.slow
def test_compiled_in_one_graph() -> None:
    """Row 32: `torch.compile(fullgraph=True)` of a call in training, of one in evaluation, and of a recurrence."""
    _, module, params, x = init("torch")
    compiled = torch.compile(module, fullgraph=True)
    for training in (True, False):
        (y, after), (z, expected) = (call(params, x, is_training=training) for call in (compiled, module))
        np.testing.assert_allclose(y, z, atol=1e-5)
        for path, value in after.items():
            np.testing.assert_allclose(value, expected[path], atol=1e-6)
    lstm = bx.LSTM(bx.Graph("net") / "lstm", None, 4)
    xs = array("torch", 2, 3, 5)
    (expected, _), params = lstm.apply(bx.params(0), xs)
    (outputs, _), _ = torch.compile(lstm.apply, fullgraph=True)(params.locked(), xs)
    np.testing.assert_allclose(outputs, expected, atol=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize("size", [13, None])
def test_compiled_without_a_call_before(size: int | None) -> None:
    """A checkpoint is loaded, and its model compiled at once; also one whose size follows from the input."""
    torch._dynamo.reset()  # once inputs of other sizes were compiled, torch makes sizes symbols, which no layer has
    layer = bx.Linear(bx.Graph("fresh") / "l", size, 7)
    params = u.Params({"fresh/l/weight": torch.ones(7, 13), "fresh/l/bias": torch.zeros(7)})
    y, _ = torch.compile(layer, fullgraph=True)(params, torch.ones(2, 13))
    assert y.tolist() == [[13.0] * 7] * 2


def test_init_without_memory_on_torch() -> None:
    """On the meta device, by its context and by `device=`; then with values from a file."""
    rng, module, params, _ = init("torch")
    with torch.device("meta"):
        _, shapes = module(rng.seed(bx.params(seed=42, backend="torch"), seed=7), torch.ones(4, 8))
    assert all(value.is_meta for path, value in shapes.items() if "rng" not in path)
    assert {path: info.shape for path, info in shapes.info.items()} == {p: i.shape for p, i in params.info.items()}
    layer = bx.Linear(bx.Graph("net") / "l", None, 3, device="meta")
    y, shapes = layer(bx.params(0), torch.ones(2, 4, device="meta"))
    assert y.is_meta and all(value.is_meta for value in shapes.values())


@each_backend
def test_modes_of_parts(backend: str) -> None:
    """Row 52: training is an argument of each call."""
    rng, module, params, x = init(backend)
    norm, drop = module.norm, module.drop
    hidden, _ = module.hidden(params, x)
    y, after = norm(params, hidden, is_training=True)
    assert int(after["net/mlp/norm/num_batches_tracked"]) == 1 and int(rng.get_counter(after)) == 0
    batch = numbers(hidden)
    expected = (batch - batch.mean(0)) / np.sqrt(batch.var(0) + 1e-5)
    np.testing.assert_allclose(numbers(y), expected, atol=1e-5)
    assert drop(after, y)[0] is y
    first, grown = bx.BatchNorm1d(bx.Graph("net") / "n", 16)(bx.params(0, backend), hidden, is_training=True)
    np.testing.assert_allclose(numbers(first), expected, atol=1e-5)
    assert int(grown["net/n/num_batches_tracked"]) == 1  # the first call trains too, if it says so


def test_statistics_over_a_mapped_axis() -> None:
    """Row 53: init outside of the axis, a call over it, as one batch."""
    x = array("jax", 2, 4, 3)
    graph = bx.Graph("net")
    norm, plain = bx.BatchNorm1d(graph / "n", 3, axis_name="batch"), bx.BatchNorm1d(graph / "plain", 3)
    _, params = norm(bx.params(0, "jax"), x[0])
    call = jax.vmap(lambda x: norm(params, x, is_training=True), axis_name="batch")
    y, _ = call(x)
    expected, _ = plain(bx.params(0, "jax"), x.reshape(8, 3), is_training=True)
    np.testing.assert_allclose(y.reshape(8, 3), expected, atol=1e-5)


@each_backend
def test_trees_of_each_framework(backend: str) -> None:
    """Rows 27, 30: params are a pytree; other trees of arrays lie beside them, by their paths."""
    _, _, params, _ = init(backend)
    if backend == "jax":
        doubled = jax.tree.map(lambda leaf: leaf * 2, params.split()[0])
        assert jax.tree_util.keystr(jax.tree_util.tree_leaves_with_path(params)[2][0]) == "['net/mlp/hidden/weight']"
    else:
        doubled = torch.utils._pytree.tree_map(lambda leaf: leaf * 2, params.split()[0])
    np.testing.assert_array_equal(numbers(doubled["net/readout/w"]), 2 * numbers(params["net/readout/w"]))
    state = u.Params.from_nested({"optimizer": {"m": dict(doubled)}})
    assert "optimizer/m/net/readout/w" in state and len(params | state) == len(params) + len(doubled)


@each_backend
def test_threads_share_modules(backend: str) -> None:
    """Eight threads call one module with params of their own: nothing of a call lies in the module or the thread."""
    rng, module, params, x = init(backend)
    many = [rng.seed(params, seed=seed) for seed in range(8)]
    expected = [numbers(module(one, x, is_training=True)[0]) for one in many]
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda one: numbers(module(one, x, is_training=True)[0]), many * 4))
    for position, value in enumerate(found):
        np.testing.assert_array_equal(value, expected[position % 8])


def test_within_a_body_of_the_inline_style() -> None:
    """A module is a pure function: a body calls it with params of its own."""
    _, module, params, x = init("torch")
    net = u.transform(lambda x: F.relu(module(params, u.Linear(8, 8)(x))[0]), backend="torch").init(x, rng=0)
    expected = F.relu(module(params, net.linear(x))[0])
    np.testing.assert_allclose(net(x).detach(), expected.detach(), atol=1e-6)
    assert [*net.params] == ["linear/weight", "linear/bias"]
