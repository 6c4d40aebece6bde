"""Pooling."""

from collections.abc import Callable
from typing import Any, ClassVar

import jax

from unified.backends.jax import functional as F
from unified.backends.jax.functional.fractional_pooling import draw_samples
from unified.backends.jax.layers.base import JaxLayer


class _Pool(JaxLayer):
    """Pooling by the function `pool`."""

    pool: ClassVar[Callable[..., Any]]


class _MaxPool(_Pool):
    def forward(self, input: jax.Array) -> Any:
        return self.pool(
            input, self.kernel_size, self.stride, self.padding, self.dilation, self.ceil_mode, self.return_indices
        )


class MaxPool1d(_MaxPool):
    pool, forward = staticmethod(F.max_pool1d), _MaxPool.forward


class MaxPool2d(_MaxPool):
    pool, forward = staticmethod(F.max_pool2d), _MaxPool.forward


class MaxPool3d(_MaxPool):
    pool, forward = staticmethod(F.max_pool3d), _MaxPool.forward


class AvgPool1d(JaxLayer):
    def forward(self, input: jax.Array) -> jax.Array:
        return F.avg_pool1d(input, self.kernel_size, self.stride, self.padding, self.ceil_mode, self.count_include_pad)


class _AvgPool(_Pool):
    def forward(self, input: jax.Array) -> jax.Array:
        return self.pool(
            input,
            self.kernel_size,
            self.stride,
            self.padding,
            self.ceil_mode,
            self.count_include_pad,
            self.divisor_override,
        )


class AvgPool2d(_AvgPool):
    pool, forward = staticmethod(F.avg_pool2d), _AvgPool.forward


class AvgPool3d(_AvgPool):
    pool, forward = staticmethod(F.avg_pool3d), _AvgPool.forward


class AdaptiveAvgPool1d(JaxLayer):
    def forward(self, input: jax.Array) -> jax.Array:
        return F.adaptive_avg_pool1d(input, self.output_size)


class AdaptiveAvgPool2d(JaxLayer):
    def forward(self, input: jax.Array) -> jax.Array:
        return F.adaptive_avg_pool2d(input, self.output_size)


class AdaptiveAvgPool3d(JaxLayer):
    def forward(self, input: jax.Array) -> jax.Array:
        return F.adaptive_avg_pool3d(input, self.output_size)


class AdaptiveMaxPool1d(JaxLayer):
    def forward(self, input: jax.Array) -> Any:
        return F.adaptive_max_pool1d(input, self.output_size, self.return_indices)


class AdaptiveMaxPool2d(JaxLayer):
    def forward(self, input: jax.Array) -> Any:
        return F.adaptive_max_pool2d(input, self.output_size, self.return_indices)


class AdaptiveMaxPool3d(JaxLayer):
    def forward(self, input: jax.Array) -> Any:
        return F.adaptive_max_pool3d(input, self.output_size, self.return_indices)


class LPPool1d(JaxLayer):
    def forward(self, input: jax.Array) -> jax.Array:
        return F.lp_pool1d(input, self.norm_type, self.kernel_size, self.stride, self.ceil_mode)


class LPPool2d(JaxLayer):
    def forward(self, input: jax.Array) -> jax.Array:
        return F.lp_pool2d(input, self.norm_type, self.kernel_size, self.stride, self.ceil_mode)


class LPPool3d(JaxLayer):
    def forward(self, input: jax.Array) -> jax.Array:
        return F.lp_pool3d(input, self.norm_type, self.kernel_size, self.stride, self.ceil_mode)


class _FractionalMaxPool(_Pool):
    dimensions: ClassVar[int]

    def forward(self, input: jax.Array) -> Any:
        samples = self._random_samples
        if samples is None:
            samples = draw_samples(self._frame, self._path, self.dimensions, input)
        return self.pool(input, self.kernel_size, self.output_size, self.output_ratio, self.return_indices, samples)


class FractionalMaxPool2d(_FractionalMaxPool):
    dimensions, pool, forward = 2, staticmethod(F.fractional_max_pool2d), _FractionalMaxPool.forward


class FractionalMaxPool3d(_FractionalMaxPool):
    dimensions, pool, forward = 3, staticmethod(F.fractional_max_pool3d), _FractionalMaxPool.forward


class _MaxUnpool(_Pool):
    def forward(self, input: jax.Array, indices: jax.Array, output_size: Any = None) -> jax.Array:
        return self.pool(input, indices, self.kernel_size, self.stride, self.padding, output_size)


class MaxUnpool1d(_MaxUnpool):
    pool, forward = staticmethod(F.max_unpool1d), _MaxUnpool.forward


class MaxUnpool2d(_MaxUnpool):
    pool, forward = staticmethod(F.max_unpool2d), _MaxUnpool.forward


class MaxUnpool3d(_MaxUnpool):
    pool, forward = staticmethod(F.max_unpool3d), _MaxUnpool.forward
