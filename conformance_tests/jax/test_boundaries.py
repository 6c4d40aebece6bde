"""Raw JAX transforms within a body may read variables, and neither make nor set them."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax

import unified as u
from conformance_tests.jax.models import model

X = jnp.arange(6.0).reshape(2, 3)

Function = Callable[[jax.Array], jax.Array]

FORMS: dict[str, Callable[[Function, jax.Array], Any]] = {
    "jit": lambda f, x: jax.jit(f)(x),
    "vmap": lambda f, x: jax.vmap(f)(x),
    "scan": lambda f, x: lax.scan(lambda carry, row: (carry, f(row)), 0, x)[1],
    "map": lambda f, x: lax.map(f, x),
    "fori_loop": lambda f, x: lax.fori_loop(0, 1, lambda _, value: f(value), x),
    "while_loop": lambda f, x: lax.while_loop(lambda c: c[0] < 1, lambda c: (c[0] + 1, f(c[1])), (0, x))[1],
    "cond": lambda f, x: lax.cond(x[0, 0] == 0, f, f, x),
    "checkpoint": lambda f, x: jax.checkpoint(f)(x),
    "grad": lambda f, x: jax.grad(lambda value: (f(value) ** 2).sum())(x),
    "jvp": lambda f, x: jax.jvp(f, (x,), (x,))[1],
    "vjp": lambda f, x: jax.vjp(f, x)[0],
}

each_form = pytest.mark.parametrize("form", FORMS)


def plain(x: jax.Array) -> jax.Array:
    return u.Linear(3, 3)(x)


@each_form
def test_making_a_variable_in_init_raises_and_leaks_nothing(form: str) -> None:
    net = model(lambda x: FORMS[form](lambda value: u.Linear(3, 3)(value), x))
    with jax.checking_leaks(), pytest.raises(u.TransformBoundaryError, match="'linear/weight': a variable was made"):
        net.init(X, rng=0)
    with jax.checking_leaks():
        assert list(model(plain).init(X, rng=0)) == ["linear/weight", "linear/bias"]


def test_the_message_says_what_to_do() -> None:
    class Block(u.Module):
        def __call__(self, x: jax.Array) -> jax.Array:
            return jax.checkpoint(lambda value: value * u.get_parameter("scale", (3,)))(x)

    with pytest.raises(u.TransformBoundaryError) as caught:
        model(lambda x: Block()(x)).init(X, rng=0)
    message = str(caught.value)
    for part in (
        "'block/scale'",
        "raw jax transform",
        "unified.scan for jax.lax.scan",
        "remat (jax.checkpoint)",
        "jax.vmap(net.apply)",
    ):
        assert part in message


def count_inside(form: str) -> Function:
    """Return a body that sets state inside a transform, except in init."""

    def body(x: jax.Array) -> Any:
        u.get_state("seen", (3,))

        def inner(value: jax.Array) -> jax.Array:
            if not u.is_initializing():
                u.set_state("seen", value.reshape(-1, 3)[0])
            return value * 2

        return FORMS[form](inner, x)

    return body


@each_form
@pytest.mark.parametrize("jitted", [False, True], ids=["eager", "jitted"])
def test_setting_state_in_apply_raises_and_leaks_nothing(form: str, jitted: bool) -> None:
    net = model(count_inside(form))
    params = net.init(X, rng=0)
    apply = jax.jit(net.apply) if jitted else net.apply
    with jax.checking_leaks(), pytest.raises(u.TransformBoundaryError, match="'seen': state was set inside"):
        apply(params, X)
    net = model(plain)
    with jax.checking_leaks():
        assert net.apply(net.init(X, rng=0), X)[0].shape == (2, 3)


def test_batch_norm_in_a_transform_raises_in_training_alone() -> None:
    def body(x: jax.Array) -> jax.Array:
        norm = u.BatchNorm1d(3)
        return jax.checkpoint(norm)(x)

    net = model(body)
    params = net.init(X, rng=0)
    expected = model(lambda x: u.BatchNorm1d(3)(x)).apply(params, X)[0]
    np.testing.assert_allclose(net.apply(params, X)[0], expected, rtol=1e-6)
    with pytest.raises(u.TransformBoundaryError, match="'batch_norm1d/num_batches_tracked'"):
        net.apply(params, X, training=True)


@each_form
def test_reading_variables_inside_is_right(form: str) -> None:
    def outside(x: jax.Array) -> Any:
        layer = u.Linear(3, 3)
        scale = u.get_parameter("scale", (3,), jnp.ones)
        return FORMS[form](lambda value: layer(value) * scale, x)

    def inside(x: jax.Array) -> Any:
        if u.is_initializing():
            return u.Linear(3, 3)(x) * u.get_parameter("scale", (3,), jnp.ones)
        return FORMS[form](lambda value: u.Linear(3, 3)(value) * u.get_parameter("scale", (3,)), x)

    params = model(outside).init(X, rng=0)
    assert list(model(inside).init(X, rng=0)) == list(params)

    def by_hand(params: u.Params, x: jax.Array) -> Any:
        return FORMS[form](
            lambda value: (value @ params["linear/weight"].T + params["linear/bias"]) * params["scale"], x
        )

    for scale in (2.0, 3.0):
        params = params.update({"scale": jnp.full(3, scale)})
        expected = by_hand(params, X)
        expected = expected if isinstance(expected, jax.Array) else expected[0]
        for net in (model(outside), model(inside)):
            with jax.checking_leaks():
                np.testing.assert_allclose(net.apply(params, X)[0], expected, rtol=1e-5, atol=1e-6)
            np.testing.assert_allclose(jax.jit(net.apply)(params, X)[0], expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("form", ["checkpoint", "cond"])
def test_drawing_inside_leaks_nothing_and_gives_the_same_numbers(form: str) -> None:
    def wrapped(x: jax.Array) -> tuple[jax.Array, jax.Array]:
        return FORMS[form](lambda value: value + u.random.uniform(value.shape), x), u.random.uniform((3,))

    def bare(x: jax.Array) -> tuple[jax.Array, jax.Array]:
        return x + u.random.uniform(x.shape), u.random.uniform((3,))

    params = model(bare).init(X, rng=0)
    with jax.checking_leaks():
        assert list(model(wrapped).init(X, rng=0)) == ["rng/key", "rng/counter"]
        outputs, changes = model(wrapped).apply(params, X)
    expected, _ = model(bare).apply(params, X)
    assert int(changes["rng/counter"]) == 1
    for output, expected_output in zip(outputs, expected, strict=True):
        np.testing.assert_array_equal(output, expected_output)
