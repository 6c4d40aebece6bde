"""Upsampling."""

import jax

from unified.backends.jax import functional as F
from unified.backends.jax.layers.base import JaxLayer


class Upsample(JaxLayer):
    def forward(self, input: jax.Array) -> jax.Array:
        return F.interpolate(
            input, self.size, self.scale_factor, self.mode, self.align_corners, self.recompute_scale_factor
        )


class UpsamplingNearest2d(JaxLayer):
    def forward(self, input: jax.Array) -> jax.Array:
        return F.interpolate(input, self.size, self.scale_factor, "nearest")


class UpsamplingBilinear2d(JaxLayer):
    def forward(self, input: jax.Array) -> jax.Array:
        return F.interpolate(input, self.size, self.scale_factor, "bilinear", True)
