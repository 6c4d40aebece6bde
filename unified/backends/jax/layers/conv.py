"""Convolutions."""

from collections.abc import Sequence

import jax

from unified.backends.jax.functional.conv import convolve
from unified.backends.jax.functional.conv_transpose import transpose_convolve
from unified.backends.jax.layers.base import JaxLayer
from unified.core.layouts import is_channels_last, padding_for_size


class _Conv(JaxLayer):
    def forward(self, input: jax.Array) -> jax.Array:
        return convolve(
            self._spec.declaration.dimensions,  # type: ignore[attr-defined]
            input,
            self.weight,
            self.bias,
            self.stride,
            self.padding,
            self.dilation,
            self.groups,
            self.padding_mode,
            self.data_format,
            self.input_dilation,
        )


class Conv1d(_Conv):
    forward = _Conv.forward


class Conv2d(_Conv):
    forward = _Conv.forward


class Conv3d(_Conv):
    forward = _Conv.forward


class _ConvTranspose(JaxLayer):
    def forward(self, input: jax.Array, output_size: Sequence[int] | None = None) -> jax.Array:
        dimensions: int = self._spec.declaration.dimensions  # type: ignore[attr-defined]
        extra = self.output_padding
        if output_size is not None:
            last = input.ndim - (1 if is_channels_last(self.data_format) else 0)
            sizes, kernel = input.shape[last - dimensions : last], self.weight.shape[2:]
            extra = padding_for_size(output_size, sizes, kernel, self.stride, self.padding, self.dilation)
        return transpose_convolve(
            dimensions,
            input,
            self.weight,
            self.bias,
            self.stride,
            self.padding,
            extra,
            self.groups,
            self.dilation,
            self.data_format,
        )


class ConvTranspose1d(_ConvTranspose):
    forward = _ConvTranspose.forward


class ConvTranspose2d(_ConvTranspose):
    forward = _ConvTranspose.forward


class ConvTranspose3d(_ConvTranspose):
    forward = _ConvTranspose.forward
