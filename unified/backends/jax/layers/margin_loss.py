"""Margin losses."""

import jax

from unified.backends.jax import functional as F
from unified.backends.jax.layers.loss import Loss


class CosineEmbeddingLoss(Loss):
    def forward(self, input1: jax.Array, input2: jax.Array, target: jax.Array) -> jax.Array:
        return self._call_function(F.cosine_embedding_loss, input1, input2, target)


class HingeEmbeddingLoss(Loss):
    def forward(self, input: jax.Array, target: jax.Array) -> jax.Array:
        return self._call_function(F.hinge_embedding_loss, input, target)


class MarginRankingLoss(Loss):
    def forward(self, input1: jax.Array, input2: jax.Array, target: jax.Array) -> jax.Array:
        return self._call_function(F.margin_ranking_loss, input1, input2, target)


class MultiLabelMarginLoss(Loss):
    def forward(self, input: jax.Array, target: jax.Array) -> jax.Array:
        return self._call_function(F.multilabel_margin_loss, input, target)


class MultiLabelSoftMarginLoss(Loss):
    def forward(self, input: jax.Array, target: jax.Array) -> jax.Array:
        return self._call_function(F.multilabel_soft_margin_loss, input, target)


class MultiMarginLoss(Loss):
    def forward(self, input: jax.Array, target: jax.Array) -> jax.Array:
        return self._call_function(F.multi_margin_loss, input, target)


class SoftMarginLoss(Loss):
    def forward(self, input: jax.Array, target: jax.Array) -> jax.Array:
        return self._call_function(F.soft_margin_loss, input, target)


class TripletMarginLoss(Loss):
    def forward(self, anchor: jax.Array, positive: jax.Array, negative: jax.Array) -> jax.Array:
        return self._call_function(F.triplet_margin_loss, anchor, positive, negative)


class TripletMarginWithDistanceLoss(Loss):
    def forward(self, anchor: jax.Array, positive: jax.Array, negative: jax.Array) -> jax.Array:
        return self._call_function(F.triplet_margin_with_distance_loss, anchor, positive, negative)
