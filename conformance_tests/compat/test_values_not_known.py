"""Arguments that are numbers or arrays whose values are not known, in a traced or mapped function: against JAX."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import unified.compat.jax as jax
from conformance_tests.compat.differential import check, on

jnp = jax.numpy
X = np.arange(12, dtype=np.float32).reshape(3, 4) ** 1.5
CALLS: dict[str, Callable[[Any, Any], Any]] = {
    "roll": lambda x, n: jnp.roll(x, n),
    "roll an axis": lambda x, n: jnp.roll(x, n, 1),
    "roll axes": lambda x, n: jnp.roll(x, (n, 1), (0, 1)),
    "roll axes by an array": lambda x, n: jnp.roll(x, jnp.stack([n, n - 3]), (0, 1)),
    "roll nothing": lambda x, n: jnp.roll(x[:0], n, 0),
    "pad": lambda x, n: jnp.pad(x, 1, constant_values=n),
    "pad with two": lambda x, n: jnp.pad(x, 1, constant_values=jnp.stack([n, n + 1])),
    "pad with a float": lambda x, n: jnp.pad(x, ((0, 1), (2, 0)), constant_values=n * 0.5),
    "gradient": lambda x, n: jnp.gradient(x, n * 0.5 + 1, axis=1),
    "gradients": lambda x, n: jnp.gradient(x, n * 0.5 + 1, 2.0),
    "repeat": lambda x, n: jnp.repeat(x, jnp.stack([n, n * 0 + 1, n]), axis=0, total_repeat_length=5),
    "repeat beyond": lambda x, n: jnp.repeat(x, jnp.stack([n, n * 0, n]), axis=0, total_repeat_length=9),
    "repeat one by one": lambda x, n: jnp.repeat(x[:, 0], jnp.stack([n, n, n]), total_repeat_length=7),
    "linspace": lambda x, n: jnp.linspace(0.0, n, 5),
    "take": lambda x, n: jnp.take(x, n, axis=1),
    "one_hot": lambda x, n: jax.nn.one_hot(n, 4),
    "full": lambda x, n: jnp.full((2, 3), n),
    "clip": lambda x, n: jnp.clip(x, n, n + 2),
    "power": lambda x, n: x**n,
    "eye": lambda x, n: jnp.where(jnp.arange(4) < n, x, -1.0),
    "diagonal of a shift": lambda x, n: jax.lax.dynamic_slice(x, (n - 2, n), (2, 2)),
}


@pytest.mark.parametrize("name", CALLS)
def test_jitted(name: str) -> None:
    check(lambda x, n: jax.jit(CALLS[name])(x, n), X, np.array(2, np.int32))


@pytest.mark.parametrize("name", CALLS)
def test_mapped(name: str) -> None:
    check(lambda x, n: jax.vmap(CALLS[name], in_axes=(None, 0))(x, n), X, np.arange(1, 4, dtype=np.int32))


@pytest.mark.parametrize("name", ["gradient", "linspace", "full"])
def test_gradients_of_numbers(name: str) -> None:
    check(lambda x, n: jax.grad(lambda n: jnp.sum(CALLS[name](x, n) ** 2))(n), X, np.array(2, np.float32))


def test_draws_of_every_float_are_traced() -> None:
    """The code of a trace names the dtypes, which are called `dtype[bfloat16]` in NumPy."""

    def draw(x: Any, dtype: Any) -> Any:
        return jax.jit(lambda k: jax.random.normal(k, (3,), dtype))(jax.random.PRNGKey(1))

    for dtype in (jnp.bfloat16, jnp.float16, np.dtype("float32"), np.dtype("bfloat16")):
        check(lambda x, dtype=dtype: draw(x, dtype), X)


def test_shapes_that_do_not_broadcast() -> None:
    with on("torch"), pytest.raises(ValueError, match="do not broadcast"):
        jnp.broadcast_shapes((3,), (2,))
