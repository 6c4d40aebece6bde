"""Parameters of torch's arrays in the constructor of an object on JAX, as PyTorch code declares them."""

import copy
import pickle

import numpy as np
import pytest
import torch

import unified as u
import unified.nn as nn

BACKENDS = pytest.mark.parametrize("backend", ["torch", "jax"])


class Scale(nn.Module):
    def __init__(self):
        super().__init__()
        gain = nn.Parameter(torch.full((2, 2), 3.0))
        self.gain, self.other = gain, gain
        self.linear = nn.Linear(2, 2)
        self.linear.weight = gain
        nn.init.ones_(gain)
        fixed = nn.Parameter(torch.ones(2))
        self.fixed = fixed
        fixed.requires_grad = False
        self.register_parameter("late", nn.Parameter(torch.tensor(1.5)))
        self.register_buffer("mean", nn.Buffer(torch.tensor([2.0])))
        self.late._no_weight_decay = True
        self.linear.bias.group = "biases"

    def forward(self, x):
        return x * self.gain


@BACKENDS
def test_a_parameter_is_one_wherever_it_is_assigned(backend):
    net = u.build(Scale, backend=backend, rng=0)
    assert net.gain is net.other
    assert [name for name, _ in net.named_parameters()] == ["gain", "fixed", "late", "linear.bias"]
    assert [parameter.requires_grad for parameter in net.parameters()] == [True, False, True, True]
    assert list(net.state_dict()) == ["gain", "other", "fixed", "late", "mean", "linear.weight", "linear.bias"]
    np.testing.assert_array_equal(np.asarray(net.state_dict()["linear.weight"]), np.ones((2, 2)))


@BACKENDS
def test_marks_of_parameters_stay(backend):
    """As code for optimizers reads them, Mamba's `_no_weight_decay` for example."""
    net = u.build(Scale, backend=backend, rng=0)
    copies = [net, pickle.loads(pickle.dumps(net))]
    copies += [copy.deepcopy(net), nn.merge(net, net.params)] if backend == "jax" else []  # torch's copies drop them
    for one in copies:
        parameters = dict(one.named_parameters())
        assert parameters["late"]._no_weight_decay and parameters["linear.bias"].group == "biases"
        assert not hasattr(parameters["gain"], "_no_weight_decay")


@BACKENDS
def test_register_parameter_refuses_what_is_none(backend):
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.register_parameter("weight", torch.ones(2) if backend == "torch" else np.ones(2))

    with pytest.raises(TypeError, match=r"cannot assign .* 'weight'"):
        u.build(Net, backend=backend, rng=0)


@pytest.mark.parametrize(
    ("name", "hint"),
    [("utils", "u.weight_norm"), ("functional", "import unified.functional as F"), ("Linaer", "'Linear'")],
)
def test_names_that_are_elsewhere_or_misspelt(name, hint):
    with pytest.raises(AttributeError, match=f"'unified.nn' has no attribute '{name}'.*{hint}"):
        getattr(nn, name)
