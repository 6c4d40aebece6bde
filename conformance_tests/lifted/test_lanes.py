"""Lanes of `u.vmap` that choose branches and numbers of steps of their own, or exchange statistics: torch as JAX."""

from collections.abc import Callable
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch

import unified as u
from unified import TransformBoundaryError

RANDOM = np.random.default_rng(0)
X = RANDOM.standard_normal((5, 4)).astype(np.float32)
WEIGHTS = RANDOM.standard_normal((5, 4)).astype(np.float32)
STATE = {"state": 0, "params": None}


def compare(body: Any, *inputs: np.ndarray, training: bool = True, gradients: bool = True) -> Any:
    """Compare outputs, gradients and updated state of two calls on torch with those on JAX, with the same bits."""
    of_jax: Any = u.transform(body, backend="jax")
    arrays = [jnp.asarray(value) for value in inputs]
    params = of_jax.init(*arrays, rng=1)
    net: Any = u.transform(body, backend="torch", rng="portable")
    net.init(*map(torch.from_numpy, inputs), rng=1).train(training)
    assert list(net.params) == list(params)
    apply = jax.jit(partial(of_jax.apply, training=training))
    for _ in range(2):
        expected, changes = apply(params, *arrays)
        tensors = [torch.from_numpy(value).requires_grad_(value.dtype == np.float32) for value in inputs]
        output = net(*tensors)
        for one, other in zip(jax.tree.leaves(output), jax.tree.leaves(expected), strict=True):
            np.testing.assert_allclose(one.detach(), other, rtol=1e-5, atol=1e-5)
        if gradients:

            def total(params: Any, arrays: Any) -> Any:
                return sum((leaf**2).sum() for leaf in jax.tree.leaves(of_jax.apply(params, *arrays, training=True)[0]))

            net.zero_grad()
            sum((leaf**2).sum() for leaf in jax.tree.leaves(output)).backward()
            trainable, rest = params.split()
            by_params, by_inputs = jax.grad(lambda t, a, rest=rest: total(rest | t, a), (0, 1))(trainable, arrays)
            of_torch = {"": tensors[0], **net.params.split()[0]}
            for path, tensor in of_torch.items():
                gradient = torch.zeros_like(tensor) if tensor.grad is None else tensor.grad
                other = by_params[path] if path else by_inputs[0]
                np.testing.assert_allclose(gradient, other, rtol=1e-4, atol=1e-5, err_msg=path)
        params = params | changes
        for path, value in net.params.items():
            np.testing.assert_allclose(value.detach().numpy(), params[path], rtol=1e-5, atol=1e-5, err_msg=path)
    return output


def chosen_by(row: Any) -> Any:
    return row.sum() > 0


def cond_with_layers(x: Any) -> Any:
    return u.vmap(lambda row: u.cond(chosen_by(row), u.Linear(4, 3), lambda row: -u.Linear(4, 3)(row), row))(x)


def cond_of_trees(x: Any) -> Any:
    def true(row: Any, scale: Any) -> Any:
        return {"a": row * scale, "b": (row.sum(), None)}

    def false(row: Any, scale: Any) -> Any:
        return {"a": row - scale, "b": (row.mean(), None)}

    return u.vmap(lambda row: u.cond(chosen_by(row), true, false, row, 2.0))(x)


def switch_of_three(x: Any) -> Any:
    def choose(row: Any) -> Any:
        number = (row > 0).sum() - 1  # -1 and 3 are clamped
        return u.switch(
            number, [lambda row: row * 2, lambda row: u.Linear(4, 4)(row), lambda row: row.sum() + row], row
        )

    return u.vmap(choose)(x)


def cond_that_draws(x: Any) -> Any:
    def choose(row: Any) -> Any:
        return u.cond(chosen_by(row), lambda row: u.Dropout(0.5)(row), lambda row: row + u.random.uniform((4,)), row)

    return u.vmap(choose, split_rngs=True)(x), u.vmap(choose)(x)


def cond_with_state(x: Any) -> Any:
    def counted(row: Any) -> Any:
        count = u.get_state("count", (), init_fn=u.initializers.zeros)
        u.set_state("count", count + 1)
        return row * (count + 1)

    def choose(row: Any) -> Any:
        return u.cond(chosen_by(row), counted, lambda row: row, row)

    return u.vmap(choose, variable_axes={"state": 0})(x)


