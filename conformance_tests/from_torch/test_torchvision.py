"""Every classifier of torchvision has only operators with functions of JAX; one of each family against PyTorch."""

from typing import Any

import jax
import pytest
import torch

import unified as u
from conformance_tests.from_torch.against_torch import check, without_dropout
from conformance_tests.from_torch.libraries import torchvision_models

models = torchvision_models()

NAMES = models.list_models(module=models)
FIXED = {"init_weights": False}
OPTIONS: dict[str, dict[str, Any]] = {"inception_v3": FIXED, "googlenet": FIXED}
SIZES = {"inception_v3": 299}  # what an auxiliary head needs; 224 for those whose sizes are fixed, 64 for all others


def _size(name: str) -> int:
    return SIZES.get(name, 224 if name.startswith(("vit", "maxvit")) else 64)


def _vit() -> Any:
    return models.VisionTransformer(16, 8, 2, 2, 16, 32, num_classes=10)


def _swin(version: str) -> Any:
    block = models.swin_transformer.SwinTransformerBlockV2 if version else None
    merge = models.swin_transformer.PatchMergingV2 if version else models.swin_transformer.PatchMerging
    sizes: dict[str, Any] = {"block": block} if version else {}
    return models.SwinTransformer([4, 4], 16, [2, 2], [2, 4], [4, 4], num_classes=10, downsample_layer=merge, **sizes)


def _convnext() -> Any:
    setting = models.convnext.CNBlockConfig
    return models.ConvNeXt([setting(8, 16, 1), setting(16, 32, 1), setting(32, None, 1)], num_classes=10)


def _maxvit() -> Any:
    return models.MaxVit((32, 32), 8, 4, [8, 16], [1, 1], 8, 0.0, num_classes=10)


def _densenet() -> Any:
    return models.DenseNet(4, (2, 2), 8, num_classes=10)


def _regnet() -> Any:
    setting = models.regnet.BlockParams.from_init_params(4, 16, 16.0, 2.0, 8, se_ratio=0.25)
    return models.RegNet(setting, num_classes=10)


# The size of the images, and the module: torchvision's smallest, or its class with fewer and narrower layers.
FAMILIES: dict[str, tuple[int, Any]] = {
    "alexnet": (64, "alexnet"),
    "convnext": (32, _convnext),
    "densenet": (32, _densenet),
    "efficientnet": (32, "efficientnet_b0"),
    "googlenet": (64, "googlenet"),
    "inception": (80, lambda: models.inception_v3(num_classes=10, aux_logits=False, init_weights=False)),
    "maxvit": (32, _maxvit),
    "mnasnet": (64, "mnasnet0_5"),
    "mobilenet_v2": (32, "mobilenet_v2"),
    "mobilenet_v3": (64, "mobilenet_v3_small"),
    "regnet": (32, _regnet),
    "resnet": (32, "resnet18"),
    "shufflenet": (64, "shufflenet_v2_x0_5"),
    "squeezenet": (32, "squeezenet1_1"),
    "swin": (32, lambda: _swin("")),
    "swin_v2": (32, lambda: _swin("v2")),
    "vgg": (32, "vgg11_bn"),
    "vit": (16, _vit),
}


@pytest.mark.full
@pytest.mark.parametrize("name", NAMES)
def test_every_classifier_runs_on_jax(name):
    with torch.device("meta"):  # values do not matter, and those of the largest would fill the memory
        module = models.get_model(name, **OPTIONS.get(name, {}))
    module.to_empty(device="cpu")
    size = _size(name)
    net = u.from_torch(module, torch.empty(2, 3, size, size))
    for training in (False, True):
        assert net.operators(training=training)
    images = jax.ShapeDtypeStruct((5, 3, size, size), "float32")
    outputs = jax.tree.leaves(jax.eval_shape(net.apply, net.eval_shape(), images))
    assert outputs[0].shape == (5, 1000)


@pytest.mark.full
@pytest.mark.parametrize("name", FAMILIES)
def test_a_classifier_of_each_family_is_that_of_torch(name):
    size, make = FAMILIES[name]
    torch.manual_seed(0)
    module = make() if callable(make) else models.get_model(make, num_classes=10, **OPTIONS.get(make, {}))
    # In float64: in float32 the norms of a few pixels amplify the rounding of either framework beyond 1e-4.
    with jax.enable_x64(True):
        check(without_dropout(module).double(), torch.randn(4, 3, size, size, dtype=torch.float64), tolerance=1e-6)
