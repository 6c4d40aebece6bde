"""Classification losses."""

from typing import Any

import jax

from unified.backends.jax import functional as F
from unified.backends.jax.layers.base import JaxLayer
from unified.backends.jax.layers.loss import Loss


class CrossEntropyLoss(Loss):
    def forward(self, input: jax.Array, target: jax.Array) -> jax.Array:
        return self._call_function(F.cross_entropy, input, target)


class NLLLoss(Loss):
    def forward(self, input: jax.Array, target: jax.Array) -> jax.Array:
        return self._call_function(F.nll_loss, input, target)


class BCELoss(Loss):
    def forward(self, input: jax.Array, target: jax.Array) -> jax.Array:
        return self._call_function(F.binary_cross_entropy, input, target)


class BCEWithLogitsLoss(Loss):
    def forward(self, input: jax.Array, target: jax.Array) -> jax.Array:
        return self._call_function(F.binary_cross_entropy_with_logits, input, target)


class KLDivLoss(Loss):
    def forward(self, input: jax.Array, target: jax.Array) -> jax.Array:
        return self._call_function(F.kl_div, input, target)


class LinearCrossEntropyLoss(JaxLayer):
    def forward(self, input: jax.Array, target: jax.Array) -> jax.Array:
        linear: Any = self._inner("linear")
        sizes = self.num_classes, *self.out_features
        return F.linear_cross_entropy(
            input,
            linear.weight.reshape(*sizes, -1),
            target,
            linear_bias=linear.bias.reshape(sizes) if self.bias else None,
            weight=self.weight,
            reduction=self.reduction,
            ignore_index=self.ignore_index,
            label_smoothing=self.label_smoothing,
        )
