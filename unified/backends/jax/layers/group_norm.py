"""Normalisation of each sample."""

import jax
import jax.numpy as jnp

from unified.backends.jax import functional as F
from unified.backends.jax.functional.cross_map_norm import cross_map_norm
from unified.backends.jax.functional.group_norm import instance_statistics, rms_norm_over
from unified.backends.jax.layers.base import JaxLayer


class GroupNorm(JaxLayer):
    def forward(self, input: jax.Array) -> jax.Array:
        return F.group_norm(input, self.num_groups, self.weight, self.bias, self.eps)


class RMSNorm(JaxLayer):
    def forward(self, input: jax.Array) -> jax.Array:
        return rms_norm_over(input, self.normalized_shape, self.weight, self.eps, self._axis)


class LocalResponseNorm(JaxLayer):
    def forward(self, input: jax.Array) -> jax.Array:
        return F.local_response_norm(input, self.size, self.alpha, self.beta, self.k)


class _InstanceNorm(JaxLayer):
    def forward(self, input: jax.Array) -> jax.Array:
        dimensions: int = self._spec.declaration.dimensions  # type: ignore[attr-defined]
        if input.ndim not in (dimensions + 1, dimensions + 2):
            raise ValueError(
                f"{self._path!r}: {self._spec.declaration.__name__} takes an input of {dimensions + 1} or "
                f"{dimensions + 2} dimensions, got shape {input.shape}"
            )
        batch = input if input.ndim == dimensions + 2 else input[None]
        # Without weights torch takes any number of channels.
        if batch.shape[1] != self.num_features and (self.affine or self.track_running_stats):
            raise ValueError(f"{self._path!r}: expected {self.num_features} channels, got shape {input.shape}")
        use_input_stats = self.training or not self.track_running_stats
        output = F.instance_norm(
            batch, self.running_mean, self.running_var, self.weight, self.bias, use_input_stats, self.momentum, self.eps
        )
        if self.training and self.track_running_stats:
            self._update_statistics(batch)
        return output if batch is input else output[0]

    def _update_statistics(self, batch: jax.Array) -> None:
        """Move the running statistics towards those of a batch."""
        if batch.size == 0:
            return
        _, mean, variance, count = instance_statistics(batch)
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
