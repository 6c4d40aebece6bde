"""A model with its blocks in a `u.layer_stack`: what works as on the loop, and what its stacked tensors cannot be.

On torch, each real layer of a stack holds the tensors of all its layers, and shows one slice while the body runs. A
library that reads or replaces tensors meets the stack.
"""

import copy

import numpy as np
import pytest
import torch
from torch import nn

import unified as u
from conformance_tests.torch.ecosystem.models import (
    ADAPTERS,
    DEPTH,
    LABELS,
    MARKS,
    WIDTH,
    X,
    loss_of,
    make,
    stack,
    train,
)

pytestmark = MARKS


def stacked_and_separate():
    """Return the model and its control, which have equal initial bits."""
    one, other = make(stack), make(stack, stacks="separate")
    layers = one.params.unstack("h")
    assert sorted(layers) == sorted(other.params)
    assert all(torch.equal(layers[path], value) for path, value in other.params.items())
    return one, other


# Equal: libraries that call the model, or that look only at its inputs and outputs.


def test_training_is_equal():
    one, other = stacked_and_separate()
    assert train(one) == train(other)


def test_lightning_is_equal(tmp_path):
    lightning = pytest.importorskip("lightning")

    class Task(lightning.LightningModule):
        def __init__(self, net):
            super().__init__()
            self.net, self.losses = net, []

        def training_step(self, batch, index):
            loss = nn.functional.cross_entropy(self.net(batch[0]), batch[1])
            self.losses.append(loss.item())
            return loss

        def configure_optimizers(self):
            return torch.optim.SGD(self.parameters(), 0.1)

    losses = []
    for model in stacked_and_separate():
        task = Task(model)
        torch.manual_seed(0)
        data = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(X, LABELS), batch_size=8)
        options = {"logger": False, "enable_progress_bar": False, "enable_model_summary": False}
        lightning.Trainer(max_epochs=2, accelerator="cpu", default_root_dir=tmp_path, **options).fit(task, data)
        losses.append(task.losses)
    assert losses[0] == losses[1] and len(losses[0]) == 6


def test_accelerate_is_equal(tmp_path):
    accelerate = pytest.importorskip("accelerate")
    losses = []
    for name, model in zip(("stacked", "separate"), stacked_and_separate(), strict=True):
        accelerator = accelerate.Accelerator(cpu=True, mixed_precision="bf16")
        prepared, optimizer = accelerator.prepare(model, torch.optim.Adam(model.parameters(), 1e-2))
        torch.manual_seed(0)
        steps = []
        for _ in range(3):
            optimizer.zero_grad()
            loss = loss_of(prepared)
            accelerator.backward(loss)
            optimizer.step()
            steps.append(loss.item())
        accelerator.save_state(tmp_path / name)
        output = model.eval()(X)
        nn.init.zeros_(model.embed.weight)
        accelerator.load_state(tmp_path / name)
        assert torch.equal(model.eval()(X), output)
        losses.append(steps)
        accelerate.state.AcceleratorState._reset_state(reset_partial_state=True)
    assert losses[0] == losses[1] and losses[0][-1] < losses[0][0]


def test_a_stack_without_memory_is_loaded():
    accelerate = pytest.importorskip("accelerate")
    net = make(stack).eval()
    with accelerate.init_empty_weights(include_buffers=True):
        empty = u.transform(stack, backend="torch").init(X.to("meta"), rng=1).eval()
    assert {value.device.type for value in empty.state_dict().values()} == {"meta"}
    empty.load_state_dict(net.state_dict(), assign=True)
    assert torch.equal(empty(X), net(X))


def test_onnxruntime_is_equal(tmp_path):
    pytest.importorskip("onnxscript")
    runtime = pytest.importorskip("onnxruntime")
    net = make(stack).eval()
    shapes = ({0: torch.export.Dim.AUTO},)
    torch.onnx.export(net, (X,), dynamo=True, verbose=False, dynamic_shapes=shapes).save(tmp_path / "net.onnx")
    output = runtime.InferenceSession(tmp_path / "net.onnx").run(None, {"x": X[:5].numpy()})[0]
    np.testing.assert_allclose(output, net(X[:5]).detach().numpy(), rtol=1e-5, atol=1e-6)


def test_captum_on_inputs_is_equal():
    attr = pytest.importorskip("captum.attr")
    one, other = (
        attr.IntegratedGradients(model.eval()).attribute(X, target=1, n_steps=4) for model in stacked_and_separate()
    )
    torch.testing.assert_close(one, other, rtol=1e-6, atol=1e-6)


def test_peft_outside_of_the_stack_is_equal():
    peft = pytest.importorskip("peft")
    losses = []
    for model in stacked_and_separate():
        torch.manual_seed(0)
        losses.append(train(peft.get_peft_model(model, peft.LoraConfig(target_modules=["embed"], r=2))))
    assert losses[0] == losses[1]


def test_totals_of_torchinfo_are_equal():
    torchinfo = pytest.importorskip("torchinfo")
    one, other = (torchinfo.summary(model, input_data=(X,), verbose=0) for model in stacked_and_separate())
    assert one.total_params == other.total_params and one.total_mult_adds == other.total_mult_adds


# Different: the control has a module for each layer, `h.0.block`; the stack calls its one, `h.block`, for each layer.


