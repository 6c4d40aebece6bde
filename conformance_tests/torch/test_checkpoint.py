"""torch.utils.checkpoint around a module of the body, which runs again in the backward pass."""

import pytest
import torch
from torch.utils.checkpoint import checkpoint

import unified as u


class Block(u.Module):
    def __call__(self, x):
        return u.Dropout(0.5)(u.Linear(4, 4)(x).tanh())


def plain(x):
    return u.Linear(4, 2)(Block()(x))


def checkpointed(x):
    return u.Linear(4, 2)(checkpoint(Block(), x, use_reentrant=False))


def gradients(body, rng=None):
    net = u.transform(body, backend="torch", rng=rng).init(torch.ones(3, 4), rng=0)
    torch.manual_seed(1)
    net(torch.ones(3, 4)).sum().backward()
    return {name: parameter.grad for name, parameter in net.named_parameters()}


def test_gradients_are_those_of_the_plain_body():
    expected = gradients(plain)
    for name, gradient in gradients(checkpointed).items():
        assert torch.equal(gradient, expected[name]), name


def test_portable_draws_cannot_be_repeated():
    with pytest.raises(RuntimeError, match=r"'block/dropout' draws portable random numbers again"):
        gradients(checkpointed, rng="portable")


def test_a_module_kept_after_its_call_runs_in_its_own_model_alone():
    blocks = []

    def forward(x):
        blocks.append(Block())
        return blocks[-1](x)

    net = u.transform(forward, backend="torch").init(torch.ones(3, 4), rng=0).eval()
    expected = net(torch.ones(3, 4))
    assert torch.equal(blocks[-1](torch.ones(3, 4)), expected)
    with pytest.raises(u.NoActiveTransformError):
        u.Linear(4, 4)
