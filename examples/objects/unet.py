"""A U-Net, as a class for PyTorch: a path down, a path up, and the features of each level joined.

`python examples/objects/run.py` builds it on both frameworks.
"""

import unified.functional as F
import unified.nn as nn
import unified.numpy as unp


class DoubleConv(nn.Module):
    """Two convolutions with group norms."""

    def __init__(self, inputs, outputs, middle=None):
        super().__init__()
        middle = middle or outputs
        self.double_conv = nn.Sequential(
            nn.Conv2d(inputs, middle, kernel_size=3, padding=1, bias=False),
            nn.GroupNorm(2, middle),
            nn.SiLU(),
            nn.Conv2d(middle, outputs, kernel_size=3, padding=1, bias=False),
            nn.GroupNorm(2, outputs),
            nn.SiLU(),
        )

    def forward(self, x):
        return self.double_conv(x)


class Down(nn.Module):
    """Half the size, then a double convolution."""

    def __init__(self, inputs, outputs):
        super().__init__()
        self.maxpool_conv = nn.Sequential(nn.MaxPool2d(2), DoubleConv(inputs, outputs))

    def forward(self, x):
        return self.maxpool_conv(x)


class Up(nn.Module):
    """Twice the size, joined with the features of that level."""

    def __init__(self, inputs, outputs, bilinear):
        super().__init__()
        if bilinear:
            self.up = nn.Upsample(scale_factor=2, mode="bilinear", align_corners=True)
            self.conv = DoubleConv(inputs, outputs, inputs // 2)
        else:
            self.up = nn.ConvTranspose2d(inputs, inputs // 2, kernel_size=2, stride=2)
            self.conv = DoubleConv(inputs, outputs)

    def forward(self, x1, x2):
        x1 = self.up(x1)
        rows, columns = x2.shape[2] - x1.shape[2], x2.shape[3] - x1.shape[3]
        x1 = F.pad(x1, [columns // 2, columns - columns // 2, rows // 2, rows - rows // 2])
        return self.conv(unp.concat([x2, x1], axis=1))


class UNet(nn.Module):
    """Logits of each pixel's class."""

    def __init__(self, channels=3, classes=2, width=4, depth=2, bilinear=False):
        super().__init__()
        factor = 2 if bilinear else 1
        self.inc = DoubleConv(channels, width)
        self.downs = nn.ModuleList()
        self.ups = nn.ModuleList()
        for level in range(depth):
            last = level == depth - 1
            self.downs.append(Down(width * 2**level, width * 2 ** (level + 1) // (factor if last else 1)))
        for level in reversed(range(depth)):
            self.ups.append(Up(width * 2 ** (level + 1), width * 2**level // (1 if level == 0 else factor), bilinear))
        self.outc = nn.Conv2d(width, classes, kernel_size=1)

    def forward(self, x):
        features = [self.inc(x)]
        for down in self.downs:
            features.append(down(features[-1]))
        x = features.pop()
        for up in self.ups:
            x = up(x, features.pop())
        return self.outc(x)
