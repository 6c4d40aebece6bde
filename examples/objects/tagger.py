"""An LSTM tagger of words from their characters, as a class for PyTorch.

`python examples/objects/run.py` builds it on both frameworks.
"""

from numpy import ones, tril

import unified.functional as F
import unified.nn as nn
import unified.numpy as unp


class CharacterEncoder(nn.Module):
    """A vector for each word, from its characters by a convolution."""

    def __init__(self, characters, width, outputs):
        super().__init__()
        self.embedding = nn.Embedding(characters, width, padding_idx=0)
        self.conv = nn.Conv1d(width, outputs, kernel_size=3, padding=1)

    def forward(self, characters):
        batch, time, length = characters.shape
        x = self.embedding(characters.reshape(batch * time, length)).swapaxes(1, 2)
        return unp.max(F.relu(self.conv(x)), axis=2).reshape(batch, time, -1)


class Highway(nn.Module):
    """A gated mixture of a layer's input and output."""

    def __init__(self, width):
        super().__init__()
        self.transform = nn.Linear(width, width)
        self.gate = nn.Linear(width, width)
        self.gate.bias.data.fill_(-2.0)

    def forward(self, x):
        gate = F.sigmoid(self.gate(x))
        return gate * F.relu(self.transform(x)) + (1 - gate) * x


class Tagger(nn.Module):
    """Log probabilities of each word's tag."""

    def __init__(self, words=30, characters=12, tags=5, width=8, hidden=10, layers=2, dropout=0.0):
        super().__init__()
        self.words = nn.Embedding(words, width, padding_idx=0)
        self.characters = CharacterEncoder(characters, 4, width)
        self.highways = nn.ModuleList([Highway(2 * width) for _ in range(2)])
        self.lstm = nn.LSTM(
            2 * width, hidden, layers, bidirectional=True, batch_first=True, dropout=dropout if layers > 1 else 0.0
        )
        self.dropout = nn.Dropout(dropout)
        self.hidden2tag = nn.Linear(2 * hidden, tags)
        self.register_buffer("earlier", tril(ones((tags, tags))), persistent=False)
        self.transitions = nn.Parameter(ones((tags, tags)), requires_grad=False)
        self.reset_parameters()

    def reset_parameters(self):
        for name, p in self.lstm.named_parameters():
            if "weight_hh" in name:
                nn.init.orthogonal_(p)
            elif "weight_ih" in name:
                nn.init.xavier_uniform_(p)
            else:
                nn.init.zeros_(p)

    def forward(self, words, characters):
        x = unp.concat([self.words(words), self.characters(characters)], axis=-1)
        for highway in self.highways:
            x = highway(x)
        x, _ = self.lstm(x)
        scores = self.hidden2tag(self.dropout(x)) @ (self.transitions * self.earlier)
        return F.log_softmax(scores, dim=-1)
