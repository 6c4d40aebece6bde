"""What `jax.jit(f).lower(...)` tells: the cost of a call, and no second trace for what was traced."""

from typing import Any

import pytest

import unified.compat.jax as jax
import unified.compat.jax.numpy as jnp
from conformance_tests.compat.differential import on


def flops(function: Any, *args: Any) -> float:
    return float(jax.jit(function).lower(*args).cost_analysis().get("flops", 0))


def counted(n: int) -> list[float]:
    x = jnp.ones((n, n))
    return [
        flops(lambda x: x @ x, x),
        flops(lambda x: x + 1, x),
        flops(lambda x: (x @ x + x) * x, x),
        flops(lambda x: jax.vmap(lambda row: row * 2)(x), x),
        flops(lambda x: x[:0] * 2, x),
    ]


@pytest.mark.parametrize("n", [4, 10])
def test_products_and_elementwise_operations_are_counted_as_by_xla(n: int) -> None:
    found = {}
    for backend in ("jax", "torch"):
        with on(backend):
            found[backend] = counted(n)
    assert found["torch"] == found["jax"]


def test_gradients_and_loops_cost_something() -> None:
    with on("torch"):
        x = jnp.ones((4, 4))
        forward = flops(lambda x: jnp.tanh(x @ x).sum(), x)
        assert flops(jax.grad(lambda x: jnp.tanh(x @ x).sum()), x) > 2 * forward
        assert flops(lambda x: jax.lax.scan(lambda c, _: (c @ c, None), x, None, length=3)[0], x) == 3 * 2 * 4**3
        compiled = jax.jit(lambda x: x + 1).lower(x).compile()
        assert compiled.cost_analysis() == {"flops": 16}
        assert compiled.memory_analysis() is None
        assert flops(lambda x: jax.random.normal(jax.random.key(0), (3,)), x) > 0


def test_steps_that_depend_on_values_have_no_known_cost() -> None:
    with on("torch"):
        lowered = jax.jit(lambda x: jax.lax.while_loop(lambda c: c.sum() < 10, lambda c: c + 1, x)).lower(jnp.ones(3))
        assert lowered.cost_analysis() is None


def test_what_was_lowered_is_not_traced_again() -> None:
    for backend in ("jax", "torch"):
        with on(backend):
            calls = []

            def f(x: Any, calls: list[int] = calls) -> Any:
                calls.append(1)
                return x + 1

            jitted = jax.jit(f)
            jitted.lower(jnp.ones(3)).cost_analysis()
            jitted(jnp.ones(3))
            jax.jit(lambda x, jitted=jitted: (jitted.lower(x).out_info.shape[0], jitted(x)))(jnp.ones(3))
            assert len(calls) == 1
