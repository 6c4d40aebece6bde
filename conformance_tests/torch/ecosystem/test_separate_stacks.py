"""`stacks="separate"`: each layer is a module of its own, as in a list that is written by hand."""

import pytest
import torch

from conformance_tests.torch.ecosystem.models import ADAPTERS, MARKS, Hand, X, make, stack, train

pytestmark = MARKS


def separate_and_hand():
    """Return the separate form and the hand-written module, with equal variables."""
    net, hand = make(stack, stacks="separate"), Hand()
    hand.load_state_dict(dict(zip(hand.state_dict(), net.state_dict().values(), strict=True)))
    return net, hand


@pytest.mark.parametrize("kind", ADAPTERS)
def test_adapters(kind):
    peft = pytest.importorskip("peft")
    losses = []
    for model in separate_and_hand():
        torch.manual_seed(0)
        config, options = ADAPTERS[kind]
        config = getattr(peft, config)(target_modules=["up", "down"], **options)
        losses.append(train(peft.get_peft_model(model, config)))
    assert losses[0] == losses[1]


def test_adapters_of_layers_by_number():
    peft = pytest.importorskip("peft")
    config = peft.LoraConfig(target_modules=["up"], r=2, layers_to_transform=[1], layers_pattern="h")
    net = peft.get_peft_model(make(stack, stacks="separate"), config)
    layers = [name for name, module in net.named_modules() if isinstance(module, peft.tuners.lora.LoraLayer)]
    assert layers == ["base_model.model.h.1.block.up"]
    with pytest.raises(ValueError, match="not found in the base model"):
        peft.get_peft_model(make(stack), config)


def test_it_is_quantized():
    quantization = pytest.importorskip("torchao.quantization")
    net, hand = (model.eval() for model in separate_and_hand())
    for model in (net, hand):
        quantization.quantize_(model, quantization.Int8DynamicActivationInt8WeightConfig())
    assert torch.equal(net(X), hand(X))
    net, hand = (torch.ao.quantization.quantize_dynamic(model.eval()) for model in separate_and_hand())
    assert torch.equal(net(X), hand(X))


def test_it_is_offloaded(tmp_path):
    accelerate = pytest.importorskip("accelerate")
    net, hand = (model.eval() for model in separate_and_hand())
    assert torch.equal(accelerate.disk_offload(net, tmp_path, offload_buffers=True)(X), hand(X))


@pytest.mark.parametrize("method", ["DeepLift", "LayerGradCam"])
def test_it_is_explained(method):
    attr = pytest.importorskip("captum.attr")
    net, hand = (model.eval() for model in separate_and_hand())
    places = [(), ()] if method == "DeepLift" else [(net.get_submodule("h.1.block"),), (hand.block_1,)]
    one, other = (
        getattr(attr, method)(model, *place).attribute(X, target=1)
        for model, place in zip((net, hand), places, strict=True)
    )
    assert torch.equal(one, other)
