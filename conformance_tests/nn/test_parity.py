"""`assert_parity` of objects, and a difference that it finds."""

import numpy as np
import pytest

import unified.nn as nn
from conformance_tests.nn.objects import Net
from conformance_tests.nn.twins import EXAMPLES, load
from unified.testing import assert_parity

X = np.random.default_rng(0).standard_normal((2, 3, 8, 8)).astype(np.float32)


class Dropping(Net):
    """With random layers, whose masks are equal."""

    def __init__(self):
        super().__init__(dropout=0.5)


@pytest.mark.parametrize("cls", [Net, Dropping])
def test_a_convnet(cls):
    assert_parity(cls, X, rng=3)


@pytest.mark.slow
@pytest.mark.parametrize("key", ["gpt", "vit", "unet", "tagger"])
def test_examples(key):
    name, cls, _, inputs = EXAMPLES[key]
    assert_parity(getattr(load(name), cls), *inputs)


def test_a_difference_is_found():
    class Differs(nn.Module):
        def __init__(self):
            self.linear = nn.Linear(8, 2)

        def forward(self, x):
            y = self.linear(x)
            return y if type(y).__module__.startswith("torch") else y + 1

    with pytest.raises(AssertionError, match="output"):
        assert_parity(Differs, X, training=False)
