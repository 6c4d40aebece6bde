"""Classes of users that several tests build, at the top of a module, where pickles and TorchScript find them."""

import numpy as np

import unified.functional as F
import unified.nn as nn

__all__ = ["Block", "Counted", "Net"]


class Block(nn.Module):
    """A convolution, a norm and a shortcut."""

    def __init__(self, width):
        super().__init__()
        self.conv = nn.Conv2d(width, width, 3, padding=1)
        self.bn = nn.BatchNorm2d(width)

    def forward(self, x):
        return F.relu(x + self.bn(self.conv(x)))


class Net(nn.Module):
    """A small convnet with a buffer."""

    def __init__(self, width=4, classes=3, dropout=0.0):
        super().__init__()
        self.stem = nn.Conv2d(3, width, 3)
        self.blocks = nn.ModuleList([Block(width) for _ in range(2)])
        self.pool = nn.Sequential(nn.AdaptiveAvgPool2d(2), nn.Flatten(), nn.Dropout(dropout))
        self.head = nn.Linear(4 * width, classes)
        self.register_buffer("scale", np.full(classes, 2.0))

    def forward(self, x):
        x = self.stem(x)
        for block in self.blocks:
            x = block(x)
        return self.head(self.pool(x)) * self.scale


class Counted(nn.Module):
    """A linear layer that counts its calls."""

    def __init__(self):
        self.linear = nn.Linear(4, 3)
        self.count = nn.var("counts", (), dtype="int32")

    def __call__(self, x):
        self.count += 1
        return self.linear(x)
