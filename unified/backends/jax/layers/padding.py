"""Padding."""

import jax

from unified.backends.jax import functional as F
from unified.backends.jax.layers.base import JaxLayer


class _Pad(JaxLayer):
    def forward(self, input: jax.Array) -> jax.Array:
        declaration = self._spec.declaration
        dimensions: int = declaration.dimensions  # type: ignore[attr-defined]
        widths = [self.padding] * (2 * dimensions) if isinstance(self.padding, int) else list(self.padding)
        value = self.value if "value" in self._spec.arguments else None
        return F.pad(input, widths, declaration.mode, value)  # type: ignore[attr-defined]


class CircularPad1d(_Pad):
    forward = _Pad.forward


class CircularPad2d(_Pad):
    forward = _Pad.forward


class CircularPad3d(_Pad):
    forward = _Pad.forward


class ConstantPad1d(_Pad):
    forward = _Pad.forward


class ConstantPad2d(_Pad):
    forward = _Pad.forward


class ConstantPad3d(_Pad):
    forward = _Pad.forward


class ReflectionPad1d(_Pad):
    forward = _Pad.forward


class ReflectionPad2d(_Pad):
    forward = _Pad.forward


class ReflectionPad3d(_Pad):
    forward = _Pad.forward


class ReplicationPad1d(_Pad):
    forward = _Pad.forward


class ReplicationPad2d(_Pad):
    forward = _Pad.forward


class ReplicationPad3d(_Pad):
    forward = _Pad.forward


class ZeroPad1d(_Pad):
    forward = _Pad.forward


class ZeroPad2d(_Pad):
    forward = _Pad.forward


class ZeroPad3d(_Pad):
    forward = _Pad.forward
