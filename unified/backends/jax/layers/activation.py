"""Activations."""

import jax

from unified.backends.jax import functional as F
from unified.backends.jax.layers.base import JaxLayer


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
