"""Flax's nnx on torch against nnx on JAX: names, initial values, outputs, gradients and training steps."""

from collections.abc import Callable
from typing import Any

import flax.nnx
import jax as oracle
import numpy as np
import optax
import pytest

import unified.compat.jax as jax
from conformance_tests.compat.differential import on
from unified.compat import load

ours, our_optax = load("flax.nnx", "torch"), load("optax", "torch")
RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(4, 6)).astype(np.float32)
IMAGES = RANDOM.normal(size=(2, 5, 5, 3)).astype(np.float32)
ROWS = RANDOM.normal(size=(2, 3, 6)).astype(np.float32)

MODELS: dict[str, tuple[Callable[[Any], Any], np.ndarray]] = {
    "linear": (lambda nnx: nnx.Linear(6, 3, rngs=nnx.Rngs(0)), X),
    "conv": (lambda nnx: nnx.Conv(3, 4, (3, 3), strides=2, rngs=nnx.Rngs(0)), IMAGES),
    "batch norm": (lambda nnx: nnx.BatchNorm(6, rngs=nnx.Rngs(0)), X),
    "layer norm": (lambda nnx: nnx.LayerNorm(6, rngs=nnx.Rngs(0)), X),
    "dropout": (lambda nnx: nnx.Sequential(nnx.Linear(6, 6, rngs=nnx.Rngs(0)), nnx.Dropout(0.5, rngs=nnx.Rngs(1))), X),
    "attention": (lambda nnx: nnx.MultiHeadAttention(2, 6, decode=False, rngs=nnx.Rngs(0)), ROWS),
    "embed": (lambda nnx: nnx.Embed(7, 4, rngs=nnx.Rngs(0)), np.array([[1, 2], [6, 0]], np.int32)),
    "lstm": (lambda nnx: nnx.RNN(nnx.LSTMCell(6, 4, rngs=nnx.Rngs(0))), ROWS),
    "gru": (lambda nnx: nnx.RNN(nnx.GRUCell(6, 4, rngs=nnx.Rngs(0))), ROWS),
}


def plain(jax: Any, tree: Any) -> list[np.ndarray]:
    """The arrays of a tree as NumPy arrays, keys as their words."""
    found = []
    for leaf in jax.tree_util.tree_leaves(tree):
        is_key = hasattr(leaf, "dtype") and str(leaf.dtype).startswith("key")
        found.append(np.asarray(jax.random.key_data(leaf) if is_key else leaf))
    return found


def same(program: Callable[[Any, Any, Any], Any], rtol: float = 1e-4, atol: float = 1e-6) -> None:
    """Run a program with nnx, jax and optax on JAX and on torch, and compare what it gives."""
    wanted = plain(oracle, program(flax.nnx, oracle, optax))
    with on("torch"):
        found = plain(jax, program(ours, jax, our_optax))
    assert len(found) == len(wanted)
    for one, two in zip(found, wanted, strict=True):
        assert one.shape == two.shape
        assert one.dtype == two.dtype
        np.testing.assert_allclose(one, two, rtol=rtol, atol=atol)


@pytest.mark.parametrize("name", MODELS)
def test_names_and_initial_values(name: str) -> None:
    def names(nnx: Any) -> Any:
        return [(path, type(leaf).__name__) for path, leaf in nnx.to_flat_state(nnx.state(MODELS[name][0](nnx)))]

    with on("torch"):
        found = names(ours)
    assert found == names(flax.nnx)
    same(lambda nnx, jax, optax: nnx.state(MODELS[name][0](nnx)), rtol=1e-6)


@pytest.mark.parametrize("name", MODELS)
def test_outputs_and_state(name: str) -> None:
    def program(nnx: Any, jax: Any, optax: Any) -> Any:
        make, x = MODELS[name]
        model = make(nnx)
        first, second = model(jax.numpy.asarray(x)), model(jax.numpy.asarray(x))
        model.eval()
        return first, second, model(jax.numpy.asarray(x)), nnx.state(model)

    same(program, atol=1e-5)


def trained(nnx: Any, jax: Any, optax: Any, name: str) -> Any:
    """The losses and the state of three steps."""
    make, x = MODELS[name]
    model = make(nnx)
    optimizer = nnx.Optimizer(model, optax.sgd(0.1, momentum=0.9), wrt=nnx.Param)

    @nnx.jit
    def step(model: Any, optimizer: Any, x: Any) -> Any:
        loss, gradients = nnx.value_and_grad(lambda model: (model(x) ** 2).mean())(model)
        optimizer.update(model, gradients)
        return loss, gradients

    steps = [step(model, optimizer, jax.numpy.asarray(x)) for _ in range(3)]
    return steps, nnx.state(model), nnx.state(optimizer)


@pytest.mark.slow
@pytest.mark.parametrize("name", MODELS)
def test_training(name: str) -> None:
    same(lambda nnx, jax, optax: trained(nnx, jax, optax, name), rtol=1e-3, atol=1e-5)


