"""Functions of Haiku that need a running transform say so by their own names where none runs."""

from collections.abc import Callable
from typing import Any

import pytest
import torch

import unified.compat.haiku as hk
from conformance_tests.compat.differential import on

X = torch.ones(2)


def one(*args: Any) -> Any:
    return args[0]


# Those with a counterpart in JAX, which the error names, and the call.
CARRYING: dict[str, tuple[str, Callable[[], Any]]] = {
    "cond": ("jax.lax.cond", lambda: hk.cond(True, one, one, X)),
    "eval_shape": ("jax.eval_shape", lambda: hk.eval_shape(one, X)),
    "fori_loop": ("jax.lax.fori_loop", lambda: hk.fori_loop(0, 1, one, X)),
    "grad": ("jax.grad", lambda: hk.grad(one)),
    "jit": ("jax.jit", lambda: hk.jit(one)),
    "map": ("jax.lax.map", lambda: hk.map(one, X)),
    "remat": ("jax.remat", lambda: hk.remat(one)),
    "scan": ("jax.lax.scan", lambda: hk.scan(one, X, X)),
    "switch": ("jax.lax.switch", lambda: hk.switch(0, [one], X)),
    "value_and_grad": ("jax.value_and_grad", lambda: hk.value_and_grad(one)),
}
CALLS: dict[str, Callable[[], Any]] = {
    "current_name": hk.current_name,
    "custom_creator": lambda: hk.custom_creator(one),
    "custom_getter": lambda: hk.custom_getter(one),
    "custom_setter": lambda: hk.custom_setter(one),
    "get_current_state": hk.get_current_state,
    "get_initial_state": hk.get_initial_state,
    "get_parameter": lambda: hk.get_parameter("w", []),
    "get_params": hk.get_params,
    "get_state": lambda: hk.get_state("n"),
    "lift": lambda: hk.lift(one),
    "lift_with_state": lambda: hk.lift_with_state(one),
    "maybe_get_rng_sequence_state": hk.maybe_get_rng_sequence_state,
    "maybe_next_rng_key": hk.maybe_next_rng_key,
    "next_rng_key": hk.next_rng_key,
    "next_rng_keys": lambda: hk.next_rng_keys(2),
    "optimize_rng_use": lambda: hk.experimental.optimize_rng_use(one)(X),
    "replace_rng_sequence_state": lambda: hk.replace_rng_sequence_state(None),
    "reserve_rng_keys": lambda: hk.reserve_rng_keys(2),
    "running_init": hk.running_init,
    "set_state": lambda: hk.set_state("n", X),
    "transparent_lift": lambda: hk.transparent_lift(one),
    "transparent_lift_with_state": lambda: hk.transparent_lift_with_state(one),
    "vmap": lambda: hk.vmap(one, split_rng=False)(X),
    "while_loop": lambda: hk.while_loop(one, one, X),
    "with_rng": lambda: hk.with_rng(None),
}


@pytest.mark.parametrize("name", CARRYING)
def test_the_counterpart_in_jax_is_named(name: str) -> None:
    instead, call = CARRYING[name]
    with pytest.raises(ValueError, match=rf"^hk\.{name} carries .*: call {instead}$"):
        call()


@pytest.mark.parametrize("name", CALLS)
def test_the_function_is_named(name: str) -> None:
    with pytest.raises(ValueError, match=rf"(^|[ `]){name}`? must be used as part of a"):
        CALLS[name]()


@pytest.mark.parametrize("name", ["params_dict", "state_dict"])
def test_the_method_is_named(name: str) -> None:
    modules: list[Any] = []
    hk.transform(lambda: modules.append(hk.Linear(1)), backend="torch").init(0)
    with pytest.raises(ValueError, match=rf"^Linear\.{name} was called, and no transform is running"):
        getattr(modules[0], name)()


def test_state_without_a_place_is_refused_by_the_transform_that_ran() -> None:
    def count() -> Any:
        return hk.get_state("n", [], init=hk.initializers.Constant(0.0))

    refused = r"has no place for state, and the call made some in ~: use hk."
    with on("torch"), pytest.raises(ValueError, match=rf"^hk.transform {refused}transform_with_state$"):
        hk.transform(count).init(None)
    with on("torch"), pytest.raises(ValueError, match=rf"^hk.multi_transform {refused}multi_transform_with_state$"):
        hk.multi_transform(lambda: (count, count)).init(None)
