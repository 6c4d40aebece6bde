"""Sequence losses."""

from typing import Any

import jax

from unified.backends.jax import functional as F
from unified.backends.jax.layers.loss import Loss


class CTCLoss(Loss):
    def forward(self, log_probs: jax.Array, targets: jax.Array, input_lengths: Any, target_lengths: Any) -> jax.Array:
        return self._call_function(F.ctc_loss, log_probs, targets, input_lengths, target_lengths)
