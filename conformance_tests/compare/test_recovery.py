"""Values that differ though what follows agrees are no difference; gelu and sums of plain JAX stand beside layers."""

import flax.linen as fnn
import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from conformance_tests.compare.defects.defect import mapping
from conformance_tests.compare.pairs.pair import normal, trained
from unified.compare.depth.recovery import recovered
from unified.compare.side import Intermediate
from unified.testing import compare, sides

X = 2 * normal(4, 6)
PARAMS = {"a": normal(6, 6), "a_bias": normal(6), "c": normal(6, 3), "c_bias": normal(3)}
RULES = [f'{n}.weight = {n}, axes = "o i -> i o"' for n in "ac"] + [f"{n}.bias = {n}_bias" for n in "ac"]


class Residual(nn.Module):
    def __init__(self):
        super().__init__()
        self.a, self.c = nn.Linear(6, 6), nn.Linear(6, 3)

    def forward(self, x):
        return self.c(F.gelu(x + self.a(torch.relu(x))))


class Stepwise(Residual):
    def forward(self, x):
        x = x + F.linear(torch.relu(x), self.a.weight) + self.a.bias
        return self.c(F.gelu(x, approximate="tanh"))


class GeluLast(Residual):
    def forward(self, x):
        return F.gelu(self.c(x + self.a(torch.relu(x))))


class FlaxStepwise(fnn.Module):
    @fnn.compact
    def __call__(self, x):
        x = x + fnn.Dense(6, use_bias=False, name="a")(fnn.relu(x))
        x = x + self.param("a_bias", fnn.initializers.zeros, (6,))
        return fnn.gelu(fnn.Dense(3, name="c")(x))


def stepwise(params, x):
    x = x + jax.nn.relu(x) @ params["a"] + params["a_bias"]
    return jax.nn.gelu(x, approximate=True) @ params["c"] + params["c_bias"]


def in_parentheses(params, x):
    x = x + (jax.nn.relu(x) @ params["a"] + params["a_bias"])
    return jax.nn.gelu(x, approximate=True) @ params["c"] + params["c_bias"]


def by_hand(params, x):
    x = x + jax.nn.relu(x) @ params["a"] + params["a_bias"]
    x = 0.5 * x * (1 + jnp.tanh((2 / jnp.pi) ** 0.5 * (x + 0.044715 * x**3)))
    return x @ params["c"] + params["c_bias"]


def of_functions(function):
    return sides.function(function, PARAMS), mapping("function", RULES)


def of_torch():
    names = ("a.weight", "a.bias", "c.weight", "c.bias")
    return sides.torch(trained(Stepwise(), 1)), mapping("torch", [f"{name} = {name}" for name in names])


def of_flax():
    net = FlaxStepwise()
    rules = [f'{n}.weight = params/{n}/kernel, axes = "o i -> i o"' for n in "ac"]
    rules += ["a.bias = params/a_bias", "c.bias = params/c/bias"]
    return sides.flax(net, net.init(jax.random.key(0), X)), mapping("flax", rules)


SECONDS = {
    **{each.__name__: lambda each=each: of_functions(each) for each in (stepwise, in_parentheses, by_hand)},
    "torch": of_torch,
}


@pytest.mark.parametrize("name", SECONDS)
def test_the_order_of_a_sum_is_no_difference(name):
    second, rules = SECONDS[name]()
    report = compare(sides.torch(trained(Residual())), second, X, mapping=rules, rtol=1e-6, atol=1e-6)
    found = report.first_difference
    assert found.cause is not None and found.cause.name == "gelu's approximate", str(report)
    assert "none in the first, tanh in the second" in found.cause.text
    assert found.cause.explained > 0.99
    assert found.names[0] == "gelu", str(report)
    assert found.inputs_agree and "differ already" not in str(report)
    assert all(place.agrees for place in report.depth if place.first.name == "a")


def test_the_order_of_a_sum_between_modules_of_flax_is_no_difference():
    second, rules = of_flax()
    report = compare(sides.torch(trained(GeluLast())), second, X, mapping=rules, rtol=1e-6, atol=1e-6)
    assert report.first_difference.last == ("c", "c"), str(report)
    assert report.first_difference.cause.name == "gelu's approximate", str(report)


