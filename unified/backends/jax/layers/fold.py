"""Sliding windows, and pixel and channel shuffles."""

import jax

from unified.backends.jax import functional as F
from unified.backends.jax.functional.fold import channel_shuffle_in, pixel_shuffle_in, pixel_unshuffle_in
from unified.backends.jax.layers.base import JaxLayer


class Unfold(JaxLayer):
    def forward(self, input: jax.Array) -> jax.Array:
        return F.unfold(input, self.kernel_size, self.dilation, self.padding, self.stride)


class Fold(JaxLayer):
    def forward(self, input: jax.Array) -> jax.Array:
        return F.fold(input, self.output_size, self.kernel_size, self.dilation, self.padding, self.stride)


class PixelShuffle(JaxLayer):
    def forward(self, input: jax.Array) -> jax.Array:
        return pixel_shuffle_in(input, self.upscale_factor, self.data_format)


class PixelUnshuffle(JaxLayer):
    def forward(self, input: jax.Array) -> jax.Array:
        return pixel_unshuffle_in(input, self.downscale_factor, self.data_format)


class ChannelShuffle(JaxLayer):
    def forward(self, input: jax.Array) -> jax.Array:
        return channel_shuffle_in(input, self.groups, self.data_format)
