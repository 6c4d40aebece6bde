"""`vmap`: shared and stacked variables, random numbers, axes, state, errors."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch

import unified as u
import unified.functional as F
from unified.testing import assert_parity

RANDOM = np.random.default_rng(0)
X = RANDOM.standard_normal((5, 3, 4)).astype(np.float32)
Y = RANDOM.standard_normal((3, 5)).astype(np.float32)


def layer(x: Any) -> Any:
    return F.tanh(u.Linear(4, 2)(x))


def test_shared_variables() -> None:
    def body(x: Any) -> Any:
        return u.vmap(layer)(x)

    assert_parity(body, X)
    model = u.transform(body, backend="torch").init(torch.tensor(X), rng=0)
    assert list(model.state_dict()) == ["linear.weight", "linear.bias"]
    torch.testing.assert_close(model(torch.tensor(X)), model.linear(torch.tensor(X)).tanh())


@pytest.mark.parametrize(
    ("in_axes", "out_axes"),
    [((0, 1), 0), ((0, 1), 1), ((0, 1), -1), ((0, 1), {"a": 0, "b": (None, 1)}), ((None, 1), 0), ((0, None), 0)],
)
def test_axes(in_axes: Any, out_axes: Any) -> None:
    def body(x: Any, y: Any) -> Any:
        def inner(x: Any, y: Any) -> Any:
            h = u.Linear(4, 2)(x)
            if isinstance(out_axes, dict):
                return {"a": h, "b": (u.get_parameter("p", (3,)), h + y.sum())}
            return h + y.sum()

        return u.vmap(inner, in_axes, out_axes)(x, y)

    assert_parity(body, X, Y)
    net = u.transform(body, backend="jax")
    params = net.init(X, Y, rng=0)

    def raw(x: Any, y: Any) -> Any:
        h = x @ params["linear/weight"].T + params["linear/bias"] + y.sum()
        return {"a": h - y.sum(), "b": (params["p"], h)} if isinstance(out_axes, dict) else h

    expected = jax.vmap(raw, in_axes, out_axes)(X, Y)
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, rtol=1e-5), net.apply(params, X, Y)[0], expected)


def test_axes_of_trees_and_of_keyword_arguments() -> None:
    def body(x: Any, y: Any) -> Any:
        def inner(tree: Any, *, scale: Any) -> Any:
            return u.Linear(4, 2)(tree["x"]) * scale + tree["y"].sum(), None

        return u.vmap(inner, ({"x": 0, "y": 1},))({"x": x, "y": y}, scale=x[:, 0, 0])[0]

    assert_parity(body, X, Y)


def ensemble(x: Any) -> Any:
    def member(x: Any) -> Any:
        return u.BatchNorm1d(2)(layer(x))

    return u.vmap(member, None, axis_size=6, variable_axes={"params": 0, "state": -1})(x)


def test_an_ensemble() -> None:
    assert_parity(ensemble, X[0], atol=5e-5)
    params = u.transform(ensemble, backend="jax").init(X[0], rng=0)
    assert {path: value.shape for path, value in params.items()} == {
        "vmap/linear/weight": (6, 2, 4),
        "vmap/linear/bias": (6, 2),
        "vmap/batch_norm1d/weight": (6, 2),
        "vmap/batch_norm1d/bias": (6, 2),
        "vmap/batch_norm1d/running_mean": (2, 6),
        "vmap/batch_norm1d/running_var": (2, 6),
        "vmap/batch_norm1d/num_batches_tracked": (6,),
    }
    weights = np.asarray(params["vmap/linear/weight"])
    assert len({weight.tobytes() for weight in weights}) == 6
    single = u.transform(lambda x: F.tanh(u.Linear(4, 2, name="linear")(x)), backend="torch")
    model = u.transform(ensemble, backend="torch").init(torch.tensor(X[0]), rng=0).eval()
    single.init(torch.tensor(X[0]), rng=0)
    for member in range(6):
        single.linear.weight.data = model.vmap.linear.weight.data[member]
        single.linear.bias.data = model.vmap.linear.bias.data[member]
        expected = single(torch.tensor(X[0])) / (1 + 1e-5) ** 0.5
        torch.testing.assert_close(model(torch.tensor(X[0]))[member], expected)


def test_what_apply_returns_of_a_stacked_state_on_torch() -> None:
    x = torch.tensor(X[0])
    model = u.transform(ensemble, backend="torch").init(x, rng=0)
    _, changes = model.apply(model.params, x, training=True)
    assert len(changes) == 3
    assert changes["vmap/batch_norm1d/num_batches_tracked"].tolist() == [1] * 6
    assert model.vmap.batch_norm1d.num_batches_tracked.tolist() == [0] * 6


@pytest.mark.parametrize("split", [True, False])
def test_lanes_draw_alike_or_not(split: bool) -> None:
    def body(x: Any) -> Any:
        def inner(x: Any) -> Any:
            return u.Dropout(0.5)(0 * x + 1), u.random.normal((2,))

        return u.vmap(inner, split_rngs=split)(x)

    x = np.ones((6, 50), np.float32)
    assert_parity(body, x)
    native = u.transform(body, backend="torch").init(torch.tensor(x), rng=0).train()(torch.tensor(x))
    net = u.transform(body, backend="jax")
    for masks, numbers in (native, net.apply(net.init(x, rng=0), x, training=True)[0]):
        assert len({np.asarray(lane).tobytes() for lane in masks}) == (6 if split else 1)
        assert len({np.asarray(lane).tobytes() for lane in numbers}) == (6 if split else 1)


def test_axis_name_on_jax() -> None:
    def body(x: Any) -> Any:
        return u.vmap(lambda x: u.Linear(4, 2)(x - jax.lax.pmean(x, "lanes")), axis_name="lanes")(x)

    net = u.transform(body, backend="jax")
    params = net.init(X, rng=0)
    expected = (X - X.mean(0)) @ params["linear/weight"].T + params["linear/bias"]
    np.testing.assert_allclose(net.apply(params, X)[0], expected, rtol=1e-5, atol=1e-6)


def test_init_on_jax_makes_the_same_values_also_where_a_body_looks_at_them() -> None:
    def looks(x: Any) -> Any:
        if u.Linear(4, 4, name="first")(x[0]).sum() > -1e9:
            return ensemble(x)
        return x

    def does_not(x: Any) -> Any:
        u.Linear(4, 4, name="first")(x[0])
        return ensemble(x)

    params = u.transform(looks, backend="jax").init(X[0], rng=3)
    other = u.transform(does_not, backend="jax").init(X[0], rng=3)
    model = u.transform(looks, backend="torch").init(torch.tensor(X[0]), rng=3)
    under_jit = jax.jit(lambda key: u.transform(does_not, backend="jax").init(X[0], rng=key))(jax.random.key(3))
    assert list(params) == list(other) == list(model.params)
    for path, value in params.items():
        for array in (other[path], under_jit[path], model.params[path].detach().numpy()):
            np.testing.assert_array_equal(value, array, err_msg=path)


def test_user_functions_initialise_each_lane() -> None:
    def body(x: Any, make: Any, change: Any) -> Any:
        def inner(x: Any) -> Any:
            return x * u.get_parameter("scale", (4,), make) + u.Linear(4, 4, init_fn=change)(x)

        return u.vmap(inner, None, axis_size=3, variable_axes={...: 0})(x)

    def double(layer: Any) -> None:
        layer.weight = layer.weight * 0 + 2

    def double_on_torch(layer: Any) -> None:
        layer.weight.data.fill_(2)

    params = u.transform(body, make=jax.nn.initializers.normal(), change=double, backend="jax")
    values = params.init(X[0], rng=0)
    assert len({scale.tobytes() for scale in np.asarray(values["vmap/scale"])}) == 3
    np.testing.assert_array_equal(values["vmap/linear/weight"], np.full((3, 4, 4), 2))
    model = u.transform(body, make=torch.randn, change=double_on_torch, backend="torch").init(torch.tensor(X[0]), rng=0)
    assert len({tuple(scale) for scale in model.vmap.scale.tolist()}) == 3
    np.testing.assert_array_equal(model.vmap.linear.weight.detach(), np.full((3, 4, 4), 2))


@pytest.mark.parametrize("backend", ["torch", "jax"])
def test_errors(backend: str) -> None:
    x: Any = torch.tensor(X) if backend == "torch" else jnp.asarray(X)

    def run(body: Any) -> Any:
        net: Any = u.transform(body, backend=backend)
        params = net.init(x, rng=0)
        return net.train()(x) if backend == "torch" else net.apply(params, x, training=True)

    with pytest.raises(ValueError, match=r"u\.vmap: all leading axes must have one size, and .*0.* has 5, .*1.* has 3"):
        run(lambda x: u.vmap(lambda a, b: a.sum() + b.sum(), (0, 0))(x, x[0]))
    with pytest.raises(ValueError, match="in_axes has 1 entries, and the function is called with 2"):
        run(lambda x: u.vmap(lambda a, b: a + b, (0,))(x, x))
    with pytest.raises(ValueError, match="give axis_size="):
        run(lambda x: u.vmap(lambda a: a, None)(x))

    def counts(x: Any) -> Any:
        total = u.get_state("total", (3, 4))
        u.set_state("total", total + x)
        return x

    with pytest.raises(u.TransformBoundaryError, match=r"'total'.*differ.* from lane to .*share it: stack it"):
        run(lambda x: u.vmap(counts)(x))
    with pytest.raises(u.TransformBoundaryError, match=r"differ.* from lane to lane.*stack it"):
        run(lambda x: u.vmap(lambda x: u.BatchNorm1d(4)(x))(x))
    with pytest.raises(ValueError, match="cannot be stacked along 2"):
        run(lambda x: u.vmap(lambda x: u.Linear(4, 4)(x), variable_axes={...: 2})(x))


@pytest.mark.parametrize("split", [True, False])
def test_lanes_that_torch_cannot_map_run_one_by_one(split: bool) -> None:
    """torch.func has no rule for the kernel of an LSTM."""

    def body(x: Any) -> Any:
        def lane(x: Any) -> Any:
            y, (h, _) = u.LSTM(4, 2)(u.Dropout(0.3)(x))
            return u.BatchNorm1d(3)(y), None, h

        stacked = u.vmap(lane, None, 1, axis_size=3, variable_axes={...: 0}, split_rngs=split)(x)
        return stacked, u.vmap(lambda x: u.GRU(4, 2)(x)[0], 1, 1)(x[:, :, None])

    assert_parity(body, X[:, :1].repeat(3, 1), rtol=1e-4, atol=1e-4)


def test_state_that_is_equal_in_all_lanes_may_be_set() -> None:
    def body(x: Any) -> Any:
        def inner(x: Any) -> Any:
            u.set_state("calls", u.get_state("calls", ()) + 1)
            return u.Linear(4, 2)(x)

        return u.vmap(inner)(x)

    assert_parity(body, X)


def test_intermediates_have_an_axis_for_the_lanes() -> None:
    def body(x: Any) -> Any:
        return u.vmap(lambda x: layer(x).sum())(x)

    net = u.transform(body, backend="jax")
    params = net.init(X, rng=0)
    _, of_jax = net.apply(params, X, capture="linear")
    model = u.transform(body, backend="torch").init(torch.tensor(X), rng=0)
    _, of_torch = model.apply(model.params, torch.tensor(X), capture="linear")
    assert list(of_jax) == list(of_torch) == ["linear/output"]
    assert of_jax["linear/output"].shape == (5, 3, 2)
    np.testing.assert_allclose(of_jax["linear/output"], of_torch["linear/output"].detach(), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("rows", [5, 0], ids="init with {} rows".format)
def test_no_lanes(rows: int) -> None:
    """An axis of size 0 has outputs of the same shapes as JAX's, and gradients of zero."""

    def body(x: Any) -> Any:
        def lane(x: Any) -> Any:
            y = u.LSTM(4, 2)(u.Dropout(0.3)(x))[0]
            return {"y": y, "sum": (y.sum(), y > 0)}

        return u.vmap(lambda x: layer(x).T, 0, 1)(x), u.vmap(lane, split_rngs=True)(x), u.vmap(u.vmap(layer))(x)

    x = np.ones((0, 3, 4), np.float32)
    net = u.transform(body, backend="jax")
    params = net.init(X[:rows], rng=0)
    model = u.transform(body, backend="torch").init(torch.tensor(X[:rows]), rng=0)
    for training in (False, True):
        expected = jax.tree.leaves(net.apply(params, x, training=training)[0])
        found = jax.tree.leaves(model.apply(model.params, torch.tensor(x), training=training)[0])
        for value, truth in zip(found, expected, strict=True):
            assert (tuple(value.shape), str(value.dtype)) == (truth.shape, f"torch.{truth.dtype}")
    output = model(torch.tensor(x))
    sum(value.sum() for value in jax.tree.leaves(output) if value.requires_grad).backward()
    assert all((parameter.grad == 0).all() for parameter in model.parameters())


def test_no_lanes_with_variables_of_their_own() -> None:
    def body(x: Any) -> Any:
        def lane(x: Any) -> Any:
            return u.BatchNorm1d(3)(u.GRU(4, 2)(x)[0])

        return u.vmap(lane, axis_size=0, variable_axes={...: 0}, split_rngs=True)(x)

    x = np.ones((0, 2, 3, 4), np.float32)
    net = u.transform(body, backend="jax")
    params = net.init(x, rng=0)
    model = u.transform(body, backend="torch").init(torch.tensor(x), rng=0)
    assert {p: v.shape for p, v in params.items()} == {p: tuple(v.shape) for p, v in model.params.items()}
    assert params["vmap/gru/weight_ih_l0"].shape == (0, 6, 4)
    for training in (True, False):
        expected = net.apply(params, x, training=training)[0].shape
        assert model.apply(model.params, torch.tensor(x), training=training)[0].shape == expected == (0, 2, 3, 2)
