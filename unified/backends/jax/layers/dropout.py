"""Dropout."""

from typing import Any

import jax

from unified.backends.jax.functional.dropout import drop, drop_alpha
from unified.backends.jax.layers.base import JaxLayer
from unified.core.distributions import Bernoulli
from unified.core.draws import DROPOUT
from unified.core.dropout import channel_mask


class _Dropout(JaxLayer):
    def _draw_mask(self, shape: tuple[int, ...]) -> jax.Array:
        """Return a mask that is false with probability `p`."""
        return self._frame.sample(Bernoulli(1 - self.p), shape, "bool", self._frame.next_draw(self._path, DROPOUT))

    def _drop(self, input: jax.Array, shape: tuple[int, ...], function: Any = drop) -> jax.Array:
        """Return `input` with the values at a mask of `shape` dropped, in training."""
        return function(input, self._draw_mask(shape), self.p) if self.training and self.p > 0 else input


class Dropout(_Dropout):
    def forward(self, input: jax.Array) -> jax.Array:
        return self._drop(input, input.shape)


class Dropout1d(_Dropout):
    def forward(self, input: jax.Array) -> jax.Array:
        return self._drop(input, channel_mask("dropout1d", input.shape, self.data_format))


class Dropout2d(_Dropout):
    def forward(self, input: jax.Array) -> jax.Array:
        return self._drop(input, channel_mask("dropout2d", input.shape, self.data_format))


class Dropout3d(_Dropout):
    def forward(self, input: jax.Array) -> jax.Array:
        return self._drop(input, channel_mask("dropout3d", input.shape, self.data_format))


class AlphaDropout(_Dropout):
    def forward(self, input: jax.Array) -> jax.Array:
        return self._drop(input, input.shape, drop_alpha)


class FeatureAlphaDropout(_Dropout):
    def forward(self, input: jax.Array) -> jax.Array:
        if not self.training or self.p == 0:  # torch checks the shape only if it draws
            return input
        return self._drop(input, channel_mask("feature_alpha_dropout", input.shape, self.data_format), drop_alpha)
