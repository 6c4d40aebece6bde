"""`jax.experimental.checkify` on both backends against JAX's own: which check fails, with which text."""

from collections.abc import Callable
from typing import Any

import jax as raw_jax
import numpy as np
import pytest
from jax.experimental import checkify as raw_checkify

import unified.compat.jax as jax
from conformance_tests.compat.differential import on
from unified.compat.jax.experimental import checkify
from unified.core.errors import BackendError


def positive(checkify: Any, x: Any) -> Any:
    checkify.check(x > 0, "{x} is not positive", x=x)
    return x * 2


def two(checkify: Any, x: Any) -> Any:
    checkify.check(x > 0, "first of {}", x)
    checkify.check(x > 1, "second")
    return x


def passed_on(checkify: Any, x: Any) -> Any:
    error, y = checkify.checkify(lambda x: positive(checkify, x))(x)
    checkify.check_error(error)
    return y


PROGRAMS: dict[str, Callable[[Any, Any], Callable[[Any], Any]]] = {
    "plain": lambda jax, c: c.checkify(lambda x: positive(c, x[1])),
    "two": lambda jax, c: c.checkify(lambda x: (two(c, x[2]), two(c, x[0]), two(c, x[1]))),
    "jit": lambda jax, c: c.checkify(jax.jit(lambda x: positive(c, x[1]))),
    "jit around": lambda jax, c: jax.jit(c.checkify(lambda x: positive(c, x[1]))),
    "grad": lambda jax, c: c.checkify(jax.grad(lambda x: positive(c, x[1]))),
    "vmap": lambda jax, c: c.checkify(jax.vmap(lambda x: positive(c, x))),
    "vmap around": lambda jax, c: jax.vmap(c.checkify(lambda x: positive(c, x))),
    "vmap in vmap": lambda jax, c: lambda x: c.checkify(jax.vmap(jax.vmap(lambda x: positive(c, x))))(x[:, None]),
    "vmap of grad": lambda jax, c: c.checkify(jax.vmap(jax.grad(lambda x: positive(c, x)))),
    "grad around": lambda jax, c: (
        lambda x: jax.grad(lambda x: c.checkify(lambda x: positive(c, x))(x)[::-1], has_aux=True)(x[1])[::-1]
    ),
    "scan": lambda jax, c: c.checkify(lambda x: jax.lax.scan(lambda carry, x: (carry + positive(c, x), x), 0.0, x)),
    "cond": lambda jax, c: c.checkify(lambda x: jax.lax.cond(x[1] > 0, lambda x: x, lambda x: positive(c, x), x[1])),
    "passed on": lambda jax, c: c.checkify(lambda x: passed_on(c, x[1])),
    "a check of debug": lambda jax, c: c.checkify(lambda x: c.debug_check(x[1] > 0, "debug {}", x[0])),
}


def outcome(jax: Any, checkify: Any, program: str, x: Any) -> tuple[str | None, list[np.ndarray]]:
    error, output = PROGRAMS[program](jax, checkify)(x)
    message = error.get()
    if message is None:
        error.throw()
    else:
        with pytest.raises(ValueError, match="check"):
            error.throw()
    return message, [np.asarray(leaf) for leaf in jax.tree.leaves(output)]


@pytest.mark.parametrize("backend", ["jax", "torch"])
@pytest.mark.parametrize("values", [(1.5, 2.5, 3.5), (1.5, -2.5, -3.5), (-1.5, 0.5, 1.0)])
@pytest.mark.parametrize("program", PROGRAMS)
def test_errors_and_outputs(program: str, values: tuple[float, ...], backend: str) -> None:
    x = np.array(values, np.float32)
    wanted, outputs = outcome(raw_jax, raw_checkify, program, raw_jax.numpy.asarray(x))
    with on(backend):
        found, ours = outcome(jax, checkify, program, jax.numpy.asarray(x))
    assert found == wanted
    for one, other in zip(ours, outputs, strict=True):
        np.testing.assert_allclose(one, other)


@pytest.mark.parametrize("backend", ["jax", "torch"])
def test_a_check_alone(backend: str) -> None:
    with on(backend):
        jnp = jax.numpy
        positive(checkify, jnp.array(1.0))
        with pytest.raises(checkify.JaxRuntimeError, match=r"-1\.0 is not positive"):
            positive(checkify, jnp.array(-1.0))
        with pytest.raises(checkify.JaxRuntimeError, match=r"-1\.0 is not positive"):
            passed_on(checkify, jnp.array(-1.0))
        with pytest.raises(ValueError, match="checkify"):
            jax.jit(lambda x: positive(checkify, x))(jnp.array(1.0))
        checkify.debug_check(jnp.array(False), "nothing outside of checkify")
        with pytest.raises(TypeError, match=r"boolean|scalar"):
            checkify.check(jnp.ones(2) > 0, "two")
        with pytest.raises(TypeError, match=r"arrays|PyTrees"):
            checkify.check(jnp.array(True), "{}", "a text")


def test_what_torch_has_not_is_refused() -> None:
    with on("torch"):
        with pytest.raises(BackendError, match="NaNError"):
            checkify.checkify(lambda x: x, errors=checkify.all_checks)
        checked = jax.jit(checkify.checkify(jax.jit(lambda x: positive(checkify, x))))
        with pytest.raises(BackendError, match=r"outside of jax\.jit"):
            checked(jax.numpy.array(1.0))
