"""First differences whose cause is not plain: mixed-up mappings, dropout between layers, settings without effect."""

import flax.linen as fnn
import jax
import jax.numpy as jnp
import pytest
import torch
from torch import nn

from conformance_tests.compare.defects.defect import mapping
from conformance_tests.compare.pairs.pair import normal, trained
from unified.testing import compare, sides

X = normal(4, 6)


class Torch(nn.Module):
    def __init__(self):
        super().__init__()
        self.up, self.down = nn.Linear(6, 6), nn.Linear(6, 6)

    def forward(self, x):
        return self.down(torch.tanh(self.up(x)))


class Flax(fnn.Module):
    drops: bool = False

    @fnn.compact
    def __call__(self, x):
        x = fnn.tanh(fnn.Dense(6, name="up")(x))
        if self.drops:
            x = fnn.Dropout(0.25, deterministic=False)(x, rng=jax.random.key(0))
        return fnn.Dense(6, name="down")(x)


def compared(biases: str, drops: bool = False):
    net = Flax(drops)
    rules = [f'{n}.weight = params/{n}/kernel, axes = "o i -> i o"' for n in ("up", "down")]
    rules += [f"{n}.bias = params/{m}/bias" for n, m in zip(("up", "down"), biases.split(), strict=True)]
    flax_side = sides.flax(net, net.init(jax.random.key(0), X))
    return compare(sides.torch(trained(Torch())), flax_side, X, mapping=mapping("flax", rules))


def test_a_mapping_that_mixes_up_layers_is_the_cause():
    """Not the bias by which their outputs differ then."""
    assert compared("up down").agrees
    found = compared("down up").first_difference
    assert found.names == ("up", "up") and [cause.name for cause in found.causes] == ["mapping"], str(found)
    assert "up.bias of the first is mapped to params/down/bias, which is no weight of up" in found.cause.text


def test_dropout_between_layers_is_told_of_what_they_are_given():
    found = compared("up down", drops=True).first_difference
    assert found.names == ("down", "down") and not found.inputs_agree, str(found)
    assert found.cause is not None and found.cause.name == "dropout left on", str(found)
    text = "of what the layers are given, the second side dropped 0.33 of the numbers and scaled the rest by 1.333"
    assert found.cause.text == text and found.cause.explained > 0.99


class Normed(fnn.Module):
    axis: int = -1
    epsilon: float = 1e-5

    @fnn.compact
    def __call__(self, x):
        norm = fnn.BatchNorm(use_running_average=True, axis=self.axis, epsilon=self.epsilon, name="norm")
        return fnn.Dense(6, name="down")(norm(x))


def normed(axis: int = -1, epsilon: float = 1e-5, **options: object):
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.norm, self.down = nn.BatchNorm1d(6), nn.Linear(6, 6)

        def forward(self, x):
            return self.down(self.norm(x.swapaxes(1, 2)).swapaxes(1, 2))

    x = normal(4, 6, 6)
    net = Normed(axis, epsilon)
    rules = ["norm.weight = params/norm/scale", "norm.bias = params/norm/bias"]
    rules += ["norm.running_mean = batch_stats/norm/mean", "norm.running_var = batch_stats/norm/var"]
    rules += ['down.weight = params/down/kernel, axes = "o i -> i o"', "down.bias = params/down/bias"]
    flax_side = sides.flax(net, net.init(jax.random.key(0), x))
    left = {"left": ["norm.num_batches_tracked"]}
    return compare(sides.torch(trained(Net())), flax_side, x, mapping=mapping("flax", rules, **left), **options)


def test_momentum_is_no_cause_of_an_output():
    """Here another axis is; that torch and Flax count a momentum from opposite ends says nothing."""
    found = normed(axis=1).first_difference
    assert found.names == ("norm", "norm") and "momentum" not in str(found), str(found)


def test_a_sum_of_small_differences_is_followed_in_float64():
    report = normed(epsilon=3e-5, tolerances={"output": (1e-6, 1e-6)})
    assert not report.agrees
    found = report.first_difference
    assert found.names == ("norm", "norm") and found.cause.name == "epsilon", str(report)
    assert "in float64" in " ".join(report.notes)


@pytest.mark.parametrize(("function", "is_named"), [(jax.nn.relu, True), (lambda x: x + 0.3 * jnp.sin(x), False)])
def test_an_activation_is_named_if_it_is_known(function, is_named):
    """And not the one that is least unlike it."""

    class Net(fnn.Module):
        @fnn.compact
        def __call__(self, x):
            return function(fnn.Dense(6, name="down")(fnn.tanh(fnn.Dense(6, name="up")(x))))

    rules = [f'{n}.weight = params/{n}/kernel, axes = "o i -> i o"' for n in ("up", "down")]
    rules += [f"{n}.bias = params/{n}/bias" for n in ("up", "down")]
    flax_side = sides.flax(Net(), Net().init(jax.random.key(0), X))
    found = compare(sides.torch(trained(Torch())), flax_side, X, mapping=mapping("flax", rules)).first_difference
    causes = [f"{cause.name}: {cause.text}" for cause in found.causes]
    assert causes == (["activation: no activation in the first, relu in the second"] if is_named else []), str(found)
