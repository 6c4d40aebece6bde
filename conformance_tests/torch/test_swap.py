"""Replaced submodules: the next call after a swap uses the new one."""

import copy
import warnings

import torch
from torch import nn
from torch.nn.utils import parametrizations, parametrize, prune

import unified as u
from conformance_tests.torch.models import Case, batch, each_model, fresh


class LoRA(nn.Module):
    """A frozen linear layer plus a low-rank update."""

    def __init__(self, base: nn.Linear, rank: int = 2):
        super().__init__()
        self.base = base.requires_grad_(False)
        self.down = nn.Parameter(torch.randn(rank, base.in_features))
        self.up = nn.Parameter(torch.zeros(base.out_features, rank))

    def forward(self, x):
        return self.base(x) + x @ self.down.T @ self.up.T


def linear_names(model):
    """Return the dotted names of the linear layers."""
    return [name for name, module in model.named_modules() if isinstance(module, nn.Linear)]


@each_model
def test_lora(case: Case):
    model, x = fresh(case).eval().requires_grad_(False), batch(case)
    plain = model(x)
    for name in linear_names(model):
        model.set_submodule(name, LoRA(model.get_submodule(name)))
    assert torch.equal(model(x), plain)
    optimizer = torch.optim.SGD([p for p in model.parameters() if p.requires_grad], lr=1.0)
    model(x).square().sum().backward()
    optimizer.step()
    assert not torch.equal(model(x), plain)
    trained = {name for name, parameter in model.named_parameters() if parameter.requires_grad}
    assert trained == {name for name in model.state_dict() if name.rpartition(".")[2] in ("up", "down")}
    assert list(model.params) == [name.replace(".", "/") for name in model.state_dict()]
    assert torch.equal(copy.deepcopy(model)(x), model(x))


@each_model
def test_assigning_an_attribute(case: Case):
    model, x = fresh(case).eval(), batch(case)
    *parents, name = linear_names(model)[-1].split(".")
    parent = model.get_submodule(".".join(parents))
    setattr(parent, name, nn.Linear(getattr(parent, name).in_features, 7))
    assert model(x).shape == (6, 7)


@each_model
def test_swapped_models_compile_and_export(case: Case):
    model, x = fresh(case).eval(), batch(case)
    name = linear_names(model)[0]
    model.set_submodule(name, LoRA(model.get_submodule(name)))
    expected = model(x)
    torch._dynamo.reset()
    assert torch.equal(torch.compile(model, fullgraph=True, backend="eager")(x), expected)
    assert torch.equal(torch.export.export(model, (x,)).module()(x), expected)
    assert torch.equal(torch.jit.script(model)(x), expected)


@each_model
def test_dynamic_quantisation(case: Case):
    model, x = fresh(case).eval(), batch(case)
    plain = model(x)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch announces the move of its quantisation to torchao
        quantised = torch.ao.quantization.quantize_dynamic(model, {nn.Linear}, dtype=torch.qint8)
        output = quantised(x)
    assert linear_names(model) and not linear_names(quantised)
    assert not torch.equal(output, plain)
    torch.testing.assert_close(output, plain, rtol=0.1, atol=0.1)


class Doubled(nn.Module):
    def forward(self, weight):
        return 2 * weight


@each_model
def test_parametrize(case: Case):
    model, x = fresh(case).eval(), batch(case)
    layer = model.get_submodule(linear_names(model)[-1])
    plain = model(x) - layer.bias
    parametrize.register_parametrization(layer, "weight", Doubled())
    torch.testing.assert_close(model(x) - layer.bias, 2 * plain, rtol=1e-5, atol=1e-5)
    parametrize.remove_parametrizations(layer, "weight", leave_parametrized=True)
    torch.testing.assert_close(model(x) - layer.bias, 2 * plain, rtol=1e-5, atol=1e-5)


@each_model
def test_weight_norm(case: Case):
    model, x = fresh(case).eval(), batch(case)
    plain, layer = model(x), model.get_submodule(linear_names(model)[-1])
    parametrizations.weight_norm(layer)
    torch.testing.assert_close(model(x), plain, rtol=1e-5, atol=1e-5)
    model(x).sum().backward()
    assert layer.parametrizations.weight.original0.grad is not None


@each_model
def test_pruning(case: Case):
    model, x = fresh(case).eval(), batch(case)
    layer = model.get_submodule(linear_names(model)[-1])
    prune.l1_unstructured(layer, "weight", amount=layer.weight.numel())
    assert torch.equal(model(x), layer.bias.expand(6, 3))
    prune.remove(layer, "weight")
    assert torch.equal(model(x), layer.bias.expand(6, 3))


def test_tied_weights():
    def tied(x):
        return u.Linear(4, 4)(u.Linear(4, 4)(x))

    x = torch.randn(2, 4)
    net = u.transform(tied, backend="torch").init(x, rng=0)
    net.linear_1.weight = net.linear.weight
    assert len(list(net.parameters())) == 3 and list(net.params) == ["linear_1/weight", "linear_1/bias", "linear/bias"]
    zeros = net.params.update({"linear_1/weight": torch.zeros(4, 4)})
    assert torch.equal(net.apply(zeros, x)[0], net.linear.bias.expand(2, 4))
    assert torch.equal(copy.deepcopy(net)(x), net(x))