def cond_with_statistics(x: Any) -> Any:
    def choose(rows: Any) -> Any:
        return u.cond(rows.sum() > 0, lambda rows: u.BatchNorm1d(4)(rows), lambda rows: rows * 2, rows)

    return u.vmap(choose, variable_axes={"state": 0})(x)


def cond_beside_statistics(x: Any) -> Any:
    """Statistics outside of the map are not those of a lane."""
    hidden = u.BatchNorm1d(4)(x)
    return u.vmap(lambda row: u.cond(chosen_by(row), lambda row: u.Linear(4, 3)(row), lambda row: row[:3], row))(hidden)


def cond_in_scan(x: Any) -> Any:
    def step(carry: Any, value: Any) -> Any:
        carry = u.cond(value > 0, lambda c: u.Linear(2, 2)(c), lambda c: c + u.random.uniform((2,)), carry)
        return carry, carry.sum()

    return u.vmap(lambda row: u.scan(step, row[:2], row), split_rngs=True)(x)


def cond_in_two_maps(x: Any) -> Any:
    inner = lambda value: u.cond(value > 0, lambda v: v * 3, lambda v: v + u.random.uniform(()), value)  # noqa: E731
    return u.vmap(u.vmap(inner, split_rngs=True), split_rngs=True)(x)


def cond_in_cond(x: Any) -> Any:
    def outer(row: Any) -> Any:
        return u.cond(
            chosen_by(row),
            lambda row: u.cond(row[0] > 0, lambda row: u.Linear(4, 4)(row), lambda row: row * 3, row),
            lambda row: u.Linear(4, 4)(row),
            row,
        )

    return u.vmap(outer)(x)


def cond_within_grad(x: Any) -> Any:
    def loss(row: Any) -> Any:
        return u.cond(chosen_by(row), lambda row: u.Linear(4, 1)(row).sum(), lambda row: (row**3).sum(), row)

    return u.vmap(u.grad(loss))(x)


def cond_with_one_choice(x: Any) -> Any:
    return u.vmap(lambda row: u.cond(x.sum() > 0, lambda row: row * 2, lambda row: row * 3, row))(x)


CHOICES = [
    cond_with_layers,
    cond_of_trees,
    switch_of_three,
    cond_that_draws,
    cond_with_state,
    cond_beside_statistics,
    cond_in_scan,
    cond_in_two_maps,
    cond_in_cond,
    cond_within_grad,
    cond_with_one_choice,
]


@pytest.mark.parametrize("body", CHOICES, ids=lambda body: body.__name__)
def test_lanes_that_choose(body: Any) -> None:
    compare(body, X)


@pytest.mark.parametrize("training", [True, False])
def test_statistics_of_the_lanes_that_train(training: bool) -> None:
    compare(cond_with_statistics, np.stack([X, -X, X + 1, X - 1]), training=training, gradients=training)


def halve(x: Any) -> Any:
    return u.vmap(lambda row: u.while_loop(lambda r: abs(r).sum() > 1, lambda r: r * 0.5, row))(x)


def steps_of_lanes(x: Any) -> Any:
    def run(row: Any) -> Any:
        test = lambda carry: carry[0] < abs(row).sum()  # noqa: E731
        return u.while_loop(test, lambda carry: (carry[0] + 1, u.Linear(4, 4)(carry[1])), (0 * row.sum(), row))

    return u.vmap(run)(x)


def loop_that_draws(x: Any) -> Any:
    def run(row: Any) -> Any:
        return u.while_loop(lambda r: r.sum() < 4, lambda r: r + u.random.uniform((4,)), row)

    return u.vmap(run, split_rngs=True)(x), u.vmap(run)(x), u.random.uniform((3,))


def loop_with_state(x: Any) -> Any:
    def step(row: Any) -> Any:
        count = u.get_state("count", (), init_fn=u.initializers.zeros)
        u.set_state("count", count + 1)
        return row + 1 + 0 * count

    run = u.vmap(lambda row: u.while_loop(lambda r: r.sum() < 4, step, row), variable_axes={"state": 0})
    return run(x)


