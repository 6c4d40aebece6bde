"""First differences whose cause is no layer's own: a mapping that mixes up layers, and what arises between layers."""

import flax.linen as fnn
import jax
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
