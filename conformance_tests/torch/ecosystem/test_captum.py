"""captum's attributions, of inputs, layers and neurons, beside those of a hand-written module."""

import numpy as np
import pytest
import torch

from conformance_tests.torch.ecosystem.models import MARKS, X, pair

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
    "GradCAM of a block": ("LayerGradCam", "block_1", (), TARGET),
    "activation of a layer": ("LayerActivation", "block.up", (), {}),
    "input of a block": ("LayerActivation", "block_1", (), {"attribute_to_layer_input": True}),
    "conductance of a block": ("LayerConductance", "block", (), STEPS),
    "integrated gradients of a block": ("LayerIntegratedGradients", "block_1", (), STEPS),
    "DeepLift of a layer": ("LayerDeepLift", "block_1.up", (), TARGET),
    "influence of a block": ("InternalInfluence", "block", (), STEPS),
    "conductance of a neuron": ("NeuronConductance", "block.up", ((1,),), STEPS),
    "gradient of a neuron": ("NeuronGradient", "block.up", ((1,),), {}),
}


@pytest.mark.parametrize("kind", METHODS)
def test_attributions(attr, kind):
    name, layer, arguments, options = METHODS[kind]
    results = []
    for model in pair():
        model.eval()
        torch.manual_seed(0), np.random.seed(0)
        place = () if layer is None else (model.get_submodule(layer),)
        results.append(getattr(attr, name)(model, *place).attribute(X, *arguments, **options))
    assert torch.equal(*results) and results[0].abs().sum() > 0
