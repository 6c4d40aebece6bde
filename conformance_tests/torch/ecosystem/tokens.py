"""A second model, of tokens: an embedding, attention and a convolution, with the loss of Hugging Face's models."""

import torch
from torch import nn

import unified as u
import unified.functional as F

VOCABULARY, SIZE = 12, 8
IDS = torch.randint(0, VOCABULARY, (16, 6), generator=torch.Generator().manual_seed(0))
LABELS = IDS[:, 0] % 3


class Mixer(u.Module):
    def __call__(self, x):
        mixed = u.MultiheadAttention(SIZE, 2, batch_first=True, name="attention")(x, x, x, need_weights=False)[0]
        return x + u.Conv1d(SIZE, SIZE, 3, padding=1, name="conv")(mixed.transpose(1, 2)).transpose(1, 2)


def classify(ids, labels=None):
    x = Mixer()(u.Embedding(VOCABULARY, SIZE, name="embedding")(ids))
    logits = u.Linear(SIZE, 3, name="head")(x.mean(1))
    return {"logits": logits} if labels is None else {"loss": F.cross_entropy(logits, labels), "logits": logits}


class HandMixer(nn.Module):
    def __init__(self):
        super().__init__()
        self.attention = nn.MultiheadAttention(SIZE, 2, batch_first=True)
        self.conv = nn.Conv1d(SIZE, SIZE, 3, padding=1)

    def forward(self, x):
        mixed = self.attention(x, x, x, need_weights=False)[0]
        return x + self.conv(mixed.transpose(1, 2)).transpose(1, 2)


class HandClassify(nn.Module):
    """The control: what a user of torch would write for `classify`."""

    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(VOCABULARY, SIZE)
        self.mixer = HandMixer()
        self.head = nn.Linear(SIZE, 3)

    def forward(self, ids, labels=None):
        logits = self.head(self.mixer(self.embedding(ids)).mean(1))
        if labels is None:
            return {"logits": logits}
        return {"loss": nn.functional.cross_entropy(logits, labels), "logits": logits}


def pair():
    """Return the model and the control, with equal variables."""
    net, hand = u.transform(classify, backend="torch").init(IDS, rng=0), HandClassify()
    hand.load_state_dict(net.state_dict())
    return net, hand
