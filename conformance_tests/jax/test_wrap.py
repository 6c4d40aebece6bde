"""`u.wrap` of an Equinox module: its arrays are parameters, and its output is the same as without `wrap`."""

from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

import unified as u
from conformance_tests.jax.models import model

X = jnp.linspace(-1, 1, 12).reshape(4, 3)


def make() -> eqx.nn.MLP:
    return eqx.nn.MLP(3, 2, 4, 1, key=jax.random.key(5))


def body(x: jax.Array) -> jax.Array:
    h = jax.vmap(u.wrap(make, name="tower"))(x)
    return u.Linear(2, 2)(h)


NET = model(body)
PARAMS = NET.init(X, rng=0)

LEAVES = [f"tower/layers_{layer}_{leaf}" for layer in (0, 1) for leaf in ("weight", "bias")]


def test_its_arrays_are_params_with_its_own_values() -> None:
    assert list(PARAMS) == [*LEAVES, "linear/weight", "linear/bias"]
    native_leaves = [leaf for leaf in jax.tree.leaves(make()) if eqx.is_inexact_array(leaf)]
    for path, value in zip(LEAVES, native_leaves, strict=True):
        np.testing.assert_array_equal(PARAMS[path], value)
        assert PARAMS.info[path].trainable
    shapes = NET.eval_shape(X)
    assert {path: shape.shape for path, shape in shapes.items()} == {p: v.shape for p, v in PARAMS.items()}


def test_the_output_is_its_own() -> None:
    expected = jax.vmap(make())(X) @ PARAMS["linear/weight"].T + PARAMS["linear/bias"]
    for apply in (NET.apply, jax.jit(NET.apply)):
        out, changes = apply(PARAMS, X)
        np.testing.assert_allclose(out, expected, rtol=1e-6, atol=1e-6)
        assert len(changes) == 0


def test_gradients_flow_as_in_equinox() -> None:
    gradients = jax.jit(jax.grad(lambda params: (NET.apply(params, X)[0] ** 2).sum()))(PARAMS)

    @eqx.filter_grad
    def native(tower: eqx.nn.MLP) -> jax.Array:
        out = jax.vmap(tower)(X) @ PARAMS["linear/weight"].T + PARAMS["linear/bias"]
        return (out**2).sum()

    leaves = [leaf for leaf in jax.tree.leaves(native(make())) if eqx.is_inexact_array(leaf)]
    for path, expected in zip(LEAVES, leaves, strict=True):
        assert np.abs(expected).max() > 0
        np.testing.assert_allclose(gradients[path], expected, rtol=1e-5, atol=1e-6)


def test_it_computes_with_the_params_it_is_given() -> None:
    doubled = jax.tree.map(lambda value: value * 2, PARAMS)
    tower = jax.tree.map(lambda leaf: leaf * 2 if eqx.is_inexact_array(leaf) else leaf, make())
    expected = jax.vmap(tower)(X) @ doubled["linear/weight"].T + doubled["linear/bias"]
    np.testing.assert_allclose(jax.jit(NET.apply)(doubled, X)[0], expected, rtol=1e-6, atol=1e-6)


def test_init_under_jit_gives_the_same_bits() -> None:
    traced = jax.jit(lambda key: NET.init(X, rng=key))(jax.random.key(0))
    for path, value in PARAMS.items():
        np.testing.assert_array_equal(traced[path], value)


def test_a_key_of_the_model_can_make_it() -> None:
    def draw_layer(x: jax.Array) -> jax.Array:
        return jax.vmap(u.wrap(lambda: eqx.nn.Linear(3, 2, key=u.next_rng_key())))(x)

    net = model(draw_layer)
    params, other = net.init(X, rng=0), net.init(X, rng=1)
    assert list(params) == ["wrapped/weight", "wrapped/bias", "rng/key", "rng/counter"]
    assert not np.array_equal(params["wrapped/weight"], other["wrapped/weight"])
    expected = X @ params["wrapped/weight"].T + params["wrapped/bias"]
    np.testing.assert_allclose(jax.jit(net.apply)(params, X)[0], expected, rtol=1e-6, atol=1e-6)


def test_one_module_called_twice_shares_its_arrays() -> None:
    def shared(x: jax.Array) -> jax.Array:
        layer = u.wrap(lambda: eqx.nn.Linear(3, 3, key=jax.random.key(0)))
        return jax.vmap(layer)(jax.vmap(layer)(x))

    assert list(model(shared).init(X, rng=0)) == ["wrapped/weight", "wrapped/bias"]


@pytest.mark.parametrize("factory", [dict, lambda: jnp.ones(3), lambda: 3], ids=["dict", "array", "int"])
def test_what_is_no_module_is_refused(factory: Any) -> None:
    with pytest.raises(TypeError, match="'wrapped': on jax the factory given to wrap returns a callable pytree"):
        model(lambda x: u.wrap(factory)(x)).init(X, rng=0)
