"""Distances and similarities."""

import jax

from unified.backends.jax import functional as F
from unified.backends.jax.layers.base import JaxLayer


class CosineSimilarity(JaxLayer):
    def forward(self, x1: jax.Array, x2: jax.Array) -> jax.Array:
        return F.cosine_similarity(x1, x2, self.dim, self.eps)


class PairwiseDistance(JaxLayer):
    def forward(self, x1: jax.Array, x2: jax.Array) -> jax.Array:
        return F.pairwise_distance(x1, x2, self.p, self.eps, self.keepdim)
