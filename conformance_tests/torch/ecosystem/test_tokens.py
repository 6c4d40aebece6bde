"""The libraries on a model of tokens: adapters of other layers, attributions of tokens, two of them together."""

import numpy as np
import pytest
import torch
from torch import nn

from conformance_tests.torch.ecosystem.models import MARKS, assert_equal_variables
from conformance_tests.torch.ecosystem.tokens import IDS, LABELS, pair

pytestmark = MARKS

TARGETS = [["embedding"], ["conv"], ["attention"], ["embedding", "attention", "conv", "head"]]
DATA = [{"ids": ids, "labels": label, "unused": 0} for ids, label in zip(IDS, LABELS, strict=True)]


def adapted(model, targets):
    """Return the model with LoRA at these layers, drawn from the same seed every time."""
    peft = pytest.importorskip("peft")
    torch.manual_seed(0)
    return peft.get_peft_model(model, peft.LoraConfig(target_modules=targets, r=2))


@pytest.mark.parametrize("targets", TARGETS, ids="+".join)
def test_peft_on_other_layers(targets):
    results = []
    for model in pair():
        wrapped = adapted(model, targets)
        optimizer = torch.optim.Adam([p for p in wrapped.parameters() if p.requires_grad], 1e-2)
        losses = []
        for _ in range(3):
            optimizer.zero_grad()
            loss = wrapped(IDS, labels=LABELS)["loss"]
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        merged = wrapped.eval().merge_and_unload()
        results.append((losses, merged(IDS)["logits"], merged))
    (losses, output, net), (hand_losses, hand_output, hand) = results
    assert losses == hand_losses and losses[-1] < losses[0] and torch.equal(output, hand_output)
    assert_equal_variables(net, hand)


def test_trainer_of_an_adapted_model(tmp_path):
    transformers = pytest.importorskip("transformers")
    results = []
    for name, model in zip(("net", "hand"), pair(), strict=True):
        options = {"max_steps": 4, "learning_rate": 1e-2, "report_to": [], "use_cpu": True, "disable_tqdm": True}
        arguments = transformers.TrainingArguments(str(tmp_path / name), label_names=["labels"], **options)
        runner = transformers.Trainer(
            adapted(model, ["head", "conv"]), arguments, train_dataset=DATA, eval_dataset=DATA
        )
        loss = runner.train().training_loss
        results.append((loss, runner.evaluate()["eval_loss"], runner.predict(DATA).predictions.tolist()))
    assert results[0] == results[1]


class Logits(nn.Module):
    """A wrapper as users write it for captum, which wants a tensor."""

    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, ids):
        return self.model(ids)["logits"]


def test_captum_on_tokens():
    attr = pytest.importorskip("captum.attr")
    one, other = (
        attr.LayerIntegratedGradients(Logits(model), model.embedding).attribute(IDS, IDS * 0, target=1, n_steps=4)
        for model in pair()
    )
    assert torch.equal(one, other) and one.abs().sum() > 0


def test_captum_puts_its_embedding_in_place():
    attr = pytest.importorskip("captum.attr")
    results = []
    for model in pair():
        plain = model(IDS)["logits"]
        embedding = attr.configure_interpretable_embedding_layer(model, "embedding")
        embedded = embedding.indices_to_embeddings(IDS)
        assert torch.equal(model(embedded)["logits"], plain)
        results.append(attr.Saliency(Logits(model)).attribute(embedded, target=1))
        attr.remove_interpretable_embedding_layer(model, embedding)
        assert torch.equal(model(IDS)["logits"], plain)
    assert torch.equal(*results)


def test_onnxruntime(tmp_path):
    pytest.importorskip("onnxscript")
    runtime = pytest.importorskip("onnxruntime")
    outputs = []
    for name, model in zip(("net", "hand"), pair(), strict=True):
        shapes = {"ids": {0: torch.export.Dim.AUTO}}
        program = torch.onnx.export(model.eval(), (IDS,), dynamo=True, verbose=False, dynamic_shapes=shapes)
        program.save(tmp_path / name)
        session = runtime.InferenceSession(tmp_path / name)
        assert [node.name for node in session.get_inputs()] == ["ids"]
        outputs.append(session.run(None, {"ids": IDS[:5].numpy()})[0])
        np.testing.assert_allclose(outputs[-1], model(IDS[:5])["logits"].detach().numpy(), rtol=1e-5, atol=1e-6)
    assert np.array_equal(*outputs)


def test_torchinfo():
    torchinfo = pytest.importorskip("torchinfo")
    one, other = (str(torchinfo.summary(model, input_data=(IDS,), verbose=0)) for model in pair())
    assert one.replace("classify", "HandClassify").split() == other.replace("HandMixer", "Mixer").split()


def test_torchao():
    quantization = pytest.importorskip("torchao.quantization")
    outputs = []
    for model in pair():
        quantization.quantize_(model.eval(), quantization.Int8WeightOnlyConfig())
        outputs.append(model(IDS)["logits"])
    assert torch.equal(*outputs)
