"""How each declared layer computes on JAX: a class of its name with a `forward`, a file for each family."""

from unified.backends.jax.layers import (  # noqa: F401
    activation,
    attention,
    container,
    conv,
    distance,
    dropout,
    embedding,
    fold,
    group_norm,
    linear,
    loss,
    norm,
    padding,
    pooling,
    recurrent,
    shape,
    transformer,
    upsampling,
)
from unified.backends.jax.layers.base import JaxLayer, native_class

__all__ = ["JaxLayer", "native_class"]