def loop_from_a_number(x: Any) -> Any:
    """The first condition is the same for all lanes."""

    def run(row: Any) -> Any:
        return u.while_loop(lambda c: c[0] < 3, lambda c: (c[0] + abs(row[0]) + 0.5, c[1] + 1), (x[0, 0] * 0, x[0] * 0))

    return u.vmap(run)(x)


def loop_up_to_a_lane(x: Any) -> Any:
    return u.vmap(lambda row: u.fori_loop(0, (row > 0).sum(), lambda i, row: row * 2, row))(x)


def loop_in_two_maps(x: Any) -> Any:
    inner = lambda value: u.while_loop(lambda v: v < 1, lambda v: v + u.random.uniform(()), value)  # noqa: E731
    return u.vmap(u.vmap(inner, split_rngs=True), split_rngs=True)(x)


def loop_over_a_choice(x: Any) -> Any:
    def step(row: Any) -> Any:
        return u.cond(row[0] > 0, lambda r: r + 1, lambda r: r + 2 + u.random.uniform((4,)), row)

    return u.vmap(lambda row: u.while_loop(lambda r: r.sum() < 6, step, row))(x)


def no_step(x: Any) -> Any:
    return u.vmap(lambda row: u.while_loop(lambda r: r.sum() > 1e6, lambda r: r * 2, row))(x)


LOOPS = [
    halve,
    steps_of_lanes,
    loop_that_draws,
    loop_with_state,
    loop_from_a_number,
    loop_up_to_a_lane,
    loop_in_two_maps,
    loop_over_a_choice,
    no_step,
]


@pytest.mark.parametrize("body", LOOPS, ids=lambda body: body.__name__)
def test_lanes_that_loop(body: Any) -> None:
    compare(body, X, gradients=False)  # JAX has no gradients of while_loop


def test_statistics_of_the_lanes_that_loop() -> None:
    def body(x: Any) -> Any:
        def run(rows: Any) -> Any:
            def step(carry: Any) -> Any:
                return carry[0] + 1, u.BatchNorm1d(4, affine=False)(carry[1]) * 2

            return u.while_loop(lambda carry: carry[0] < abs(rows).sum() - 10, step, (0 * rows.sum(), rows))

        return u.vmap(run, variable_axes={"state": 0})(x)

    compare(body, np.stack([X, X * 0.1, X * 0.7, X + 1]), gradients=False)


@pytest.mark.parametrize("kind", ["cond", "while_loop"])
@pytest.mark.parametrize("backend", ["torch", "jax"])
def test_shared_state_of_lanes_that_differ(kind: str, backend: str) -> None:
    def body(x: Any) -> Any:
        def step(row: Any) -> Any:
            count = u.get_state("count", (), init_fn=u.initializers.zeros)
            u.set_state("count", count + 1)
            return row + 1

        def run(row: Any) -> Any:
            if kind == "cond":
                return u.cond(chosen_by(row), step, lambda row: row, row)
            return u.while_loop(lambda row: row.sum() < 4, step, row)

        return u.vmap(run)(x)

    net: Any = u.transform(body, backend=backend)
    with pytest.raises(TransformBoundaryError, match=r"differs? .*lane|lane"):
        if backend == "jax":
            net.apply(net.init(X, rng=0), X, training=True)
        else:
            net.init(torch.from_numpy(X)).train()(torch.from_numpy(X))


@pytest.mark.parametrize("backend", ["torch", "jax"])
@pytest.mark.parametrize("kind", ["cond", "while_loop"])
def test_a_choice_that_is_no_scalar(backend: str, kind: str) -> None:
    def body(x: Any) -> Any:
        def run(row: Any) -> Any:
            if kind == "cond":
                return u.cond(row > 0, lambda row: row, lambda row: -row, row)
            return u.while_loop(lambda row: row > 0, lambda row: row - 1, row)

        return u.vmap(run)(x)

    net: Any = u.transform(body, backend=backend)
    with pytest.raises(TypeError):
        if backend == "jax":
            net.apply(net.init(X, rng=0), X)
        else:
            net.init(torch.from_numpy(X))(torch.from_numpy(X))


