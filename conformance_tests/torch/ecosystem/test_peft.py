"""PEFT's adapters on a model, beside the same adapters on a hand-written one."""

import copy
import pickle

import pytest
import torch

import unified as u
from conformance_tests.torch.ecosystem.models import MARKS, X, assert_equal_variables, loop, make, pair, train

pytestmark = MARKS


@pytest.fixture(scope="module")
def peft():
    return pytest.importorskip("peft")


LINEAR = {"target_modules": ["up", "down"]}
ADAPTERS = {
    "LoRA": ("LoraConfig", {**LINEAR, "r": 2}),
    "LoRA by a pattern": ("LoraConfig", {"target_modules": r"block.*\.up|head", "r": 2}),
    "LoRA with a layer that is trained": ("LoraConfig", {**LINEAR, "r": 2, "modules_to_save": ["head"]}),
    "LoRA of parameters": ("LoraConfig", {"target_modules": [], "target_parameters": ["up.weight"], "r": 2}),
    "rsLoRA with PiSSA": ("LoraConfig", {**LINEAR, "r": 2, "use_rslora": True, "init_lora_weights": "pissa"}),
    "DoRA": ("LoraConfig", {**LINEAR, "r": 2, "use_dora": True}),
    "IA3": ("IA3Config", {**LINEAR, "feedforward_modules": ["down"]}),
    "LoHa": ("LoHaConfig", {**LINEAR, "r": 2}),
    "LoKr": ("LoKrConfig", {**LINEAR, "r": 2}),
    "AdaLoRA": ("AdaLoraConfig", {**LINEAR, "total_step": 10}),
    "OFT": ("OFTConfig", {**LINEAR, "r": 4, "oft_block_size": 0}),
    "BOFT": ("BOFTConfig", {"target_modules": ["up"], "boft_block_size": 4}),
    "VeRA": ("VeraConfig", {"target_modules": ["up"], "r": 4}),
    "norms": ("LNTuningConfig", {"target_modules": ["norm"]}),
}


def adapted(peft, model, kind):
    """Return the model with fresh adapters of a kind, drawn from the same seed every time."""
    torch.manual_seed(0)
    config, options = ADAPTERS[kind]
    return peft.get_peft_model(model, getattr(peft, config)(**options))


@pytest.mark.parametrize("kind", ADAPTERS)
def test_adapters_train_and_merge(peft, kind):
    results = []
    for model in pair():
        before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
        wrapped = adapted(peft, model, kind)
        trained = [name for name, p in wrapped.named_parameters() if p.requires_grad]
        losses, output = train(wrapped), wrapped(X)
        merged = wrapped.merge_and_unload()
        torch.testing.assert_close(merged(X), output, rtol=1e-4, atol=1e-5)
        assert set(merged.state_dict()) == set(before)  # what PEFT puts back stands at the end
        changed = {name for name, tensor in merged.state_dict().items() if not torch.equal(tensor, before[name])}
        assert any(name.startswith("block") for name in changed) and not any("embed" in name for name in changed)
        results.append((trained, losses, output, merged))
    (trained, losses, output, net), (hand_trained, hand_losses, hand_output, hand) = results
    assert trained == hand_trained and losses == hand_losses and torch.equal(output, hand_output)
    assert_equal_variables(net, hand)


def test_adapters_are_saved_loaded_switched_and_turned_off(peft, tmp_path):
    outputs = []
    for name, model in zip(("net", "hand"), pair(), strict=True):
        wrapped = adapted(peft, model, "LoRA")
        train(wrapped)
        wrapped.save_pretrained(tmp_path / name)
        first = wrapped(X)
        with wrapped.disable_adapter():
            plain = wrapped(X)
        assert not torch.equal(first, plain)
        wrapped.add_adapter("second", peft.LoraConfig(**LINEAR, r=2))
        wrapped.set_adapter("second")
        assert torch.equal(wrapped.eval()(X), plain)
        wrapped.set_adapter("default")
        assert torch.equal(wrapped(X), first)
        outputs.append((first, model))
    assert torch.equal(outputs[0][0], outputs[1][0])
    saved = [(tmp_path / name / "adapter_model.safetensors").read_bytes() for name in ("net", "hand")]
    assert saved[0] == saved[1]
    # an adapter of the hand-written module is one of the model's
    fresh = make()
    fresh.statistics.load_state_dict(outputs[0][1].statistics.state_dict())
    loaded = peft.PeftModel.from_pretrained(fresh, tmp_path / "hand")
    assert torch.equal(loaded.eval()(X), outputs[0][0])


def test_adapters_that_are_injected_compile_and_export(peft):
    outputs = []
    for model in pair():
        torch.manual_seed(0)
        config = peft.LoraConfig(target_modules=["up"], r=2, init_lora_weights=False)
        injected = peft.inject_adapter_in_model(config, model).eval()
        outputs.append(injected(X))
        torch._dynamo.reset()
        for changed in (
            torch.compile(injected, fullgraph=True, backend="eager"),
            torch.export.export(injected, (X,)).module(),
            copy.deepcopy(injected),
            pickle.loads(pickle.dumps(injected)),
        ):
            torch.testing.assert_close(changed(X), outputs[-1], rtol=1e-6, atol=1e-6)
    assert torch.equal(*outputs)


def test_each_example_chooses_its_adapter(peft):
    outputs = []
    for model in pair():
        torch.manual_seed(0)
        config = peft.LoraConfig(target_modules=["up"], r=2, init_lora_weights=False)
        wrapped = peft.get_peft_model(model, config).eval()
        wrapped.add_adapter("second", config)
        wrapped.eval()
        half = len(X) // 2
        outputs.append(wrapped(X, adapter_names=["default"] * half + ["second"] * half))
        torch.testing.assert_close(outputs[-1][:half], wrapped(X)[:half], rtol=1e-6, atol=1e-6)
    assert torch.equal(*outputs)


def test_layers_by_number(peft):
    """PEFT finds numbers between dots, which `block_1` has not, on either; scopes that are numbered have them."""

    def numbered(x):
        x = u.Linear(8, 8, name="embed")(x)
        for number in range(3):
            with u.scope("layers", number):
                x = u.Linear(8, 8, name="up")(x)
        return x

    config = peft.LoraConfig(target_modules=["up"], r=2, layers_to_transform=[1], layers_pattern="layers")
    net = u.transform(numbered, backend="torch").init(X[:, :8], rng=0)
    wrapped = peft.get_peft_model(net, config)
    layers = [name for name, module in wrapped.named_modules() if isinstance(module, peft.tuners.lora.LoraLayer)]
    assert layers == ["base_model.model.layers.1.up"]
    for model in pair():
        with pytest.raises(ValueError, match=r"Target modules \{'up'\} not found"):
            peft.get_peft_model(model, config)


def test_a_merged_model_runs_on_jax(peft):
    jax_numpy = pytest.importorskip("jax.numpy")
    wrapped = adapted(peft, make(), "LoRA")
    train(wrapped)
    merged = wrapped.merge_and_unload()
    model, x = u.transform(loop, backend="jax"), jax_numpy.asarray(X.numpy())
    params = model.init(x, rng=1).from_state_dict(merged.state_dict())
    output = torch.from_numpy(jax_numpy.array(model.apply(params, x)[0]).__array__().copy())
    torch.testing.assert_close(output, merged(X).detach(), rtol=1e-5, atol=1e-5)
