"""Unlocked params: a call of a grown model makes what they lack, with the same bits on both frameworks."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch

import unified as u
from unified.core.errors import StructureChangedError

X = np.linspace(-1, 1, 8, dtype=np.float32).reshape(2, 4)


def small(x):
    return u.Linear(4, 3, name="head")(u.Linear(4, 4)(x))


def grown(x):
    x = u.Linear(4, 4)(x)
    x = x + u.Linear(2, 4, bias=False, name="up")(u.Linear(4, 2, bias=False, name="down")(x))
    u.get_state("calls", ())
    u.set_state("calls", u.get_state("calls", ()) + 1)
    return u.Linear(4, 3, name="head")(x)


NEW = ["calls", "up/weight", "down/weight"]


def params_of_small(backend: str) -> u.Params:
    net = u.transform(small, backend=backend)
    return net.init(torch.from_numpy(X), rng=0).params if backend == "torch" else net.init(jnp.asarray(X), rng=0)


def call(backend: str, params: u.Params):
    net = u.transform(grown, backend=backend)
    if backend == "jax":
        return net.apply(params, jnp.asarray(X))
    return (net.init(torch.from_numpy(X), rng=9) if params.is_locked else net).apply(params, torch.from_numpy(X))


@pytest.mark.parametrize("backend", ["torch", "jax"])
def test_new_variables_are_made_and_old_ones_kept(backend):
    old = params_of_small(backend)
    output, changes = call(backend, old.unlocked(rng=5))
    assert sorted(changes) == sorted(NEW)
    assert float(changes["calls"]) == 1
    params = (old | changes).locked()
    assert sorted(params) == sorted([*old, *NEW])
    for path in old:
        assert params[path] is old[path]
    again, later = call(backend, params.update({"calls": params["calls"] * 0}))
    np.testing.assert_array_equal(np.asarray(again.detach() if backend == "torch" else again), _numpy(output))
    assert list(later) == ["calls"]


def test_new_values_are_equal_and_those_that_init_would_give():
    fresh = u.transform(grown, backend="jax").init(jnp.asarray(X), rng=5)
    (of_torch, on_torch), (of_jax, on_jax) = (call(b, params_of_small(b).unlocked(rng=5)) for b in ("torch", "jax"))
    assert list(on_torch) == list(on_jax)
    for path in ("up/weight", "down/weight"):
        assert _numpy(on_torch[path]).tobytes() == _numpy(on_jax[path]).tobytes() == _numpy(fresh[path]).tobytes()
    np.testing.assert_allclose(_numpy(of_torch), _numpy(of_jax), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("backend", ["torch", "jax"])
def test_locked_params_do_not_grow(backend):
    params = params_of_small(backend)
    assert params.is_locked
    assert params.unlocked().locked().is_locked
    with pytest.raises(StructureChangedError, match="'up"):
        call(backend, params)


def test_growth_under_jit():
    params = params_of_small("jax").unlocked(rng=5)
    apply = jax.jit(u.transform(grown, backend="jax").apply)
    _, changes = apply(params, jnp.asarray(X))
    _, expected = call("jax", params)
    assert list(changes) == list(expected)
    np.testing.assert_array_equal(changes["up/weight"], expected["up/weight"])


def _numpy(value) -> np.ndarray:
    return value.detach().numpy() if isinstance(value, torch.Tensor) else np.asarray(value)
