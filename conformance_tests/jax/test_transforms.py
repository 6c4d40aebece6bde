"""JAX's transforms applied to `apply`, without a wrapper; the raw `jnp` network is the oracle."""

import re
from collections import Counter
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax
from jax.sharding import PartitionSpec

import unified as u
from conformance_tests.jax.fresh import run_fresh
from conformance_tests.jax.models import MLP, NESTED, Case, model

Pairs = list[tuple[jax.Array, jax.Array]]


def raw_mlp(pairs: Pairs, x: jax.Array) -> jax.Array:
    """Compute the MLP, as one would write it by hand."""
    for weight, bias in pairs:
        h = lax.dot_general(x, weight, (((1,), (1,)), ((), ()))) + bias
        x = jax.nn.relu(h)
    return h


def pairs_of(params: u.Params) -> Pairs:
    values = list(params.values())
    return list(zip(values[::2], values[1::2], strict=True))


def forward(params: u.Params, x: jax.Array) -> jax.Array:
    return MLP.net.apply(params, x)[0]


def assert_close(values: Any, expected: Any) -> None:
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-5), values, expected)


def test_apply_equals_the_raw_network() -> None:
    np.testing.assert_array_equal(MLP.evaluate(MLP.params, MLP.x)[0], jax.jit(raw_mlp)(pairs_of(MLP.params), MLP.x))


def test_jit_of_apply_itself_with_training_static(case: Case) -> None:
    jitted = jax.jit(case.net.apply, static_argnames="training")
    for training in (False, True):
        (out, changes), (expected, expected_changes) = (
            apply(case.params, case.x, training=training) for apply in (jitted, case.net.apply)
        )
        assert_close(out, expected)
        assert list(changes) == list(expected_changes)
        assert_close(changes, expected_changes)


def test_apply_is_not_traced_again() -> None:
    traces = []

    def body(x: jax.Array) -> jax.Array:
        traces.append(1)
        return u.Linear(5, 2)(x)

    net = model(body)
    params = net.init(MLP.x, rng=0)
    jitted = jax.jit(net.apply, static_argnames="training")
    traces.clear()
    for step in range(3):
        jitted(params, MLP.x + step)
        jitted(params, MLP.x + step, training=True)
    assert len(traces) == 2


def test_gradients_equal_the_raw_network() -> None:
    gradients = jax.grad(lambda params: (forward(params, MLP.x) ** 2).sum())(MLP.params)
    raw = jax.grad(lambda pairs: (raw_mlp(pairs, MLP.x) ** 2).sum())(pairs_of(MLP.params))
    assert isinstance(gradients, u.Params)
    assert tuple(gradients) == MLP.paths
    assert_close(pairs_of(gradients), raw)


def test_gradients_of_the_trainable_part_agree_with_differences(case: Case) -> None:
    trainable, rest = case.params.split()
    (_, _), gradients = case.gradients(trainable, rest, case.x)
    assert list(gradients) == list(trainable)
    direction = jax.tree.map(
        lambda value: jnp.sign(jnp.sin(7 * jnp.arange(value.size)).reshape(value.shape)), trainable
    )
    slope = sum((gradients[path] * direction[path]).sum() for path in trainable)

    def loss_at(size: float) -> jax.Array:
        moved = jax.tree.map(lambda value, change: value + size * change, trainable, direction)
        return case.gradients(moved, rest, case.x)[0][0]

    np.testing.assert_allclose(slope, (loss_at(1e-3) - loss_at(-1e-3)) / 2e-3, rtol=2e-2, atol=1e-3)


def test_vmap_over_a_batch(case: Case) -> None:
    batched = jax.jit(jax.vmap(lambda params, x: case.net.apply(params, x[None])[0][0], in_axes=(None, 0)))
    assert_close(batched(case.params, case.x), case.evaluate(case.params, case.x)[0])


