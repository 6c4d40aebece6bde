"""The further distributions of `jax.random` on torch: JAX's values for JAX's keys, also in `vmap`."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

import unified.compat.jax as jax
from conformance_tests.compat.differential import check, on

Draw = Callable[[Any], Any]
random = jax.random
DRAWS: dict[str, Draw] = {
    "ball": lambda k: [random.ball(k, 3, shape=(4,)), random.ball(k, 2, p=1.5)],
    "binomial": lambda k: [random.binomial(k, 5, 0.3, (6,)), random.binomial(k, np.array([3.0, 200.0]), 0.7)],
    "binomial at its edges": lambda k: random.binomial(k, np.array([0.0, 5.0, np.inf, -1.0, np.nan]), np.float32(0.4)),
    "chisquare": lambda k: [random.chisquare(k, 2.0, (4,)), random.chisquare(k, np.array([0.5, 30.0], np.float32))],
    "double_sided_maxwell": lambda k: random.double_sided_maxwell(k, 0.5, 2.0, (4,)),
    "f": lambda k: random.f(k, 2.0, 3.0, (4,)),
    "generalized_normal": lambda k: random.generalized_normal(k, 1.5, (4,)),
    "geometric": lambda k: [random.geometric(k, 0.3, (6,)), random.geometric(k, np.array([0.1, 0.9], np.float32))],
    "lognormal": lambda k: [random.lognormal(k, 0.5, (4,)), random.lognormal(k)],
    "maxwell": lambda k: random.maxwell(k, (4,)),
    "multinomial": lambda k: [
        random.multinomial(k, 20, np.array([0.2, 0.5, 0.3], np.float32)),
        random.multinomial(k, 8, np.array([0.2, 0.8], np.float32), shape=(3, 2)),
    ],
    "orthogonal": lambda k: [random.orthogonal(k, 3), random.orthogonal(k, 2, (2,)), random.orthogonal(k, 2, m=4)],
    "pareto": lambda k: random.pareto(k, 2.0, (4,)),
    "poisson": lambda k: [
        random.poisson(k, 3.0, (6,)),
        random.poisson(k, np.array([0.0, 0.5, 9.9, 10.1, 300.0], np.float32)),
        random.poisson(k, 4.0, dtype="int16"),
    ],
    "rayleigh": lambda k: random.rayleigh(k, 2.0, (4,)),
    "t": lambda k: random.t(k, 3.0, (4,)),
    "triangular": lambda k: random.triangular(k, 0.0, 0.3, 1.0, (5,)),
    "wald": lambda k: random.wald(k, 1.5, (5,)),
    "weibull_min": lambda k: random.weibull_min(k, 1.5, 2.0, (4,)),
    "without a sharding": lambda k: [
        random.normal(k, (2,), out_sharding=None),
        random.randint(k, (2,), 0, 9, out_sharding=None),
        random.bernoulli(k, 0.5, (2,), out_sharding=None),
    ],
}


@pytest.mark.parametrize("name", DRAWS)
def test_values(name: str) -> None:
    for seed in (0, 7):
        check(lambda seed=seed: DRAWS[name](random.PRNGKey(seed)), rtol=1e-4, atol=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["binomial", "poisson", "geometric", "maxwell", "t"])
def test_mapped(name: str) -> None:
    check(lambda: jax.vmap(DRAWS[name])(random.split(random.PRNGKey(3), 4)), rtol=1e-4, atol=1e-5)


def test_keys_of_other_numbers_are_refused() -> None:
    with on("torch"), pytest.raises(TypeError, match=r"two words of uint32, got torch\.float32"):
        random.normal(jax.numpy.ones(2))


def test_loops_of_rejection_compile() -> None:
    """With graph breaks, at each test of what is accepted, and without a warning."""
    with on("torch"):
        words = random.PRNGKey(0).tensor
        for draw in (lambda k: random.gamma(k, 2.0, (3,)), lambda k: random.poisson(k, 4.0, (3,))):
            np.testing.assert_array_equal(torch.compile(jax.jit(draw), backend="eager")(words), draw(words))
