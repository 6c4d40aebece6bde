"""No layer and no function overwrites an array: `inplace=True` has no effect, and init runs on copies of its inputs."""

from typing import Any

import numpy as np
import pytest
import torch

import unified as u
import unified.functional as F
from unified.testing import assert_parity

X = np.random.default_rng(0).standard_normal((8, 4), dtype=np.float32)

LAYERS = {
    "ReLU": (),
    "ReLU6": (),
    "LeakyReLU": (0.1,),
    "ELU": (),
    "CELU": (),
    "SELU": (),
    "SiLU": (),
    "Mish": (),
    "Hardtanh": (-0.5, 0.5),
    "Hardsigmoid": (),
    "Hardswish": (),
    "Threshold": (0.1, -2.0),
    "RReLU": (0.1, 0.3),
    "Dropout": (0.5,),
    "AlphaDropout": (0.5,),
    "FeatureAlphaDropout": (0.5,),
    "Dropout1d": (0.5,),
}


@pytest.mark.parametrize("name", LAYERS)
def test_a_layer_keeps_its_input(name: str) -> None:
    def body(x: Any) -> Any:
        h = u.Linear(4, 4)(x)
        return u.Sequential(getattr(u, name)(*LAYERS[name], inplace=True), u.Linear(4, 4))(h) + h

    assert_parity(body, X)
    layer = getattr(torch.nn, name)(*LAYERS[name]).eval()  # the oracle, out of place
    net = u.transform(body, backend="torch").init(torch.tensor(X), rng=0).eval()
    h = torch.nn.functional.linear(torch.tensor(X), net.linear.weight, net.linear.bias)
    torch.testing.assert_close(net(torch.tensor(X)), net.sequential[1](layer(h)) + h)


def test_a_subclass_keeps_its_input() -> None:
    class Rectified(u.ReLU):
        def __init__(self) -> None:
            super().__init__(inplace=True)

    def body(x: Any) -> Any:
        h = u.Linear(4, 4)(x)
        return Rectified()(h) + h

    assert_parity(body, X)


FUNCTIONS = {
    "relu": (),
    "relu6": (),
    "elu": (1.5,),
    "celu": (2.0,),
    "selu": (),
    "silu": (),
    "mish": (),
    "leaky_relu": (0.2,),
    "hardtanh": (-0.5, 0.5),
    "hardsigmoid": (),
    "hardswish": (),
    "threshold": (0.1, -2.0),
    "rrelu": (0.1, 0.3, False),
    "dropout": (0.5, False),
    "alpha_dropout": (0.5, False),
    "feature_alpha_dropout": (0.5, False),
    "dropout1d": (0.5, False),
}


@pytest.mark.parametrize("by_name", [True, False])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_keeps_its_input(name: str, by_name: bool) -> None:
    arguments = FUNCTIONS[name]

    def body(x: Any) -> Any:
        h = u.Linear(4, 4)(x)
        fn = getattr(F, name)
        return (fn(h, *arguments, inplace=True) if by_name else fn(h, *arguments, True)) + h

    assert_parity(body, X)
    x = torch.tensor(X)
    out = getattr(F, name)(x, *arguments, inplace=True)
    torch.testing.assert_close(x, torch.tensor(X), rtol=0, atol=0)
    torch.testing.assert_close(out, getattr(torch.nn.functional, name)(x, *arguments))


@pytest.mark.parametrize("reads_values", [False, True])
def test_init_leaves_the_example_as_it_is(reads_values: bool) -> None:
    def body(x: Any, more: Any) -> Any:
        x += 1
        x[0] = 0
        more["x"].mul_(2)
        if reads_values:
            assert float(x.sum()) != 0
        return u.Linear(4, 4)(x + more["x"])

    x, other = torch.tensor(X), {"x": torch.tensor(X)}
    shared = torch.tensor(X)
    net = u.transform(body, backend="torch")
    net.init(x, other, rng=0)
    net.eval_shape(x, other) if not reads_values else None
    net.init(shared, {"x": shared}, rng=0)
    for value in (x, other["x"], shared):
        torch.testing.assert_close(value, torch.tensor(X), rtol=0, atol=0)


def test_a_shared_example_is_shared_in_init() -> None:
    def body(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        assert x is y
        return u.Linear(4, 4)(x)

    x = torch.tensor(X)
    u.transform(body, backend="torch").init(x, x, rng=0)


def test_init_copies_what_needs_a_gradient() -> None:
    def body(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        assert x.requires_grad and y.requires_grad and x.is_leaf and not y.is_leaf
        y.mul_(2)
        return u.Linear(4, 4)(x + y)

    x = torch.tensor(X, requires_grad=True)
    y = x * 1
    u.transform(body, backend="torch").init(x, y, rng=0)
    torch.testing.assert_close(y, x)


@pytest.mark.parametrize("reads_values", [False, True])
def test_init_leaves_numpy_examples_as_they_are(unified_backend: str, reads_values: bool) -> None:
    def body(x: Any) -> Any:
        x += 1
        if reads_values:
            assert float(x.sum()) != 0
        return u.Linear(4, 4)(torch.as_tensor(x) if unified_backend == "torch" else x)

    x = X.copy()
    u.transform(body).init(x, rng=0)
    np.testing.assert_array_equal(x, X)


def test_init_copies_packed_sequences() -> None:
    def body(packed: Any) -> Any:
        packed.data.mul_(2)
        return u.LSTM(4, 3)(packed)[0].data

    packed = torch.nn.utils.rnn.pack_sequence([torch.tensor(X), torch.tensor(X[:3])])
    before = packed.data.clone()
    u.transform(body, backend="torch").init(packed, rng=0)
    torch.testing.assert_close(packed.data, before, rtol=0, atol=0)
