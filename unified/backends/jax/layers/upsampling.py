"""Upsampling."""

import jax

from unified.backends.jax.functional.interpolate import resize
from unified.backends.jax.layers.base import JaxLayer


class Upsample(JaxLayer):
    def forward(self, input: jax.Array) -> jax.Array:
        return resize(
            input,
            self.size,
            self.scale_factor,
            self.mode,
            self.align_corners,
            self.recompute_scale_factor,
            False,
            self.data_format,
        )


class UpsamplingNearest2d(JaxLayer):
    def forward(self, input: jax.Array) -> jax.Array:
        return resize(input, self.size, self.scale_factor, "nearest", None, None, False, self.data_format)


class UpsamplingBilinear2d(JaxLayer):
    def forward(self, input: jax.Array) -> jax.Array:
        return resize(input, self.size, self.scale_factor, "bilinear", True, None, False, self.data_format)
