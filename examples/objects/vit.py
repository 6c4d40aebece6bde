"""A vision transformer, as a class for PyTorch: a class token, position embeddings, `nn.TransformerEncoder`.

`python examples/objects/run.py` builds it on both frameworks.
"""

from numpy import zeros

import unified.nn as nn
import unified.numpy as unp


class PatchEmbedding(nn.Module):
    """Images to a sequence of patches."""

    def __init__(self, image, patch, channels, width):
        super().__init__()
        self.count = (image // patch) ** 2
        self.proj = nn.Conv2d(channels, width, kernel_size=patch, stride=patch)

    def forward(self, x):
        x = self.proj(x)
        return x.reshape(x.shape[0], x.shape[1], -1).swapaxes(1, 2)


class Head(nn.Sequential):
    """The classifier of the class token."""

    def __init__(self, width, classes):
        super().__init__(nn.LayerNorm(width), nn.Linear(width, width), nn.Tanh(), nn.Linear(width, classes))


class ViT(nn.Module):
    """Logits of an image's class."""

    def __init__(self, image=8, patch=4, channels=3, classes=5, width=16, heads=2, layers=2, dropout=0.0):
        super().__init__()
        self.patches = PatchEmbedding(image, patch, channels, width)
        self.cls_token = nn.Parameter(zeros((1, 1, width)))
        self.pos_embed = nn.Parameter(zeros((1, self.patches.count + 1, width)))
        self.pos_drop = nn.Dropout(p=dropout)
        layer = nn.TransformerEncoderLayer(
            width, heads, 2 * width, dropout=dropout, activation="gelu", batch_first=True, norm_first=True
        )
        self.blocks = nn.TransformerEncoder(layer, layers, enable_nested_tensor=False)
        self.head = Head(width, classes)
        nn.init.trunc_normal_(self.pos_embed, std=0.02)
        nn.init.trunc_normal_(self.cls_token, std=0.02)
        self.apply(self._init_weights)

    def _init_weights(self, m):
        if isinstance(m, nn.Linear):
            nn.init.trunc_normal_(m.weight, std=0.02)
            if m.bias is not None:
                nn.init.constant_(m.bias, 0)
        elif isinstance(m, nn.LayerNorm):
            nn.init.constant_(m.bias, 0)
            nn.init.constant_(m.weight, 1.0)

    def no_weight_decay(self):
        return {"pos_embed", "cls_token"}

    def forward(self, x):
        x = self.patches(x)
        token = unp.broadcast_to(self.cls_token, (x.shape[0], 1, x.shape[2]))
        x = self.pos_drop(unp.concat([token, x], axis=1) + self.pos_embed)
        return self.head(self.blocks(x)[:, 0])
