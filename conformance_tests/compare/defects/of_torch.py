"""Defects between two modules of PyTorch."""

import torch
import torch.nn.functional as F
from torch import nn

from conformance_tests.compare.defects.defect import defect, equal_names
from conformance_tests.compare.pairs.pair import normal


class Net(nn.Module):
    """Two linear layers with something between them."""

    def __init__(self, between):
        super().__init__()
        self.first, self.second = nn.Linear(5, 6), nn.Linear(6, 4)
        self.between = between

    def forward(self, x):
        return self.second(self.between(self.first(x)))


X = normal(9, 5)
IMAGE = normal(2, 3, 8, 8)
SEQUENCE = 2 * normal(2, 5, 4)


@defect
def epsilon():
    return equal_names(Net(nn.LayerNorm(6)), Net(nn.LayerNorm(6, eps=1e-2)), "between", "epsilon", X)


@defect
def momentum():
    first, second = (Net(nn.BatchNorm1d(6, momentum=m)) for m in (0.1, 0.9))
    return equal_names(first, second, "between.running_mean", "momentum", X, training=True)


@defect
def gelu():
    return equal_names(Net(nn.GELU()), Net(nn.GELU(approximate="tanh")), "between", "gelu's approximate", 3 * X)


@defect
def functional_gelu():
    return equal_names(Net(F.gelu), Net(lambda x: F.gelu(x, approximate="tanh")), "gelu", "gelu's approximate", 3 * X)


@defect
def missing_bias():
    return equal_names(Net(nn.Linear(6, 6)), Net(nn.Linear(6, 6, bias=False)), "between", "bias", X)


class Transposed(nn.Linear):
    def forward(self, x):
        return F.linear(x, self.weight.T, self.bias)


@defect
def transposed_weight():
    return equal_names(Net(nn.Linear(6, 6)), Net(Transposed(6, 6)), "between", "transposed weight", X)


@defect
def dropout_left_on():
    return equal_names(Net(nn.Dropout(0.4)), Net(lambda x: F.dropout(x, 0.4)), "between", "dropout left on", X)


class Attention(nn.Module):
    """Attention whose parts are functions."""

    def __init__(self, scale=0.5, inverted=False, dtype=torch.float32):
        super().__init__()
        self.query, self.key, self.value, self.out = (nn.Linear(4, 4) for _ in range(4))
        self.scale, self.inverted, self.dtype = scale, inverted, dtype

    def forward(self, x):
        mask = torch.ones(x.shape[1], x.shape[1]).tril().bool()
        mask = ~mask if self.inverted else mask
        logits = self.query(x) @ self.key(x).transpose(1, 2) * self.scale
        logits = logits.masked_fill(~mask, -1e9)
        return self.out(torch.softmax(logits.to(self.dtype), -1).float() @ self.value(x))


@defect
def attention_scale():
    return equal_names(Attention(), Attention(scale=0.25), "mul", "attention scale", SEQUENCE)


@defect
def mask_polarity():
    return equal_names(Attention(), Attention(inverted=True), "masked_fill", "mask", SEQUENCE)


@defect
def softmax_dtype():
    return equal_names(Attention(), Attention(dtype=torch.bfloat16), "softmax", "dtype of softmax", SEQUENCE)


class Resized(nn.Module):
    def __init__(self, **options):
        super().__init__()
        self.before, self.after = nn.Conv2d(3, 4, 1), nn.Conv2d(4, 2, 3)
        self.options = options

    def forward(self, x):
        return self.after(F.interpolate(self.before(x), scale_factor=2, mode="bilinear", **self.options))


@defect
def interpolation_corners():
    return equal_names(Resized(), Resized(align_corners=True), "interpolate", "interpolation corners", IMAGE)


class Flattened(nn.Module):
    def __init__(self, last):
        super().__init__()
        self.conv, self.classifier = nn.Conv2d(3, 4, 3), nn.Linear(4 * 6 * 6, 5)
        self.last = last

    def forward(self, x):
        x = self.conv(x)
        return self.classifier((x.permute(0, 2, 3, 1) if self.last else x).flatten(1))


@defect
def flatten_order():
    return equal_names(Flattened(False), Flattened(True), "classifier", "flatten order", IMAGE)
