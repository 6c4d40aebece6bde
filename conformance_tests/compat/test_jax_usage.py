"""`hk.config.check_jax_usage`: functions with side effects in raw transforms of JAX, against dm-haiku's own check."""

from collections.abc import Callable
from typing import Any

import haiku
import jax
import numpy as np
import pytest

import unified.compat.haiku as hk
import unified.compat.jax as ujax
from conformance_tests.compat.differential import on

Transform = Callable[[Any, Callable[[Any], Any]], Callable[[Any], Any]]

SIDE_EFFECTS: dict[str, Callable[[Any, Any], Any]] = {
    "get_parameter": lambda hk, jax: hk.get_parameter("w", [], init=jax.numpy.zeros),
    "set_state": lambda hk, jax: hk.set_state("w", 1),
    "next_rng_key": lambda hk, jax: hk.next_rng_key(),
}
TRANSFORMS: dict[str, Transform] = {
    "jit": lambda jax, f: jax.jit(f),
    "eval_shape": lambda jax, f: lambda x: jax.eval_shape(f, x),
    "vmap": lambda jax, f: jax.vmap(f),
    "pmap": lambda jax, f: jax.pmap(f, "i"),
    "grad": lambda jax, f: jax.grad(lambda x: f(x).sum()),
    "checkpoint": lambda jax, f: jax.checkpoint(f),
    "checkpoint in grad": lambda jax, f: jax.grad(lambda x: jax.checkpoint(f)(x).sum()),
    "cond": lambda jax, f: lambda x: jax.lax.cond(True, f, f, x),
    "cond of lanes": lambda jax, f: jax.vmap(lambda x: jax.lax.cond(x > 0, f, f, x)),
    "switch": lambda jax, f: lambda x: jax.lax.switch(0, [f, f], x),
    "fori_loop": lambda jax, f: lambda x: jax.lax.fori_loop(0, 1, lambda i, x: f(x), x),
    "map": lambda jax, f: lambda x: jax.lax.map(f, x),
    "scan": lambda jax, f: lambda x: jax.lax.scan(lambda c, x: (c, f(x)), None, x),
    "while_loop": lambda jax, f: lambda x: jax.lax.while_loop(lambda c: c[0] == 0, lambda c: (1, f(c[1])), (0, x)),
}


def outcome(hk: Any, jax: Any, transform: Transform, effect: Callable[[Any, Any], Any], x: Any) -> str:
    """Return whether a transform of a function with a side effect was refused."""

    def net(x: Any) -> Any:
        def f(x: Any) -> Any:
            effect(hk, jax)
            return x

        return transform(jax, f)(x)

    try:
        hk.transform_with_state(net).init(jax.random.PRNGKey(0), x)
    except ValueError as error:
        assert type(error).__name__ == "JaxUsageError"
        return "refused"
    return "allowed"


@pytest.mark.parametrize("backend", ["jax", "torch"])
@pytest.mark.parametrize("effect", SIDE_EFFECTS)
@pytest.mark.parametrize("transform", TRANSFORMS)
def test_side_effects_in_raw_transforms_are_refused(transform: str, effect: str, backend: str) -> None:
    x = np.ones(1, np.float32)
    with haiku.config.context(check_jax_usage=True), hk.config.context(check_jax_usage=True):
        wanted = outcome(haiku, jax, TRANSFORMS[transform], SIDE_EFFECTS[effect], x)
        with on(backend):
            found = outcome(hk, ujax, TRANSFORMS[transform], SIDE_EFFECTS[effect], ujax.numpy.asarray(x))
    assert found == wanted == "refused"


@pytest.mark.parametrize("backend", ["jax", "torch"])
@pytest.mark.parametrize("transform", ["cond", "switch", "checkpoint", "jit"])
def test_what_runs_a_function_as_it_is_allows_them(transform: str, backend: str) -> None:
    x = np.ones(1, np.float32)
    with haiku.config.context(check_jax_usage=True), hk.config.context(check_jax_usage=True):
        with jax.disable_jit():
            wanted = outcome(haiku, jax, TRANSFORMS[transform], SIDE_EFFECTS["next_rng_key"], x)
        with on(backend), ujax.disable_jit():
            found = outcome(hk, ujax, TRANSFORMS[transform], SIDE_EFFECTS["next_rng_key"], ujax.numpy.asarray(x))
    assert found == wanted


@pytest.mark.parametrize("backend", ["jax", "torch"])
@pytest.mark.parametrize("compile_", ["jit", "pmap"])
def test_compiled_functions_are_not_transformed(compile_: str, backend: str) -> None:
    with pytest.raises(ValueError, match="instead"):
        haiku.transform(jax.jit(lambda: 0))
    with on(backend), pytest.raises(ValueError, match="instead"):
        hk.transform(getattr(ujax, compile_)(lambda: 0))


@pytest.mark.parametrize("backend", ["jax", "torch"])
def test_a_key_that_left_its_trace_names_the_haiku_version(backend: str) -> None:
    def leak(jax: Any, hk: Any) -> None:
        jax.jit(lambda: hk.next_rng_key())()  # a function that is traced each time
        hk.next_rng_key()

    with pytest.raises(jax.errors.UnexpectedTracerError, match="Haiku version"):
        haiku.transform(lambda: leak(jax, haiku)).init(jax.random.PRNGKey(0))
    with on(backend), pytest.raises(ujax.errors.UnexpectedTracerError, match="Haiku version"):
        hk.transform(lambda: leak(ujax, hk)).init(ujax.random.PRNGKey(0))
