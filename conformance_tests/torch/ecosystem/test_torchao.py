"""torchao's quantization on a model, beside the same on a hand-written one; and torch's own, which it succeeds."""

import copy
import io

import pytest
import torch
from torch import nn

from conformance_tests.torch.ecosystem.models import MARKS, X, loss_of, pair, train

pytestmark = MARKS


@pytest.fixture(scope="module")
def quantization():
    return pytest.importorskip("torchao.quantization")


WEIGHTS = {
    "int8": ("Int8WeightOnlyConfig", {}),
    "int8 with activations": ("Int8DynamicActivationInt8WeightConfig", {}),
    "int4": ("IntxWeightOnlyConfig", {"weight_dtype": torch.int4}),
    "int4 with activations": ("Int8DynamicActivationIntxWeightConfig", {"weight_dtype": torch.int4}),
    "float8": ("Float8WeightOnlyConfig", {}),
}


def config_of(quantization, kind):
    name, options = WEIGHTS[kind]
    return getattr(quantization, name)(**options)


def quantized_layers(model):
    return [
        name for name, m in model.named_modules() if isinstance(m, nn.Linear) and type(m.weight) is not nn.Parameter
    ]


def only_up(module, name):
    return isinstance(module, nn.Linear) and name.endswith("up")


@pytest.mark.parametrize("choice", [None, only_up], ids=["all", "by a filter"])
@pytest.mark.parametrize("kind", WEIGHTS)
def test_weights_are_quantized(quantization, kind, choice):
    net, hand = (model.eval() for model in pair())
    plain = net(X)
    for model in (net, hand):
        quantization.quantize_(model, config_of(quantization, kind), filter_fn=choice)
    assert torch.equal(net(X), hand(X)) and not torch.equal(net(X), plain)
    assert quantized_layers(net) == quantized_layers(hand) and len(quantized_layers(net)) == (2 if choice else 6)
    assert torch.equal(copy.deepcopy(net)(X), hand(X))


def test_layers_are_chosen_by_name(quantization):
    net, hand = (model.eval() for model in pair())
    for model in (net, hand):
        chosen = {"block_1.up": config_of(quantization, "int8"), "head": config_of(quantization, "int4")}
        quantization.quantize_(model, quantization.FqnToConfig(chosen), filter_fn=None)
    assert torch.equal(net(X), hand(X)) and quantized_layers(net) == quantized_layers(hand) == ["block_1.up", "head"]


def test_a_quantized_state_dict_loads(quantization):
    net, hand = (model.eval() for model in pair())
    quantization.quantize_(hand, config_of(quantization, "int8"))
    file = io.BytesIO()
    torch.save(hand.state_dict(), file)
    file.seek(0)
    net.load_state_dict(torch.load(file, weights_only=True), assign=True)
    assert torch.equal(net(X), hand(X)) and quantized_layers(net) == quantized_layers(hand)


def test_training_that_knows_of_quantization(quantization):
    qat = pytest.importorskip("torchao.quantization.qat")
    results = []
    for model in pair():
        base = config_of(quantization, "int4 with activations")
        quantization.quantize_(model, qat.QATConfig(base, step="prepare"))
        kinds, losses = [type(module).__name__ for module in model.modules()][1:], train(model)
        quantization.quantize_(model, qat.QATConfig(base, step="convert"))
        assert losses[-1] < losses[0] and len(quantized_layers(model)) == 6
        results.append(([kind.removeprefix("Hand") for kind in kinds], losses, model(X)))
    assert results[0][:2] == results[1][:2] and torch.equal(results[0][2], results[1][2])
    assert results[0][0].count("FakeQuantizedLinear") == 6


def test_training_in_float8():
    float8 = pytest.importorskip("torchao.float8")
    gradients = []
    for model in pair():
        torch.manual_seed(0)
        float8.convert_to_float8_training(model, config=float8.Float8LinearConfig(emulate=True))
        assert type(model.block.up).__name__ == "Float8Linear"
        loss_of(model).backward()
        gradients.append([p.grad for p in model.parameters()])
    assert all(torch.equal(one, other) for one, other in zip(*gradients, strict=True))


def test_sparsity():
    sparsity = pytest.importorskip("torchao.sparsity")
    results = []
    for model in pair():
        pruner = sparsity.WandaSparsifier(sparsity_level=0.5)
        pruner.prepare(model.eval(), config=[{"tensor_fqn": "block.up.weight"}])
        model(X)
        pruner.step(), pruner.squash_mask()
        assert (model.block.up.weight == 0).sum() == model.block.up.weight.numel() // 2
        results.append(model(X))
    assert torch.equal(*results)


def test_it_compiles(quantization):
    net, hand = (model.eval() for model in pair())
    for model in (net, hand):
        quantization.quantize_(model, config_of(quantization, "int8"))
    torch._dynamo.reset()
    compiled = torch.compile(net, fullgraph=True, backend="aot_eager")
    torch.testing.assert_close(compiled(X), hand(X), rtol=1e-5, atol=1e-5)


def test_dynamic_quantization_of_torch_itself():
    net, hand = (torch.ao.quantization.quantize_dynamic(model.eval()) for model in pair())
    assert torch.equal(net(X), hand(X))
    assert type(net.block.up) is type(hand.block.up) is torch.ao.nn.quantized.dynamic.Linear
