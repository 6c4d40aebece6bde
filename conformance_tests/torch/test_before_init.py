"""What is done to a model before `init` is remembered, or refused: nothing is lost in silence."""

import copy
import pickle

import pytest
import torch
from torch import nn

import unified as u

X = torch.ones(2, 4)


def forward(x):
    return u.Dropout(0.5)(u.Linear(4, 3)(x))


class Parent(nn.Module):
    def __init__(self, model):
        super().__init__()
        self.first, self.model = nn.Linear(4, 4), model


def model():
    return u.transform(forward, backend="torch")


ACTIONS = {
    "to": lambda net: net.to(torch.float64),
    "half": lambda net: net.half(),
    "cuda": lambda net: net.cuda(),
    "to_empty": lambda net: net.to_empty(device="cpu"),
    "share_memory": lambda net: net.share_memory(),
    "requires_grad_": lambda net: net.requires_grad_(False),
    "load_state_dict": lambda net: net.load_state_dict({"linear.weight": torch.ones(3, 4)}, strict=False),
    "state_dict": lambda net: net.state_dict(),
    "params": lambda net: net.params,
    "apply": lambda net: net.apply(lambda module: None),
    "parameters": lambda net: list(net.parameters()),
    "optimizer": lambda net: torch.optim.SGD(net.parameters(), 0.1),
    "add_module": lambda net: net.add_module("extra", nn.Linear(2, 2)),
    "attribute": lambda net: setattr(net, "extra", nn.Linear(2, 2)),
    "register_buffer": lambda net: net.register_buffer("extra", X),
    "register_parameter": lambda net: net.register_parameter("extra", nn.Parameter(X)),
}
OF_PARENTS = ("to", "half", "to_empty", "requires_grad_", "state_dict", "parameters", "optimizer")


@pytest.mark.parametrize("action", ACTIONS)
def test_refused(action):
    net = model()
    with pytest.raises(u.NotInitializedError, match=r"'forward' has no layers yet.*call init\(\.\.\.\) first"):
        ACTIONS[action](net)
    net.init(X, rng=0)  # as if nothing had happened
    assert list(net.state_dict()) == ["linear.weight", "linear.bias"] and net.linear.weight.requires_grad


@pytest.mark.parametrize("action", OF_PARENTS)
def test_refused_in_a_parent_module(action):
    parent = Parent(model())
    with pytest.raises(u.NotInitializedError, match="has no layers yet"):
        ACTIONS[action](parent)
    parent.model.init(X, rng=0)
    ACTIONS[action](parent)


def test_a_state_dict_of_a_parent_is_refused():
    state = Parent(model().init(X, rng=0)).state_dict()
    with pytest.raises(u.NotInitializedError, match="a state_dict loaded now"):
        Parent(model()).load_state_dict(state)


def test_hooks_and_the_mode_are_remembered():
    net, events = model(), []
    net.register_forward_pre_hook(lambda module, args: events.append("pre"))
    handle = net.register_forward_hook(lambda module, args, output: events.append("forward"))
    net.register_full_backward_hook(lambda module, inputs, outputs: events.append("backward"))
    net.register_state_dict_post_hook(lambda *args: events.append("state_dict"))
    assert net.eval().init(X, rng=0) is net
    assert events == [] and not net.training and not net.linear.training
    net(X.clone().requires_grad_()).sum().backward()
    net.state_dict()
    assert events == ["pre", "forward", "backward", "state_dict"]
    handle.remove()
    net(X)
    assert events[4:] == ["pre"]


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, lambda net: pickle.loads(pickle.dumps(net))])
def test_copies_are_not_initialised_either(copied):
    twin = copied(model())
    with pytest.raises(u.NotInitializedError):
        twin.to(torch.float64)
    with pytest.raises(u.NotInitializedError):
        twin.state_dict()
    assert torch.equal(twin.init(X, rng=0).linear.weight, model().init(X, rng=0).linear.weight)
    assert repr(copied(model())) == "forward(not initialised)"


def test_a_model_that_is_wrapped_before_init():
    net = model().eval()
    compiled = torch.compile(net, backend="eager")
    parent = Parent(net)
    assert list(parent.train().eval().modules())[-1] is net
    net.init(X, rng=0)
    assert torch.equal(compiled(X), net(X)) and len(list(parent.parameters())) == 4
