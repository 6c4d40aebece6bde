"""captum's attributions, of inputs, layers and neurons, beside those of a hand-written module."""

import numpy as np
import pytest
import torch
from torch import nn

from conformance_tests.torch.ecosystem.models import LABELS, MARKS, X, pair

pytestmark = MARKS


@pytest.fixture(scope="module")
def attr():
    return pytest.importorskip("captum.attr")


STEPS = {"target": 1, "n_steps": 4}
TARGET = {"target": 1}
# the method, how it finds its layer, and the arguments of `attribute` after the input
METHODS = {
    "integrated gradients": ("IntegratedGradients", None, (), STEPS),
    "saliency": ("Saliency", None, (), TARGET),
    "input x gradient": ("InputXGradient", None, (), TARGET),
    "DeepLift": ("DeepLift", None, (), TARGET),
    "gradient SHAP": ("GradientShap", None, (torch.zeros_like(X),), TARGET),
    "guided backpropagation": ("GuidedBackprop", None, (), TARGET),
    "deconvolution": ("Deconvolution", None, (), TARGET),
    "ablation": ("FeatureAblation", None, (), TARGET),
    "kernel SHAP": ("KernelShap", None, (), {**TARGET, "n_samples": 20}),
    "layer-wise relevance": ("LRP", None, (), TARGET),
    "GradCAM of a block": ("LayerGradCam", "block_1", (), TARGET),
    "activation of a layer": ("LayerActivation", "block.up", (), {}),
    "input of a block": ("LayerActivation", "block_1", (), {"attribute_to_layer_input": True}),
    "conductance of a block": ("LayerConductance", "block", (), STEPS),
    "integrated gradients of a block": ("LayerIntegratedGradients", "block_1", (), STEPS),
    "DeepLift of a layer": ("LayerDeepLift", "block_1.up", (), TARGET),
    "gradient x activation of a layer": ("LayerGradientXActivation", "block_1.act", (), TARGET),
    "DeepLift SHAP of a block": ("LayerDeepLiftShap", "block_1", (torch.zeros_like(X),), TARGET),
    "ablation of a block": ("LayerFeatureAblation", "block", (), TARGET),
    "influence of a block": ("InternalInfluence", "block", (), STEPS),
    "conductance of a neuron": ("NeuronConductance", "block.up", ((1,),), STEPS),
    "gradient of a neuron": ("NeuronGradient", "block.up", ((1,),), {}),
}


def give_rules(model):
    """Tell layer-wise relevance what to do with the layers that captum has no rule for."""
    rules = pytest.importorskip("captum.attr._utils.lrp_rules")
    for module in model.modules():
        if isinstance(module, (nn.LayerNorm, nn.BatchNorm1d, nn.Dropout)):
            module.rule = rules.IdentityRule()


@pytest.mark.parametrize("kind", METHODS)
def test_attributions(attr, kind):
    name, layer, arguments, options = METHODS[kind]
    results = []
    for model in pair():
        model.eval()
        if name == "LRP":
            give_rules(model)
        torch.manual_seed(0), np.random.seed(0)
        place = () if layer is None else (model.get_submodule(layer),)
        results.append(getattr(attr, name)(model, *place).attribute(X, *arguments, **options))
    assert torch.equal(*results) and results[0].abs().sum() > 0


def test_influence_of_training_examples(tmp_path):
    influence = pytest.importorskip("captum.influence")

    def load(model, path):
        model.load_state_dict(torch.load(path))
        return 1.0  # the learning rate

    results = []
    for model in pair():
        torch.save(model.eval().state_dict(), tmp_path / "checkpoint")
        data, loss = torch.utils.data.TensorDataset(X, LABELS), nn.CrossEntropyLoss(reduction="sum")
        options = {"checkpoints_load_func": load, "loss_fn": loss, "batch_size": 8}
        method = influence.TracInCPFast(model, model.head, data, [str(tmp_path / "checkpoint")], **options)
        results.append(method.influence((X[:2], LABELS[:2])))
    assert torch.equal(*results) and results[0].abs().sum() > 0