@pytest.mark.parametrize(
    ("change", "layer", "cause"),
    [
        (lambda x, p: jax.nn.relu(x) @ p["a"], "a", "bias"),
        (lambda x, p: jax.nn.relu(x) @ p["a"].T + p["a_bias"], "a", "transposed weight"),
        (lambda x, p: jnp.tanh(x) @ p["a"] + p["a_bias"], "relu", "activation"),
        (lambda x, p: x * jax.nn.sigmoid(x) @ p["a"] + p["a_bias"], "relu", "activation"),
    ],
)
def test_what_differs_to_the_end_is_named(change, layer, cause):
    def function(params, x):
        return jax.nn.gelu(x + change(x, params), approximate=False) @ params["c"] + params["c_bias"]

    second, rules = of_functions(function)
    report = compare(sides.torch(trained(Residual())), second, X, mapping=rules)
    assert report.first_difference.names[0] == layer, str(report)
    assert report.first_difference.cause.name == cause, str(report)


def test_a_layer_on_a_branch_is_named_though_another_branch_agrees():
    class Branches(nn.Module):
        def __init__(self, epsilon):
            super().__init__()
            self.one, self.two = nn.LayerNorm(6, eps=epsilon), nn.LayerNorm(6)

        def forward(self, x):
            return self.one(x) * self.two(x)

    names = [f"{n}.{k}" for n in ("one", "two") for k in ("weight", "bias")]
    rules = mapping("torch", [f"{name} = {name}" for name in names])
    first, second = (sides.torch(trained(Branches(epsilon))) for epsilon in (1e-5, 1e-2))
    report = compare(first, second, X, mapping=rules)
    assert report.first_difference.names == ("one", "one")
    assert report.first_difference.cause.name == "epsilon"


@pytest.mark.parametrize("exact", [False, True])
def test_a_gelu_is_named_though_the_residual_that_follows_agrees_within_the_tolerance(exact):
    class Large(Residual):
        def forward(self, x):
            x = x + 1e4 * torch.sign(x) + F.gelu(self.a(x), approximate="tanh" if exact else "none")
            return self.c(x - 1e4 * torch.sign(x))

    def large(params, x):
        y = x + 1e4 * jnp.sign(x)
        y = y + jax.nn.gelu(x @ params["a"] + params["a_bias"], approximate=not exact)
        return (y - 1e4 * jnp.sign(x)) @ params["c"] + params["c_bias"]

    second, rules = of_functions(large)
    tight = {"rtol": 1e-7, "atol": 1e-7, "dtype": "float64"}
    report = compare(sides.torch(trained(Large())), second, X, mapping=rules, **tight)
    assert "add_1" in [place.first.name for place in report.depth if place.agrees], str(report)
    assert report.first_difference.names[0] == "gelu", str(report)
    assert report.first_difference.cause.name == "gelu's approximate", str(report)


def values(*steps):
    """The values of steps: a name, its array, and those that it is computed of."""
    return [Intermediate(name, "", {}, array, tuple(inputs)) for name, array, *inputs in steps]


def test_a_difference_is_gone_where_all_that_follows_agrees_up_to_rounding():
    x, y, z = (normal(3, 4, seed=seed) for seed in range(3))
    chain = values(("x", x), ("y", y, x), ("z", z, y.T))  # in another layout
    assert recovered(chain, {0: (False, 1.0), 2: (True, 1e-6)}) == {0}
    assert recovered(chain, {0: (False, 1.0), 2: (True, 0.5)}) == set()  # the tolerance lets it pass: it is still there
    assert recovered(chain, {0: (False, 1.0), 2: (False, 1e-6)}) == set()
    assert recovered(chain, {0: (False, 1.0)}) == set()
    fork = values(("x", x), ("y", y, x), ("z", z, x))
    assert recovered(fork, {0: (False, 1.0), 2: (True, 0.0)}) == set()  # y is not seen again
    block = values(("x", x), ("block.y", y, x), ("block", z, x))
    assert recovered(block, {0: (False, 1.0), 1: (True, 0.0), 2: (False, 1.0)}) == {0}  # the block's y uses it
    constant = values(("x", np.ones(3)), ("y", y, np.ones(3)))
    assert recovered(constant, {0: (False, 1.0), 1: (True, 0.0)}) == set()
