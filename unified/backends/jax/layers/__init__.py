"""How each declared layer computes on JAX: a class of its name with a `forward`, a file for each family."""

from unified.backends.jax.layers import activation, conv, dropout, embedding, linear, norm, pooling, shape  # noqa: F401
from unified.backends.jax.layers.base import JaxLayer, native_class

__all__ = ["JaxLayer", "native_class"]