@pytest.mark.parametrize("backend", ["torch", "jax"])
def test_shapes_of_a_choice(backend: str) -> None:
    def body(x: Any) -> Any:
        def run(row: Any) -> Any:
            row = u.cond(chosen_by(row), lambda row: row * 2, lambda row: -row, row)
            return u.while_loop(lambda row: row.sum() < 3, lambda row: row + 1, row)

        return u.eval_shape(u.vmap(run), x), u.eval_shape(run, x[0])

    net: Any = u.transform(body, backend=backend)
    outputs = (
        net.apply(net.init(X, rng=0), X)[0] if backend == "jax" else net.init(torch.from_numpy(X))(torch.tensor(X))
    )
    assert [tuple(output.shape) for output in outputs] == [(5, 4), (4,)]


def test_a_mapped_model() -> None:
    def body(row: Any) -> Any:
        row = u.cond(chosen_by(row), u.Linear(4, 4), lambda row: row, row)
        return u.while_loop(lambda row: abs(row).sum() > 1, lambda row: row * 0.5, row)

    of_jax: Any = u.transform(body, backend="jax")
    params = of_jax.init(X[0], rng=0)
    expected = jax.vmap(lambda row: of_jax.apply(params, row)[0])(X)
    net: Any = u.transform(body, backend="torch").init(torch.from_numpy(X[0]), rng=0)
    for mapped in (torch.func.vmap(net), u.vmap(net)):
        np.testing.assert_allclose(mapped(torch.from_numpy(X)).detach(), expected, rtol=1e-6, atol=1e-6)


PARTS = RANDOM.standard_normal((4, 3, 6)).astype(np.float32)
IMAGES = RANDOM.standard_normal((4, 3, 6, 5)).astype(np.float32)


def normed(layer: Callable[[], Any], axis_name: Any = "data", **options: Any) -> Callable[[Any], Any]:
    return lambda x: u.vmap(lambda x: layer()(x), axis_name=axis_name, **options)(x)


NORMS: dict[str, tuple[Any, np.ndarray]] = {
    "BatchNorm1d": (lambda: u.BatchNorm1d(6, axis_name="data"), PARTS),
    "BatchNorm1d of images": (lambda: u.BatchNorm1d(6, momentum=0.3, axis_name="data"), IMAGES),
    "no momentum": (lambda: u.BatchNorm1d(6, momentum=None, affine=False, axis_name="data"), PARTS),
    "no statistics": (lambda: u.BatchNorm1d(6, track_running_stats=False, axis_name="data"), PARTS),
    "BatchNorm2d": (lambda: u.BatchNorm2d(6, axis_name="data"), IMAGES[..., None]),
    "BatchNorm3d": (lambda: u.BatchNorm3d(6, axis_name="data"), IMAGES[..., None, None]),
    "SyncBatchNorm": (lambda: u.SyncBatchNorm(6, axis_name="data"), IMAGES),
    "LayerNorm": (lambda: u.LayerNorm(6, axis_name="data"), PARTS),
    "LayerNorm without bias": (lambda: u.LayerNorm((3, 6), bias=False, axis_name=("data",)), PARTS),
    "RMSNorm": (lambda: u.RMSNorm(6, axis_name="data"), PARTS),
}


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("name", NORMS)
def test_norms_over_lanes(name: str, training: bool) -> None:
    layer, x = NORMS[name]
    compare(normed(layer), x, training=training, gradients=training)


def test_norms_over_two_axes() -> None:
    x = RANDOM.standard_normal((2, 3, 4, 6)).astype(np.float32)
    for names in (("a", "b"), ("b", "a"), "a", "b"):
        options: Any = {} if isinstance(names, tuple) else {"variable_axes": {"state": 0}}

        def body(x: Any, names: Any = names, options: Any = options) -> Any:
            inner = u.vmap(lambda x: u.BatchNorm1d(6, axis_name=names)(x), axis_name="b", **options)
            return u.vmap(inner, axis_name="a", **options)(x)

        compare(body, x)


def test_norms_of_stacked_lanes_and_axes() -> None:
    layer, x = NORMS["BatchNorm1d"]
    compare(normed(layer, variable_axes={"state": 0}), x)
    compare(normed(layer, variable_axes={...: 0}), x)
    compare(normed(layer, in_axes=1, out_axes=1), x)


