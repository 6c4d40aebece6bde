"""Activations."""

import jax

from unified.backends.jax import functional as F
from unified.backends.jax.functional.activation import prelu_along
from unified.backends.jax.functional.threshold import scale_negatives
from unified.backends.jax.layers.base import JaxLayer
from unified.core.distributions import Uniform
from unified.core.layouts import is_channels_last


class ReLU(JaxLayer):
    def forward(self, input: jax.Array) -> jax.Array:
        return F.relu(input)


class GELU(JaxLayer):
    def forward(self, input: jax.Array) -> jax.Array:
        return F.gelu(input, self.approximate)


class Tanh(JaxLayer):
    def forward(self, input: jax.Array) -> jax.Array:
        return F.tanh(input)


class Sigmoid(JaxLayer):
    def forward(self, input: jax.Array) -> jax.Array:
        return F.sigmoid(input)


class Softmax(JaxLayer):
    def forward(self, input: jax.Array) -> jax.Array:
        return F.softmax(input, self.dim)


class ReLU6(JaxLayer):
    def forward(self, input: jax.Array) -> jax.Array:
        return F.relu6(input)


class LeakyReLU(JaxLayer):
    def forward(self, input: jax.Array) -> jax.Array:
        return F.leaky_relu(input, self.negative_slope)


class PReLU(JaxLayer):
    def forward(self, input: jax.Array) -> jax.Array:
        return prelu_along(input, self.weight, -1 if is_channels_last(self.data_format) else 1)


class ELU(JaxLayer):
    def forward(self, input: jax.Array) -> jax.Array:
        return F.elu(input, self.alpha)


class SELU(JaxLayer):
    def forward(self, input: jax.Array) -> jax.Array:
        return F.selu(input)


class CELU(JaxLayer):
    def forward(self, input: jax.Array) -> jax.Array:
        return F.celu(input, self.alpha)


class Mish(JaxLayer):
    def forward(self, input: jax.Array) -> jax.Array:
        return F.mish(input)


class SiLU(JaxLayer):
    def forward(self, input: jax.Array) -> jax.Array:
        return F.silu(input)


class Hardsigmoid(JaxLayer):
    def forward(self, input: jax.Array) -> jax.Array:
        return F.hardsigmoid(input)


class Hardswish(JaxLayer):
    def forward(self, input: jax.Array) -> jax.Array:
        return F.hardswish(input)


class LogSoftmax(JaxLayer):
    def forward(self, input: jax.Array) -> jax.Array:
        return F.log_softmax(input, self.dim)


class Softplus(JaxLayer):
    def forward(self, input: jax.Array) -> jax.Array:
        return F.softplus(input, self.beta, self.threshold)


class GLU(JaxLayer):
    def forward(self, input: jax.Array) -> jax.Array:
        return F.glu(input, self.dim)


class Hardtanh(JaxLayer):
    def forward(self, input: jax.Array) -> jax.Array:
        return F.hardtanh(
            input,
            self.min_val if self.min_value is None else self.min_value,
            self.max_val if self.max_value is None else self.max_value,
        )


class Hardshrink(JaxLayer):
    def forward(self, input: jax.Array) -> jax.Array:
        return F.hardshrink(input, self.lambd)


class Softshrink(JaxLayer):
    def forward(self, input: jax.Array) -> jax.Array:
        return F.softshrink(input, self.lambd)


class Softsign(JaxLayer):
    def forward(self, input: jax.Array) -> jax.Array:
        return F.softsign(input)


class Tanhshrink(JaxLayer):
    def forward(self, input: jax.Array) -> jax.Array:
        return F.tanhshrink(input)


class Threshold(JaxLayer):
    def forward(self, input: jax.Array) -> jax.Array:
        return F.threshold(input, self.threshold, self.value)


class LogSigmoid(JaxLayer):
    def forward(self, input: jax.Array) -> jax.Array:
        return F.logsigmoid(input)


class Softmin(JaxLayer):
    def forward(self, input: jax.Array) -> jax.Array:
        return F.softmin(input, self.dim)


class Softmax2d(JaxLayer):
    def forward(self, input: jax.Array) -> jax.Array:
        if input.ndim not in (3, 4):
            raise ValueError(f"{self._path!r}: Softmax2d takes (N, C, H, W) or (C, H, W), got shape {input.shape}")
        return F.softmax(input, -3)


class RReLU(JaxLayer):
    def forward(self, input: jax.Array) -> jax.Array:
        if not self.training:
            return scale_negatives(input, self.lower, self.upper, None)
        draw = self._frame.next_draw(self._path)
        random_slopes = self._frame.sample(Uniform(self.lower, self.upper), input.shape, input.dtype, draw)
        return scale_negatives(input, self.lower, self.upper, random_slopes)
