"""Normalisation of each sample."""

import math

import jax
import jax.numpy as jnp

from unified.backends.jax.functional.cross_map_norm import cross_map_norm
from unified.backends.jax.functional.group_norm import (
    group_norm_along,
    instance_norm_along,
    instance_statistics,
    local_response_norm_along,
    rms_norm_over,
)
from unified.backends.jax.layers.base import JaxLayer
from unified.core.layouts import batch_rank, is_channels_last


class GroupNorm(JaxLayer):
    def forward(self, input: jax.Array) -> jax.Array:
        axis = -1 if is_channels_last(self.data_format) else 1
        return group_norm_along(input, self.num_groups, self.weight, self.bias, self.eps, axis)


class RMSNorm(JaxLayer):
    def forward(self, input: jax.Array) -> jax.Array:
        return rms_norm_over(input, self.normalized_shape, self.weight, self.eps, self._axis, self.axis_index_groups)


class LocalResponseNorm(JaxLayer):
    def forward(self, input: jax.Array) -> jax.Array:
        axis = -1 if is_channels_last(self.data_format) else 1
        return local_response_norm_along(input, self.size, self.alpha, self.beta, self.k, axis)


class _InstanceNorm(JaxLayer):
    def forward(self, input: jax.Array) -> jax.Array:
        dimensions: int = self._spec.declaration.dimensions  # type: ignore[attr-defined]
        if self.data_format is None and input.ndim not in (dimensions + 1, dimensions + 2):
            raise ValueError(
                f"{self._path!r}: {self._spec.declaration.__name__} takes an input of {dimensions + 1} or "
                f"{dimensions + 2} dimensions, got shape {input.shape}"
            )
        rank = batch_rank(self._path, input.shape, dimensions, self.data_format)
        batch = input if rank == 1 else input.reshape(math.prod(input.shape[:rank]), *input.shape[rank:])
        axis = -1 if is_channels_last(self.data_format) else 1
        # Without weights torch takes any number of channels.
        if batch.shape[axis] != self.num_features and (self.affine or self.track_running_stats):
            raise ValueError(f"{self._path!r}: expected {self.num_features} channels, got shape {input.shape}")
        use_input_stats = self.training or not self.track_running_stats
        output = instance_norm_along(
            batch, self.running_mean, self.running_var, self.weight, self.bias, use_input_stats, self.eps, axis
        )
        if self.training and self.track_running_stats:
            self._update_statistics(batch, axis)
        return output.reshape(input.shape)

    def _update_statistics(self, batch: jax.Array, axis: int) -> None:
        """Move the running statistics towards those of a batch."""
        if batch.size == 0:
            return
        _, mean, variance, count = instance_statistics(batch, axis)
        for name, new in (("running_mean", mean), ("running_var", variance * (count / (count - 1)))):
            old = getattr(self, name)
            average = old * (1 - self.momentum) + jnp.mean(new, 0) * self.momentum
            self._store(name, average.astype(old.dtype))


class InstanceNorm1d(_InstanceNorm):
    forward = _InstanceNorm.forward


class InstanceNorm2d(_InstanceNorm):
    forward = _InstanceNorm.forward


class InstanceNorm3d(_InstanceNorm):
    forward = _InstanceNorm.forward


class CrossMapLRN2d(JaxLayer):
    def forward(self, input: jax.Array) -> jax.Array:
        if input.ndim != 4:
            raise ValueError(f"CrossMapLRN2d takes an input (N, C, H, W), got shape {input.shape}")
        return cross_map_norm(input, self.size, self.alpha, self.beta, self.k)
