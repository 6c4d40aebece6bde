"""Modules as their users write them for PyTorch: nothing here knows of unified."""

import torch
import torch.nn.functional as F
from torch import nn


class MLP(nn.Module):
    """Two linear layers."""

    def __init__(self, width=16):
        super().__init__()
        self.first = nn.Linear(5, width)
        self.second = nn.Linear(width, 3)

    def forward(self, x):
        return self.second(torch.tanh(self.first(x)))


class ConvNet(nn.Module):
    """Convolutions with batch normalisation and dropout."""

    def __init__(self, p=0.0):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 8, 3, padding=1), nn.BatchNorm2d(8), nn.ReLU(inplace=True))
        self.down = nn.Conv2d(8, 8, 3, stride=2, groups=2, bias=False)
        self.norm = nn.BatchNorm2d(8, momentum=0.3)
        self.drop = nn.Dropout(p)
        self.head = nn.Linear(8, 4)

    def forward(self, x):
        x = F.max_pool2d(self.stem(x), 2)
        x = F.adaptive_avg_pool2d(F.silu(self.norm(self.down(x))), 1).flatten(1)
        return F.log_softmax(self.head(self.drop(x)), -1)


class Tagger(nn.Module):
    """A tag for each word, by an LSTM in both directions."""

    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(20, 8, padding_idx=0)
        self.lstm = nn.LSTM(8, 6, num_layers=2, bidirectional=True, batch_first=True)
        self.tags = nn.Linear(12, 5)

    def forward(self, words):
        states, (hidden, _) = self.lstm(self.embedding(words))
        return {"tags": self.tags(states), "last": hidden[-1]}


class Block(nn.Module):
    """A block of a decoder with causal attention."""

    def __init__(self, width, p):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.mlp = nn.Sequential(nn.Linear(width, 2 * width), nn.GELU(), nn.Linear(2 * width, width), nn.Dropout(p))
        self.p = p

    def forward(self, x):
        batch, length, width = x.shape
        q, k, v = (part.view(batch, length, 2, -1).transpose(1, 2) for part in self.qkv(self.norm1(x)).chunk(3, -1))
        y = F.scaled_dot_product_attention(q, k, v, dropout_p=self.p if self.training else 0.0, is_causal=True)
        x = x + self.out(y.transpose(1, 2).reshape(batch, length, width))
        return x + self.mlp(self.norm2(x))


class GPT(nn.Module):
    """A language model whose output layer is tied to its embedding, with positions in a buffer that is not saved."""

    def __init__(self, p=0.0):
        super().__init__()
        self.tokens, self.positions = nn.Embedding(11, 8), nn.Embedding(6, 8)
        self.blocks = nn.ModuleList(Block(8, p) for _ in range(2))
        self.norm = nn.LayerNorm(8)
        self.head = nn.Linear(8, 11, bias=False)
        self.head.weight = self.tokens.weight
        self.register_buffer("index", torch.arange(6), persistent=False)

    def forward(self, tokens, targets=None):
        x = self.tokens(tokens) + self.positions(self.index[: tokens.shape[1]])
        for block in self.blocks:
            x = block(x)
        logits = self.head(self.norm(x))
        if targets is None:
            return logits
        return logits, F.cross_entropy(logits.flatten(0, 1), targets.flatten(), ignore_index=0)