def test_hooks_see_each_layer_in_order():
    one, other = (model.eval() for model in stacked_and_separate())
    seen, expected = [], []
    one.h.block.up.register_forward_hook(lambda module, args, output: seen.append(output))
    for i in range(DEPTH):
        layer = other.get_submodule(f"h.{i}.block.up")
        layer.register_forward_hook(lambda module, args, output: expected.append(output))
    one(X), other(X)
    assert len(seen) == DEPTH and all(torch.equal(*outputs) for outputs in zip(seen, expected, strict=True))


@pytest.mark.parametrize("method", ["LayerActivation", "LayerGradCam", "LayerConductance"])
def test_captum_sees_the_last_layer(method):
    attr = pytest.importorskip("captum.attr")
    options = {"LayerActivation": {}, "LayerGradCam": {"target": 1}}.get(method, {"target": 1, "n_steps": 4})
    one, other = (model.eval() for model in stacked_and_separate())
    seen = getattr(attr, method)(one, one.h.block).attribute(X, **options)
    first, last = (
        getattr(attr, method)(other, other.get_submodule(f"h.{i}.block")).attribute(X, **options)
        for i in (0, DEPTH - 1)
    )
    torch.testing.assert_close(seen, last, rtol=1e-5, atol=1e-6)
    assert not torch.allclose(seen, first, rtol=1e-3, atol=1e-4)


def test_torchinfo_shows_later_layers_as_repetitions():
    torchinfo = pytest.importorskip("torchinfo")
    rows = str(torchinfo.summary(make(stack), input_data=(X,), verbose=0, depth=4)).splitlines()
    ups = [row for row in rows if ("Linear" in row and "2,112" in row) or ("(recursive)" in row and "Linear" in row)]
    assert len(ups) == 1 + 2 * (DEPTH - 1)


def test_names_of_onnx():
    pytest.importorskip("onnxscript")
    program = torch.onnx.export(make(stack).eval(), (X,), dynamo=True, verbose=False)
    names = set(program.model.graph.initializers)
    assert {"embed.weight", "head.weight"} <= names and not any(name.startswith("h.") for name in names)


STACK = r"^'h/block/up/.* is in a stack, .*stacks='separate'"


# Refused: libraries that rewrite a layer by the shape of its weight.


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("LoRA", STACK),
        ("DoRA", "shape '.2, 64, 32.' is invalid"),
        ("IA3", STACK),
        ("LoHa", STACK),
        ("LoKr", STACK),
    ],
)
def test_peft_is_refused(kind, message):
    peft = pytest.importorskip("peft")
    config, options = ADAPTERS[kind]
    with pytest.raises((u.StructureChangedError, RuntimeError, ValueError), match=message):
        config = getattr(peft, config)(target_modules=["up", "down"], **options)
        peft.get_peft_model(make(stack), config)(X)


@pytest.mark.parametrize("options", [{"feedforward_modules": []}, {"feedforward_modules": ["up"]}])
def test_an_adapter_whose_sizes_fit_by_chance_is_refused(options):
    def body(x):
        return u.layer_stack(WIDTH, name="h")(lambda x: u.Linear(WIDTH, WIDTH, name="up")(x))(x)

    peft = pytest.importorskip("peft")
    net = peft.get_peft_model(make(body), peft.IA3Config(target_modules=["up"], **options))
    with pytest.raises(u.StructureChangedError, match=r"'h/up/ia3_l' .* is in a stack"):
        net(X)


@pytest.mark.parametrize(
    ("config", "options", "message"),
    [
        ("Int8WeightOnlyConfig", {}, "cannot be sliced: give each layer a module of its own"),
        ("Int8DynamicActivationInt8WeightConfig", {}, "cannot be sliced: give each layer a module of its own"),
        ("Float8WeightOnlyConfig", {}, "cannot be sliced: give each layer a module of its own"),
        ("IntxWeightOnlyConfig", {"weight_dtype": torch.int4}, "only works for 2-d and 4-d Tensors, got: 3"),
    ],
)
def test_torchao_is_refused(config, options, message):
    quantization = pytest.importorskip("torchao.quantization")
    net = make(stack).eval()
    with pytest.raises((u.StructureChangedError, ValueError), match=message):
        quantization.quantize_(net, getattr(quantization, config)(**options))
        net(X)


def test_dynamic_quantization_of_torch_itself_is_refused():
    with pytest.raises(RuntimeError, match="should be 2-dimensional"):
        torch.ao.quantization.quantize_dynamic(make(stack).eval())


@pytest.mark.parametrize("place", ["disk", "cpu"])
def test_offloading_by_accelerate_is_refused(place, tmp_path):
    accelerate = pytest.importorskip("accelerate")
    net = copy.deepcopy(make(stack).eval())
    if place == "disk":
        net = accelerate.disk_offload(net, tmp_path, offload_buffers=True)
    else:
        net = accelerate.cpu_offload(net, torch.device("cpu"))
    with pytest.raises(ValueError, match="Trying to set a tensor of shape"):
        net(X)


def test_deep_lift_is_refused():
    attr = pytest.importorskip("captum.attr")
    with pytest.raises(RuntimeError, match="used more than once"):
        attr.DeepLift(make(stack).eval()).attribute(X, target=1)
