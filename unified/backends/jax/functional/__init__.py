"""`torch.nn.functional` on JAX arrays: the same names, arguments, layouts and values, a file for each family."""

from unified.backends.jax.functional.activation import (
    gelu,
    log_softmax,
    relu,
    sigmoid,
    silu,
    softmax,
    softplus,
    tanh,
)
from unified.backends.jax.functional.conv import conv1d, conv2d, conv3d
from unified.backends.jax.functional.dropout import dropout
from unified.backends.jax.functional.embedding import embedding, one_hot
from unified.backends.jax.functional.linear import bilinear, linear
from unified.backends.jax.functional.loss import cross_entropy, mse_loss
from unified.backends.jax.functional.norm import batch_norm, layer_norm
from unified.backends.jax.functional.pad import pad
from unified.backends.jax.functional.pooling import adaptive_avg_pool2d, avg_pool2d, max_pool2d

__all__ = [
    "adaptive_avg_pool2d",
    "avg_pool2d",
    "batch_norm",
    "bilinear",
    "conv1d",
    "conv2d",
    "conv3d",
    "cross_entropy",
    "dropout",
    "embedding",
    "gelu",
    "layer_norm",
    "linear",
    "log_softmax",
    "max_pool2d",
    "mse_loss",
    "one_hot",
    "pad",
    "relu",
    "sigmoid",
    "silu",
    "softmax",
    "softplus",
    "tanh",
]