def test_norms_over_lanes_within_grad_and_remat() -> None:
    layer, x = NORMS["BatchNorm1d"]

    def gradient(x: Any) -> Any:
        return u.grad(lambda x: (normed(layer)(x) ** 3).sum())(x)

    def remat(x: Any) -> Any:
        return u.vmap(lambda x: u.remat(lambda x: layer()(x))(x), axis_name="data")(x)

    def scan(x: Any) -> Any:
        step = lambda carry, row: (carry, u.BatchNorm1d(6, axis_name="data")(row))  # noqa: E731
        return u.vmap(lambda x: u.scan(step, None, x)[1], axis_name="data")(x[:, :, None])

    for body in (gradient, remat, scan):
        compare(body, x, gradients=body is not gradient)


def test_the_whole_batch_is_the_oracle() -> None:
    """torch.nn on all lanes together."""
    net: Any = u.transform(normed(NORMS["BatchNorm1d"][0]), backend="torch").init(torch.from_numpy(PARTS)).train()
    whole = torch.nn.BatchNorm1d(6)
    x, flat = (torch.tensor(PARTS, requires_grad=True) for _ in range(2))
    output, expected = net(x), whole(flat.reshape(12, 6)).reshape(4, 3, 6)
    torch.testing.assert_close(output, expected, rtol=1e-5, atol=1e-5)
    weights = torch.from_numpy(RANDOM.standard_normal(PARTS.shape).astype(np.float32))
    (output * weights).sum().backward()
    (expected * weights).sum().backward()
    torch.testing.assert_close(x.grad, flat.grad, rtol=1e-4, atol=1e-5)
    for name in ("running_mean", "running_var", "num_batches_tracked"):
        torch.testing.assert_close(getattr(net.batch_norm1d, name), getattr(whole, name))


def test_a_model_mapped_by_name() -> None:
    body = lambda x: u.BatchNorm1d(6, axis_name="data")(x)  # noqa: E731
    net: Any = u.transform(body, backend="torch").init(torch.from_numpy(PARTS[0])).train()
    output = u.vmap(net, axis_name="data")(torch.from_numpy(PARTS))
    expected = torch.nn.BatchNorm1d(6)(torch.from_numpy(PARTS).reshape(12, 6)).reshape(4, 3, 6)
    torch.testing.assert_close(output, expected, rtol=1e-5, atol=1e-5)
    assert int(net.batch_norm1d.num_batches_tracked) == 1


def test_lanes_that_torch_runs_as_a_loop() -> None:
    def body(x: Any) -> Any:
        def run(x: Any) -> Any:
            return u.BatchNorm1d(6, axis_name="data")(u.LSTM(6, 6)(x)[0])

        return u.vmap(run, axis_name="data")(x)

    net: Any = u.transform(body, backend="torch").init(torch.from_numpy(PARTS)).train()
    with pytest.raises(TransformBoundaryError, match=r"exchanges values along the axis 'data' .* LSTM"):
        net(torch.from_numpy(PARTS))


def cond_and_draws(x: Any) -> Any:
    return cond_that_draws(u.Linear(4, 4)(x))


@pytest.mark.slow
@pytest.mark.parametrize("body", [cond_with_layers, cond_and_draws, switch_of_three, normed(NORMS["BatchNorm1d"][0])])
def test_compiled_lanes(body: Any) -> None:
    torch._dynamo.reset()
    x = torch.from_numpy(PARTS) if body not in (*CHOICES, cond_and_draws) else torch.from_numpy(X)
    nets = [u.transform(body, backend="torch", rng="portable").init(x, rng=0).train() for _ in range(2)]
    output, expected = torch.compile(nets[0], fullgraph=True, backend="aot_eager")(x), nets[1](x)
    for one, other in zip(jax.tree.leaves(output), jax.tree.leaves(expected), strict=True):
        torch.testing.assert_close(one, other, rtol=1e-5, atol=1e-5)
    for value in (output, expected):
        sum((leaf**3).sum() for leaf in jax.tree.leaves(value)).backward()
    for (path, one), other in zip(nets[0].params.items(), nets[1].params.values(), strict=True):
        torch.testing.assert_close(one, other, rtol=1e-5, atol=1e-5, msg=path)
        if one.requires_grad:
            torch.testing.assert_close(one.grad, other.grad, rtol=1e-4, atol=1e-5, msg=path)
    torch._dynamo.reset()
