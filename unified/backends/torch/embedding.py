"""Embeddings whose table a body uses for its logits, `embedding.attend(x)`: `torch.nn.Embedding` has no such method."""

import torch
from torch import nn

__all__ = ["Embedding"]


class Embedding(nn.Embedding):
    """`torch.nn.Embedding` with the method `attend` of `unified.Embedding`."""

    def attend(self, query: torch.Tensor) -> torch.Tensor:
        """Return the product of `query`, `(*, embedding_dim)`, with each row of the table: `(*, num_embeddings)`."""
        return nn.functional.linear(query, self.weight)
