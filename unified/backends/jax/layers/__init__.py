"""The layers of `torch.nn` on JAX: a class with a `forward` for each declaration, in a file for each family."""

from unified.backends.jax.layers import (  # noqa: F401
    activation,
    adaptive_softmax,
    attention,
    class_loss,
    container,
    conv,
    distance,
    dropout,
    embedding,
    fold,
    group_norm,
    linear,
    margin_loss,
    norm,
    padding,
    pooling,
    recurrent,
    regression_loss,
    reparametrized,
    sequence_loss,
    shape,
    transformer,
    upsampling,
)
from unified.backends.jax.layers.base import JaxLayer, native_class

__all__ = ["JaxLayer", "native_class"]
