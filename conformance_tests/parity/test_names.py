"""The names of variables are those of the checked-in table, and equal on both frameworks for whatever is nested."""

import jax.numpy as jnp
import numpy as np
import pytest
import torch
from hypothesis import given, settings

import unified as u
from conformance_tests.core import nestings
from conformance_tests.core.names_table import CASES, Case


def names(body, shape) -> tuple[list[str], list[str]]:
    """The paths on torch, and on JAX."""
    net = u.transform(body, backend="torch", rng="portable").init(torch.ones(shape), rng=0)
    params = u.transform(body, backend="jax").init(jnp.ones(shape), rng=0)
    assert [path.replace("/", ".") for path in net.params] == list(net.state_dict())
    net(torch.ones(shape))  # finds everything again
    u.transform(body, backend="jax").eval_shape(jnp.ones(shape))
    return list(net.params), list(params)


def without_rng(paths: list[str]) -> list[str]:
    return [path for path in paths if not path.startswith("rng/")]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.body.__name__)
def test_table(case: Case):
    on_torch, on_jax = names(case.body, case.shape)
    assert on_torch == on_jax
    assert without_rng(on_torch) == case.paths


@settings(max_examples=60, deadline=None, derandomize=True)
@given(nestings.nestings())
def test_any_nesting(steps):
    on_torch, on_jax = names(nestings.body(steps), nestings.SHAPE)
    assert on_torch == on_jax
    assert without_rng(on_torch) == nestings.paths(steps)


@pytest.mark.full
@settings(max_examples=2000, deadline=None)
@given(nestings.nestings(max_leaves=30))
def test_any_nesting_at_length(steps):
    on_torch, on_jax = names(nestings.body(steps), nestings.SHAPE)
    assert on_torch == on_jax
    assert without_rng(on_torch) == nestings.paths(steps)


@settings(max_examples=10, deadline=None, derandomize=True)
@given(nestings.nestings(max_leaves=6))
def test_any_nesting_computes_the_same(steps):
    body = nestings.body(steps)
    x = np.linspace(-1, 1, 6, dtype=np.float32).reshape(nestings.SHAPE)
    net = u.transform(body, backend="torch").init(torch.from_numpy(x), rng=3).eval()
    model = u.transform(body, backend="jax")
    params = model.init(jnp.asarray(x), rng=3)
    np.testing.assert_allclose(
        model.apply(params, jnp.asarray(x))[0], net(torch.from_numpy(x)).detach().numpy(), rtol=1e-5, atol=1e-5
    )
