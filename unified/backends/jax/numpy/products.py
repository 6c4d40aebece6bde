"""Products and gradients, on JAX."""

from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

from unified.backends.jax.numpy.operands import array

__all__ = ["einsum", "matmul", "matrix_transpose", "stop_gradient", "tensordot", "vecdot"]


def einsum(subscripts: str, *operands: Any) -> jax.Array:
    return jnp.einsum(subscripts, *map(array, operands))


def matmul(x1: Any, x2: Any) -> jax.Array:
    return jnp.matmul(array(x1), array(x2))


def matrix_transpose(x: Any) -> jax.Array:
    return jnp.matrix_transpose(array(x))


def stop_gradient(x: Any) -> jax.Array:
    return lax.stop_gradient(array(x))


def tensordot(x1: Any, x2: Any, *, axes: Any = 2) -> jax.Array:
    return jnp.tensordot(array(x1), array(x2), axes=axes)


def vecdot(x1: Any, x2: Any, *, axis: int = -1) -> jax.Array:
    return jnp.vecdot(array(x1), array(x2), axis=axis)