def test_vmap_of_apply_itself_over_batches(case: Case) -> None:
    xs = jnp.stack([case.x, -case.x])
    out, changes = jax.jit(jax.vmap(case.net.apply, in_axes=(None, 0)))(case.params, xs)
    assert len(changes) == 0
    for x, output in zip(xs, out, strict=True):
        assert_close(output, case.evaluate(case.params, x)[0])


def test_an_ensemble_by_vmap_of_init_and_apply(case: Case) -> None:
    keys = jax.random.split(jax.random.key(3), 3)
    stacked = jax.jit(jax.vmap(lambda key: case.net.init(case.x, rng=key)))(keys)
    assert jax.tree.structure(stacked) == jax.tree.structure(case.params)
    out, _ = jax.jit(jax.vmap(case.net.apply, in_axes=(0, None)))(stacked, case.x)
    for number, key in enumerate(keys):
        single = case.net.init(case.x, rng=key)
        for path in case.paths:
            np.testing.assert_array_equal(stacked[path][number], single[path], err_msg=path)
        assert_close(out[number], case.evaluate(single, case.x)[0])


def test_scan_as_a_training_loop_equals_the_python_loop(case: Case) -> None:
    looped, losses = case.params, []
    for _ in range(3):
        looped, loss = case.step(looped, case.x)
        losses.append(loss)
    scanned, scanned_losses = jax.jit(lambda params, xs: lax.scan(case.step, params, xs))(
        case.params, jnp.stack([case.x] * 3)
    )
    assert_close(scanned_losses, jnp.stack(losses))
    assert_close(scanned, looped)


def test_checkpoint_changes_no_gradient(case: Case) -> None:
    trainable, rest = case.params.split()
    remat = jax.jit(jax.value_and_grad(jax.checkpoint(case.loss), has_aux=True))
    assert_close(remat(trainable, rest, case.x), case.gradients(trainable, rest, case.x))


def test_forward_and_reverse_derivatives_agree(case: Case) -> None:
    trainable, rest = case.params.split()

    def function(params: u.Params) -> jax.Array:
        return case.net.apply(params | rest, case.x)[0]

    @jax.jit
    def products(params: u.Params) -> tuple[jax.Array, jax.Array]:
        tangent = jax.tree.map(jnp.cos, params)
        out, pushed = jax.jvp(function, (params,), (tangent,))
        _, pull = jax.vjp(function, params)
        (pulled,) = pull(jnp.sin(out))
        forwards = (jnp.sin(out) * pushed).sum()
        return forwards, sum((pulled[path] * tangent[path]).sum() for path in params)

    forwards, backwards = products(trainable)
    assert forwards != 0
    np.testing.assert_allclose(forwards, backwards, rtol=1e-4)


def test_hessian_of_a_tiny_model() -> None:
    net = model(lambda x: u.Linear(2, 1)(x))
    x = jnp.array([[1.0, 2.0], [3.0, -1.0]])
    params = net.init(x, rng=0)
    hessian = jax.hessian(lambda params: (net.apply(params, x)[0] ** 2).sum() / 2)(params)
    weight_rows = hessian["linear/weight"]
    assert isinstance(weight_rows, u.Params)
    np.testing.assert_allclose(weight_rows["linear/weight"].reshape(2, 2), x.T @ x, rtol=1e-6)
    np.testing.assert_allclose(weight_rows["linear/bias"].reshape(2), x.sum(0), rtol=1e-6)
    np.testing.assert_allclose(hessian["linear/bias"]["linear/bias"].reshape(()), 2.0, rtol=1e-6)


def primitive_names(jaxpr: Any) -> list[str]:
    """Return the names of the primitives of a jaxpr in order, with those of inner jaxprs."""
    names = []
    for equation in jaxpr.eqns:
        names.append(equation.primitive.name)
        for value in equation.params.values():
            inner = getattr(value, "jaxpr", value)
            if hasattr(inner, "eqns"):
                names += primitive_names(inner)
    return names


