"""Sliding windows, and pixel and channel shuffles."""

import jax

from unified.backends.jax import functional as F
from unified.backends.jax.layers.base import JaxLayer


class Unfold(JaxLayer):
    def forward(self, input: jax.Array) -> jax.Array:
        return F.unfold(input, self.kernel_size, self.dilation, self.padding, self.stride)


class Fold(JaxLayer):
    def forward(self, input: jax.Array) -> jax.Array:
        return F.fold(input, self.output_size, self.kernel_size, self.dilation, self.padding, self.stride)


class PixelShuffle(JaxLayer):
    def forward(self, input: jax.Array) -> jax.Array:
        return F.pixel_shuffle(input, self.upscale_factor)


class PixelUnshuffle(JaxLayer):
    def forward(self, input: jax.Array) -> jax.Array:
        return F.pixel_unshuffle(input, self.downscale_factor)


class ChannelShuffle(JaxLayer):
    def forward(self, input: jax.Array) -> jax.Array:
        return F.channel_shuffle(input, self.groups)
