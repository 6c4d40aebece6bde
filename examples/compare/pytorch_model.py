"""A reader of lines of text as PyTorch users write it: channels first, fused projections, fused gates.

Part of examples/compare: `run.py` runs it.
"""

import torch
from torch import nn


class Block(nn.Module):
    """A convolution with batch norm around which the input goes."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.conv, self.norm = nn.Conv2d(width, width, 3, padding=1), nn.BatchNorm2d(width)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + nn.functional.gelu(self.norm(self.conv(x)))


class Reader(nn.Module):
    """Logits of a character for each column of an image `(batch, 1, height, columns)`, whose height is halved."""

    def __init__(self, channels: int = 8, height: int = 16, width: int = 32, characters: int = 20) -> None:
        super().__init__()
        self.stem = nn.Conv2d(1, channels, 3, padding=1)
        self.blocks = nn.Sequential(Block(channels), Block(channels))
        self.columns = nn.Linear(channels * height // 2, width)
        layer = nn.TransformerEncoderLayer(width, 4, 2 * width, dropout=0.0, activation="gelu", batch_first=True)
        self.encoder = nn.TransformerEncoder(layer, 1, enable_nested_tensor=False)
        self.recurrent = nn.GRU(width, width, batch_first=True)
        self.characters = nn.Linear(width, characters)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        x = nn.functional.avg_pool2d(self.blocks(self.stem(images)), (2, 1))
        x = self.columns(x.flatten(1, 2).transpose(1, 2))
        x, _ = self.recurrent(self.encoder(x))
        return self.characters(x)