@pytest.mark.parametrize("training", [False, True])
def test_apply_traces_to_no_more_than_the_raw_network(training: bool) -> None:
    def raw_network(pairs: Pairs, x: jax.Array) -> jax.Array:
        for position, (weight, bias) in enumerate(pairs):
            x = lax.dot_general(x, weight, (((1,), (1,)), ((), ())))
            x = x + lax.broadcast_in_dim(bias, x.shape, (1,))
            x = jax.nn.relu(x) if position < 2 else x
        return x

    ours = jax.make_jaxpr(lambda params, x: MLP.net.apply(params, x, training=training))(MLP.params, MLP.x)
    raw = jax.make_jaxpr(raw_network)(pairs_of(MLP.params), MLP.x)
    assert primitive_names(ours.jaxpr) == primitive_names(raw.jaxpr)
    assert len(ours.jaxpr.outvars) == 1


INSTRUCTION = re.compile(r"^\s+(?:ROOT )?%?[\w.-]+ = (?:\(.*?\)|\S+) ([a-z][\w-]*)\(", re.MULTILINE)


def operations(function: Any, *arguments: Any) -> Counter[str]:
    """Count the operations of the compiled `function`."""
    return Counter(INSTRUCTION.findall(jax.jit(function).lower(*arguments).compile().as_text()))


def test_apply_compiles_to_what_the_raw_network_does() -> None:
    def raw(pairs: Pairs, x: jax.Array) -> jax.Array:
        for weight, bias in pairs[:-1]:
            x = jax.nn.relu(x @ weight.T + bias)
        return x @ pairs[-1][0].T + pairs[-1][1]

    ours, expected = operations(forward, MLP.params, MLP.x), operations(raw, pairs_of(MLP.params), MLP.x)
    assert expected["parameter"] >= 7
    assert ours == expected

    def gradient(function: Any) -> Any:
        return jax.grad(lambda params, x: function(params, x).sum())

    assert operations(gradient(forward), MLP.params, MLP.x) == operations(gradient(raw), pairs_of(MLP.params), MLP.x)


def test_evaluation_returns_no_variables() -> None:
    assert len(jax.tree.leaves(jax.eval_shape(NESTED.net.apply, NESTED.params, NESTED.x))) == 1


def compare_shard_map() -> None:
    """Check, on eight devices, that data-parallel gradients by `shard_map` equal those of the whole batch."""
    assert jax.device_count() == 8
    mesh = jax.make_mesh((8,), ("data",), axis_types=(jax.sharding.AxisType.Auto,))
    x = jax.random.normal(jax.random.key(1), (16, 5))

    def mean(params: u.Params, x: jax.Array) -> jax.Array:
        return (forward(params, x) ** 2).mean()

    @jax.jit
    def sharded(params: u.Params, x: jax.Array) -> tuple[jax.Array, u.Params]:
        def local(params: u.Params, x: jax.Array) -> tuple[jax.Array, u.Params]:
            loss, gradients = jax.value_and_grad(lambda p: lax.pmean(mean(p, x), "data"))(params)
            return loss, gradients

        rows, whole = PartitionSpec("data"), PartitionSpec()
        return jax.shard_map(local, mesh=mesh, in_specs=(whole, rows), out_specs=(whole, whole))(params, x)

    results, expected = sharded(MLP.params, x), jax.value_and_grad(mean)(MLP.params, x)
    assert isinstance(results[1], u.Params)
    assert_close(results, expected)

    outputs = jax.shard_map(
        MLP.net.apply, mesh=mesh, in_specs=(PartitionSpec(), PartitionSpec("data")), out_specs=PartitionSpec("data")
    )(MLP.params, x)[0]
    assert_close(outputs, forward(MLP.params, x))
    print("compared")


def test_shard_map_over_eight_devices() -> None:
    printed = run_fresh(__name__, "compare_shard_map", XLA_FLAGS="--xla_force_host_platform_device_count=8")
    assert printed.split() == ["compared"]
