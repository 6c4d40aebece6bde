"""What transforms of a body take: trees in any order, axes, conditions and resets, alike on both frameworks."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch

import unified as u
import unified.numpy as unp

X = np.random.default_rng(0).standard_normal((4, 3)).astype(np.float32)
XB = np.random.default_rng(1).standard_normal((2, 4, 3)).astype(np.float32)
RESET = np.array([[1, 0, 1, 0], [0, 0, 0, 1]])


def outputs(body, *args):
    """Return the outputs of a model on torch, on JAX and jitted, all as NumPy arrays."""
    model = u.transform(body, backend="torch", rng="portable").init(*map(torch.tensor, args), rng=0)
    net = u.transform(body, backend="jax")
    params = net.init(*args, rng=0)
    results = model(*map(torch.tensor, args)), net.apply(params, *args)[0], jax.jit(net.apply)(params, *args)[0]
    return [
        jax.tree.map(lambda leaf: np.asarray(getattr(leaf, "detach", lambda leaf=leaf: leaf)()), r) for r in results
    ]


def errors(body, *args):
    """Return the errors of `init` on torch and on JAX."""
    raised = []
    for backend, array in (("torch", torch.tensor), ("jax", jnp.asarray)):
        with pytest.raises((TypeError, ValueError)) as error:
            u.transform(body, backend=backend, rng="portable").init(*map(array, args), rng=0)
        raised.append(error.value)
    return raised


def swapped(state):
    return {"b": state["b"] + state["a"], "a": state["a"] * 0.5}


def in_a_scan(x):
    return u.scan(lambda c, row: (swapped(c), {"b": row, "a": c["a"]}), {"a": x[0], "b": x[1]}, x)


def in_a_stack(x):
    return u.layer_stack(3)(swapped)({"a": x, "b": x})


def in_branches(x):
    def branch(row):
        return u.cond(row.sum() > 0, lambda r: {"a": r, "b": 2 * r}, lambda r: {"b": -r, "a": 3 * r}, row)

    steps = u.scan(lambda c, row: (c, branch(row)), x[0], x)[1]  # in one step the first, in others the second
    return steps, u.vmap(branch)(x)


def in_lanes(x):
    start = {"a": x, "b": abs(x)}
    return u.vmap(lambda s: u.while_loop(lambda s: s["b"].sum() < 9, lambda s: {"b": s["b"] + 1, "a": -s["a"]}, s))(
        start
    )


@pytest.mark.parametrize("body", [in_a_scan, in_a_stack, in_branches, in_lanes])
def test_dicts_may_have_their_keys_in_any_order(body):
    ours, *theirs = outputs(body, X)
    for other in theirs:
        jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6), ours, other)


REFUSED = {
    "a float for a length": (lambda x: u.scan(lambda c, _: (c, c), x, length=2.0), "length is the number of steps"),
    "no steps": (lambda x: u.scan(lambda c, _: (c, c), x, length=-1), "length is at least 1, got -1"),
    "a number in xs": (lambda x: u.scan(lambda c, r: (c, r[0]), x[0], (x, 2.0)), r"u\.scan: xs\[1\] is 2\.0"),
    "a scalar": (lambda x: u.scan(lambda c, r: (c, r), x[0], x.sum()), "xs is a scalar"),
    "a number in a stack": (lambda x: u.layer_stack(2, True)(lambda x, n: (x * n, x))(x, 2), r"inputs\[0\] is 2"),
    "None for a branch": (lambda x: u.cond(None, lambda x: x, lambda x: -x, x), "boolean scalar, got None"),
    "a string for a branch": (lambda x: u.cond("a", lambda x: x, lambda x: -x, x), "boolean scalar, got 'a'"),
    "a float for an index": (lambda x: u.switch(1.5, [lambda x: x, lambda x: -x], x), "an integer, or an array"),
    "a truth for an index": (
        lambda x: u.switch(x.sum() > 0, [lambda x: x, lambda x: -x], x),
        "an integer, or an array",
    ),
    "a list for a reset": (lambda x: u.unroll(u.GRUCell(3, 3), x[None], reset=[[0] * 4]), "array of booleans"),
    "a layer for a cell": (lambda x: u.unroll(u.Linear(3, 3), x[None]), "takes a RecurrentCell"),
    "layers for a cell": (lambda x: u.unroll(u.LSTM(3, 3), x[None]), "takes a RecurrentCell"),
    "an axis": (lambda x: u.vmap(lambda x: x, in_axes=5)(x), r"no axis 5 to map, its shape is \(4, 3\)"),
    "a size": (lambda x: u.vmap(lambda x: x, None, axis_size=-1)(x), "axis_size is a number of slices, got -1"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_arguments_are_refused_alike(name):
    body, words = REFUSED[name]
    ours, theirs = errors(body, X)
    assert type(ours) is type(theirs) and ours.args == theirs.args
    with pytest.raises(type(ours), match=words):
        raise ours


def test_none_stays_none_in_a_carry():
    for body in (
        lambda x: u.scan(lambda c, r: (r, r), None, x),
        lambda x: u.layer_stack(2)(lambda x: None)(x),
        lambda x: u.cond(x.sum() > 0, lambda x: None, lambda x: x, x),
    ):
        for error in errors(body, X):
            assert isinstance(error, TypeError) and ("None" in str(error) or "structure" in str(error))


def test_conditions_are_booleans():
    for condition in (lambda c: 3 - c[0], lambda c: unp.asarray(3) - c[0], lambda c: None):
        model = u.transform(lambda x, f=condition: u.while_loop(f, lambda c: (c[0] + 1, c[1]), (0, x)), backend="torch")
        with pytest.raises(TypeError, match="condition is a boolean scalar, got"):
            model.init(torch.tensor(X), rng=0)(torch.tensor(X))


def test_resets_may_be_numbers_and_restart_arrays_alone():
    def unrolled(x, reset):
        return u.unroll(u.GRUCell(3, 3), x, reset=reset, reverse=True)

    ours, theirs, _ = outputs(unrolled, XB, RESET)
    expected = outputs(unrolled, XB, RESET.astype(bool))[0]
    for one, other, third in zip(ours, theirs, expected, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6)
        np.testing.assert_array_equal(one, third)

    class Counter(u.RecurrentCell):
        def initial_state(self, x):
            return 0

        def __call__(self, x, state):
            return x + state, state + 1

    for error in errors(lambda x, reset: u.unroll(Counter(), x, reset=reset), XB, RESET.astype(bool)):
        assert "initial state has no axis of examples" in str(error)


def test_loops_over_integers_of_numpy_have_gradients():
    x = jnp.asarray(X)
    gradient = u.grad(lambda x: u.fori_loop(np.int64(0), np.int32(3), lambda i, x: x * 2 + i, x).sum())(x)
    np.testing.assert_array_equal(gradient, np.full_like(X, 8.0))


def test_state_of_an_inner_map_may_differ_in_the_outer_one():
    def inner(x, step):
        count = u.get_state("count", ())
        u.set_state("count", count + step)
        return x

    def body(x):
        return u.vmap(lambda r: u.vmap(inner, in_axes=(0, None))(r, r.sum()), variable_axes={...: 0})(x)

    model = u.transform(body, backend="torch").init(torch.tensor(XB), rng=0)
    model(torch.tensor(XB))
    np.testing.assert_allclose(model.params["vmap/count"].numpy(), XB.sum((1, 2)), rtol=1e-5)
    net = u.transform(body, backend="jax")
    changes = net.apply(net.init(XB, rng=0), XB)[1]
    np.testing.assert_allclose(changes["vmap/count"], XB.sum((1, 2)), rtol=1e-5)


@pytest.mark.parametrize("array", [torch.tensor, jnp.asarray])
def test_outputs_without_an_axis_are_those_of_all_lanes(array):
    x = array(X)
    doubled, total = u.vmap(lambda row: (2 * row, x.sum()), out_axes=(0, None))(x)
    assert doubled.shape == (4, 3) and total.shape == ()
    with pytest.raises(ValueError, match="None"):
        u.vmap(lambda row: (row, 2 * row), out_axes=(0, None))(x)
    product = u.vmap(lambda a, b: a * b, in_axes=[0, None])(x, x[0])
    np.testing.assert_allclose(np.asarray(product), X * X[0], rtol=1e-6)


def test_maps_without_lanes_draw_nothing():
    def body(x):
        return u.vmap(lambda row: (u.Dropout(0.5)(row), u.random.normal(2)), split_rngs=True)(x[:0])

    assert [[leaf.shape for leaf in result] for result in outputs(body, X)] == [[(0, 3), (0, 2)]] * 3
