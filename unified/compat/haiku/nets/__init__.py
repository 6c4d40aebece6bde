"""Networks: `MLP`, `ResNet`, `MobileNetV1`, `VectorQuantizer`.

Source: https://dm-haiku.readthedocs.io/en/latest/api.html#common-nets
"""

from unified.compat.haiku.nets.mlp import MLP
from unified.compat.haiku.nets.mobilenet import MobileNetV1
from unified.compat.haiku.nets.resnet import ResNet, ResNet18, ResNet34, ResNet50, ResNet101, ResNet152, ResNet200
from unified.compat.haiku.nets.vqvae import VectorQuantizer, VectorQuantizerEMA

__all__ = [
    "MLP",
    "MobileNetV1",
    "ResNet",
    "ResNet18",
    "ResNet34",
    "ResNet50",
    "ResNet101",
    "ResNet152",
    "ResNet200",
    "VectorQuantizer",
    "VectorQuantizerEMA",
]
