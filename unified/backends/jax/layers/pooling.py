"""Pooling."""

from typing import Any

import jax

from unified.backends.jax import functional as F
from unified.backends.jax.layers.base import JaxLayer


class MaxPool2d(JaxLayer):
    def forward(self, input: jax.Array) -> Any:
        return F.max_pool2d(
            input, self.kernel_size, self.stride, self.padding, self.dilation, self.ceil_mode, self.return_indices
        )


class AvgPool2d(JaxLayer):
    def forward(self, input: jax.Array) -> jax.Array:
        return F.avg_pool2d(
            input,
            self.kernel_size,
            self.stride,
            self.padding,
            self.ceil_mode,
            self.count_include_pad,
            self.divisor_override,
        )


class AdaptiveAvgPool2d(JaxLayer):
    def forward(self, input: jax.Array) -> jax.Array:
        return F.adaptive_avg_pool2d(input, self.output_size)