def split_and_merge(nnx: Any, jax: Any, optax: Any) -> Any:
    model = nnx.BatchNorm(6, rngs=nnx.Rngs(0))
    graph, params, rest = nnx.split(model, nnx.Param, ...)
    again = nnx.merge(graph, jax.tree_util.tree_map(lambda x: x + 1, params), rest)
    y = again(jax.numpy.asarray(X))
    nnx.update(model, nnx.state(again, nnx.BatchStat))
    return y, nnx.state(model), nnx.state(again), nnx.pop(again, nnx.BatchStat)


def jitted(nnx: Any, jax: Any, optax: Any) -> Any:
    model = nnx.Sequential(nnx.Linear(6, 6, rngs=nnx.Rngs(0)), nnx.Dropout(0.5, rngs=nnx.Rngs(1)))

    @nnx.jit
    def run(model: Any, x: Any) -> Any:
        model.layers[0].bias[...] += 1
        return model(x)

    return [run(model, jax.numpy.asarray(X)) for _ in range(2)], nnx.state(model)


def differentiated(nnx: Any, jax: Any, optax: Any) -> Any:
    model = nnx.Linear(6, 3, rngs=nnx.Rngs(0))
    x = jax.numpy.asarray(X)
    by_kernel = nnx.DiffState(0, nnx.PathContains("kernel"))
    loss = lambda model, x: (model(x) ** 2).sum()
    return nnx.grad(loss)(model, x), nnx.grad(loss, argnums=by_kernel)(model, x), nnx.grad(loss, argnums=1)(model, x)


def mapped(nnx: Any, jax: Any, optax: Any) -> Any:
    @nnx.split_rngs(splits=3)
    @nnx.vmap(in_axes=0, out_axes=0)
    def make(rngs: Any) -> Any:
        return nnx.Linear(6, 2, rngs=rngs)

    models = make(nnx.Rngs(0))
    run = nnx.vmap(lambda model, x: model(x), in_axes=(0, None), out_axes=1)
    return nnx.state(models), run(models, jax.numpy.asarray(X))


def scanned(nnx: Any, jax: Any, optax: Any) -> Any:
    @nnx.split_rngs(splits=3)
    @nnx.vmap(in_axes=0, out_axes=0)
    def make(rngs: Any) -> Any:
        return nnx.Linear(6, 6, rngs=rngs)

    models = make(nnx.Rngs(0))

    @nnx.scan(in_axes=(0, nnx.Carry), out_axes=nnx.Carry)
    def run(model: Any, x: Any) -> Any:
        return jax.numpy.tanh(model(x))

    loss = lambda models, x: run(models, x).sum()
    return run(models, jax.numpy.asarray(X)), nnx.grad(loss)(models, jax.numpy.asarray(X))


def rematerialized(nnx: Any, jax: Any, optax: Any) -> Any:
    model = nnx.Linear(6, 3, rngs=nnx.Rngs(0))
    run = nnx.remat(lambda model, x: jax.numpy.sin(model(x)))
    return nnx.jit(nnx.grad(lambda model: run(model, jax.numpy.asarray(X)).sum()))(model)


def random_streams(nnx: Any, jax: Any, optax: Any) -> Any:
    rngs = nnx.Rngs(0, params=1)
    keys = [rngs.params(), rngs(), rngs.dropout(), rngs.params()]
    return keys, nnx.state(rngs), rngs.params.normal((2,)), nnx.state(rngs.split(2))


def metrics(nnx: Any, jax: Any, optax: Any) -> Any:
    found = nnx.MultiMetric(accuracy=nnx.metrics.Accuracy(), loss=nnx.metrics.Average("loss"), w=nnx.metrics.Welford())
    logits, labels = jax.numpy.asarray(X), jax.numpy.asarray([1, 2, 0, 5])
    for _ in range(2):
        found.update(logits=logits, labels=labels, loss=jax.numpy.asarray(0.5), values=logits)
    computed = found.compute()
    statistics = computed.pop("w")
    return computed, [statistics.mean, statistics.standard_deviation], nnx.state(found)


def shapes(nnx: Any, jax: Any, optax: Any) -> Any:
    model = nnx.eval_shape(lambda: nnx.Linear(6, 3, rngs=nnx.Rngs(0)))
    return [list(leaf.shape) for leaf in jax.tree_util.tree_leaves(nnx.state(model, nnx.Param))]


def branches(nnx: Any, jax: Any, optax: Any) -> Any:
    model = nnx.Linear(6, 3, rngs=nnx.Rngs(0))

    def add(model: Any) -> None:
        model.bias[...] += 1

    nnx.cond(jax.numpy.asarray(True), add, lambda model: None, model)
    nnx.cond(jax.numpy.asarray(False), add, lambda model: None, model)
    return nnx.state(model), nnx.fori_loop(0, 3, lambda i, model: (add(model), model)[1], model).bias[...]


PROGRAMS = [
    split_and_merge, jitted, differentiated, mapped, scanned, rematerialized, random_streams, metrics, shapes, branches
]  # fmt: skip


@pytest.mark.parametrize("program", PROGRAMS)
def test_programs(program: Any) -> None:
    same(program, atol=1e-5)
