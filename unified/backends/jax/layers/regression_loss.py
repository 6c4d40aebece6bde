"""Regression losses."""

import jax

from unified.backends.jax import functional as F
from unified.backends.jax.layers.loss import Loss


class L1Loss(Loss):
    def forward(self, input: jax.Array, target: jax.Array) -> jax.Array:
        return self._call_function(F.l1_loss, input, target)


class MSELoss(Loss):
    def forward(self, input: jax.Array, target: jax.Array) -> jax.Array:
        return self._call_function(F.mse_loss, input, target)


class SmoothL1Loss(Loss):
    def forward(self, input: jax.Array, target: jax.Array) -> jax.Array:
        return self._call_function(F.smooth_l1_loss, input, target)


class HuberLoss(Loss):
    def forward(self, input: jax.Array, target: jax.Array) -> jax.Array:
        return self._call_function(F.huber_loss, input, target)


class PoissonNLLLoss(Loss):
    def forward(self, log_input: jax.Array, target: jax.Array) -> jax.Array:
        return self._call_function(F.poisson_nll_loss, log_input, target)


class GaussianNLLLoss(Loss):
    def forward(self, input: jax.Array, target: jax.Array, var: jax.Array | float) -> jax.Array:
        return self._call_function(F.gaussian_nll_loss, input, target, var)
