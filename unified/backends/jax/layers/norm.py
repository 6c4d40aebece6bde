"""Batch and layer normalisation."""

import math
from typing import Any

import jax
from jax import lax

from unified.backends.jax.functional.norm import (
    batch_statistics,
    centre,
    check_batch,
    layer_norm_over,
    scale_channels,
)
from unified.backends.jax.layers.base import JaxLayer
from unified.core.layouts import is_channels_last


class _BatchNorm(JaxLayer):
    def forward(self, input: jax.Array) -> jax.Array:
        declaration: Any = self._spec.declaration
        ranks = declaration.ranks
        if self.data_format is not None:
            ranks = range(2 if is_channels_last(self.data_format) else max(min(ranks) - 1, 2), 65)
        if input.ndim not in ranks:
            expected = " or ".join(map(str, ranks)) if isinstance(ranks, tuple) else f"{min(ranks)} or more"
            raise ValueError(
                f"{self._path!r}: {self._spec.declaration.__name__} takes an input of {expected} dimensions, "
                f"got shape {input.shape}"
            )
        axis = declaration.axis_of(self.data_format, input.ndim)
        use_batch_stats = self.training or self.running_mean is None
        # Init runs on shapes alone, and may have a batch of one.
        check_batch(input, use_batch_stats and not self._frame.initializing and self._axis is None, self.eps, axis)
        if use_batch_stats:
            groups = self.axis_index_groups
            mean, variance, centred = batch_statistics(input, self._axis, axis, groups)
            if self.training and self.track_running_stats:
                parts = 1 if self._axis is None else len(groups[0]) if groups else lax.axis_size(self._axis)
                count = math.prod(input.shape) // max(input.shape[axis], 1)
                self._update_statistics(mean, variance, parts * count)
        else:
            variance, centred = self.running_var, centre(input, self.running_mean, axis)
        return scale_channels(centred, variance, self.weight, self.bias, self.eps, axis).astype(input.dtype)

    def _update_statistics(self, mean: jax.Array, variance: jax.Array, count: int) -> None:
        """Move the running statistics towards those of a batch of `count` values per channel."""
        calls = self.num_batches_tracked + 1
        momentum = 1.0 / calls.astype(mean.dtype) if self.momentum is None else self.momentum
        self._store("num_batches_tracked", calls)
        if count == 0:
            return
        unbiased = variance * (count / (count - 1))
        for name, new in (("running_mean", mean), ("running_var", unbiased)):
            old = getattr(self, name)
            self._store(name, (old * (1 - momentum) + new * momentum).astype(old.dtype))


class BatchNorm1d(_BatchNorm):
    forward = _BatchNorm.forward


class BatchNorm2d(_BatchNorm):
    forward = _BatchNorm.forward


class BatchNorm3d(_BatchNorm):
    forward = _BatchNorm.forward


class SyncBatchNorm(_BatchNorm):
    forward = _BatchNorm.forward


class LayerNorm(JaxLayer):
    def forward(self, input: jax.Array) -> jax.Array:
        groups = self.axis_index_groups
        return layer_norm_over(input, self.normalized_shape, self.weight, self.bias, self.eps, self._axis, groups)
