"""Pooling."""

from collections.abc import Callable
from typing import Any, ClassVar

import jax

from unified.backends.jax import functional as F
from unified.backends.jax.functional.avg_pooling import adaptive_avg_pool_over, avg_pool_over
from unified.backends.jax.functional.fractional_pooling import draw_samples
from unified.backends.jax.functional.lp_pooling import lp_pool_over
from unified.backends.jax.functional.max_pooling import adaptive_max_pool_over, max_pool_over
from unified.backends.jax.layers.base import JaxLayer


class _MaxPool(JaxLayer):
    def forward(self, input: jax.Array) -> Any:
        return max_pool_over(
            self._spec.declaration.dimensions,  # type: ignore[attr-defined]
            input,
            self.kernel_size,
            self.stride,
            self.padding,
            self.dilation,
            self.ceil_mode,
            self.return_indices,
            self.data_format,
        )


class MaxPool1d(_MaxPool):
    forward = _MaxPool.forward


class MaxPool2d(_MaxPool):
    forward = _MaxPool.forward


class MaxPool3d(_MaxPool):
    forward = _MaxPool.forward


class _AvgPool(JaxLayer):
    divisor_override = None  # which AvgPool1d does not have

    def forward(self, input: jax.Array) -> jax.Array:
        return avg_pool_over(
            self._spec.declaration.dimensions,  # type: ignore[attr-defined]
            input,
            self.kernel_size,
            self.stride,
            self.padding,
            self.ceil_mode,
            self.count_include_pad,
            self.divisor_override,
            self.data_format,
        )


class AvgPool1d(_AvgPool):
    forward = _AvgPool.forward


class AvgPool2d(_AvgPool):
    forward = _AvgPool.forward


class AvgPool3d(_AvgPool):
    forward = _AvgPool.forward


class _AdaptiveAvgPool(JaxLayer):
    def forward(self, input: jax.Array) -> jax.Array:
        dimensions: int = self._spec.declaration.dimensions  # type: ignore[attr-defined]
        return adaptive_avg_pool_over(dimensions, input, self.output_size, self.data_format)


class AdaptiveAvgPool1d(_AdaptiveAvgPool):
    forward = _AdaptiveAvgPool.forward


class AdaptiveAvgPool2d(_AdaptiveAvgPool):
    forward = _AdaptiveAvgPool.forward


class AdaptiveAvgPool3d(_AdaptiveAvgPool):
    forward = _AdaptiveAvgPool.forward


class _AdaptiveMaxPool(JaxLayer):
    def forward(self, input: jax.Array) -> Any:
        dimensions: int = self._spec.declaration.dimensions  # type: ignore[attr-defined]
        return adaptive_max_pool_over(dimensions, input, self.output_size, self.return_indices, self.data_format)


class AdaptiveMaxPool1d(_AdaptiveMaxPool):
    forward = _AdaptiveMaxPool.forward


class AdaptiveMaxPool2d(_AdaptiveMaxPool):
    forward = _AdaptiveMaxPool.forward


class AdaptiveMaxPool3d(_AdaptiveMaxPool):
    forward = _AdaptiveMaxPool.forward


class _LPPool(JaxLayer):
    def forward(self, input: jax.Array) -> jax.Array:
        return lp_pool_over(
            self._spec.declaration.dimensions,  # type: ignore[attr-defined]
            input,
            self.norm_type,
            self.kernel_size,
            self.stride,
            self.ceil_mode,
            self.data_format,
        )


class LPPool1d(_LPPool):
    forward = _LPPool.forward


class LPPool2d(_LPPool):
    forward = _LPPool.forward


class LPPool3d(_LPPool):
    forward = _LPPool.forward


class _Pool(JaxLayer):
    """Pooling by the function `pool`."""

    pool: ClassVar[Callable[..., Any]]


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
