"""Activations: those of `unified.backends.jax.functional`, whose gradients are torch's."""

from typing import Any

import jax
import jax.numpy as jnp

from unified.aten.table import operator
from unified.backends.jax import functional as F

_FUNCTIONS: dict[str, Any] = {
    "celu": F.celu, "gelu": F.gelu, "glu": F.glu, "hardshrink": F.hardshrink, "hardsigmoid": F.hardsigmoid,
    "hardswish": F.hardswish, "hardtanh": F.hardtanh, "leaky_relu": F.leaky_relu, "log_sigmoid": F.logsigmoid,
    "mish": F.mish, "prelu": F.prelu, "relu": F.relu, "relu6": F.relu6, "selu": F.selu, "sigmoid": F.sigmoid,
    "silu": F.silu, "softplus": F.softplus, "softshrink": F.softshrink, "tanh": F.tanh, "threshold": F.threshold,
}  # fmt: skip
for _name, _function in _FUNCTIONS.items():
    operator(f"{_name}.default")(_function)


@operator("_prelu_kernel.default")
def prelu_kernel(x: jax.Array, weight: jax.Array) -> jax.Array:
    """Multiply negative values by a weight of the same number of axes."""
    return jnp.where(x > 0, x, x * weight)


@operator("elu.default")
def elu(x: jax.Array, alpha: float = 1, scale: float = 1, input_scale: float = 1) -> jax.Array:
    """Return `scale * x` above zero, else `scale * alpha * (exp(input_scale * x) - 1)`."""
    if input_scale == 1:
        output = F.elu(x, alpha)
        return output if scale == 1 else output * scale
    negative = jnp.expm1(jnp.where(x > 0, 0, x) * input_scale) * (alpha * scale)
    return jnp.where(x > 0, x * scale, negative)


@operator("_softmax.default", "softmax.int", typed=True)
def softmax(x: jax.Array, dim: int, *ignored: Any, dtype: Any) -> jax.Array:
    """Return exponentials divided by their sum along `dim`."""
    return F.softmax(x, dim, dtype=dtype)


@operator("_log_softmax.default", "log_softmax.int", typed=True)
def log_softmax(x: jax.Array, dim: int, *ignored: Any, dtype: Any) -> jax.Array:
    """Return the logarithm of the softmax."""
    return F.log_softmax(x, dim, dtype=dtype)
