"""Convolutions."""

import jax

from unified.backends.jax.functional.conv import convolve
from unified.backends.jax.layers.base import JaxLayer


class _Conv(JaxLayer):
    def forward(self, input: jax.Array) -> jax.Array:
        return convolve(
            self.declared.declaration.dimensions,  # type: ignore[attr-defined]
            input,
            self.weight,
            self.bias,
            self.stride,
            self.padding,
            self.dilation,
            self.groups,
            self.padding_mode,
        )


class Conv1d(_Conv):
    forward = _Conv.forward


class Conv2d(_Conv):
    forward = _Conv.forward


class Conv3d(_Conv):
    forward = _Conv.forward
