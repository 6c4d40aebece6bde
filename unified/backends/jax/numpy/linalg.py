"""Linear algebra, on JAX."""

import math
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp

from unified.backends.jax.functional.distance import vector_norm as norm_of_vectors
from unified.backends.jax.numpy.at_zero import absolute
from unified.backends.jax.numpy.operands import array, as_dtype
from unified.backends.jax.numpy.products import matmul, matrix_transpose, tensordot, vecdot
from unified.core.array_results import QR, SVD, Eigh, Slogdet

__all__ = [
    "cholesky",
    "cross",
    "det",
    "diagonal",
    "eigh",
    "eigvalsh",
    "inv",
    "matmul",
    "matrix_norm",
    "matrix_power",
    "matrix_rank",
    "matrix_transpose",
    "outer",
    "pinv",
    "qr",
    "slogdet",
    "solve",
    "svd",
    "svdvals",
    "tensordot",
    "trace",
    "vecdot",
    "vector_norm",
]


def _unary(function: Callable[..., Any]) -> Callable[..., Any]:
    def call(x: Any, **options: Any) -> Any:
        return function(array(x), **options)

    return call


cholesky = _unary(jnp.linalg.cholesky)
det = _unary(jnp.linalg.det)
diagonal = _unary(jnp.linalg.diagonal)
eigvalsh = _unary(jnp.linalg.eigvalsh)
inv = _unary(jnp.linalg.inv)
matrix_rank = _unary(jnp.linalg.matrix_rank)
pinv = _unary(jnp.linalg.pinv)
svdvals = _unary(jnp.linalg.svdvals)


def cross(x1: Any, x2: Any, *, axis: int = -1) -> jax.Array:
    return jnp.linalg.cross(array(x1), array(x2), axis=axis)


def eigh(x: Any) -> Eigh[jax.Array]:
    return Eigh(*jnp.linalg.eigh(array(x)))


def matrix_norm(x: Any, *, keepdims: bool = False, ord: Any = "fro") -> jax.Array:
    x = array(x)
    if ord in ("fro", None) and x.ndim > 1:
        return vector_norm(x, axis=(-2, -1), keepdims=keepdims)
    if ord in (1, -1, math.inf, -math.inf) and x.ndim > 1 and x.size:
        sums = jnp.sum(absolute(x), -2 if ord in (1, -1) else -1, keepdims=True)
        return (jnp.max if ord > 0 else jnp.min)(sums, (-2, -1), keepdims=keepdims)
    return jnp.linalg.matrix_norm(x, keepdims=keepdims, ord=ord)


def matrix_power(x: Any, n: int) -> jax.Array:
    return jnp.linalg.matrix_power(array(x), n)


def outer(x1: Any, x2: Any) -> jax.Array:
    return jnp.linalg.outer(array(x1), array(x2))


def qr(x: Any, *, mode: Any = "reduced") -> QR[jax.Array]:
    return QR(*jnp.linalg.qr(array(x), mode))


def slogdet(x: Any) -> Slogdet[jax.Array]:
    return Slogdet(*jnp.linalg.slogdet(array(x)))


def solve(x1: Any, x2: Any) -> jax.Array:
    return jnp.linalg.solve(array(x1), array(x2))


def svd(x: Any, *, full_matrices: bool = True) -> SVD[jax.Array]:
    return SVD(*jnp.linalg.svd(array(x), full_matrices=full_matrices))


def trace(x: Any, *, offset: int = 0, dtype: Any = None) -> jax.Array:
    return jnp.linalg.trace(array(x), offset=offset, dtype=as_dtype(dtype))


def vector_norm(x: Any, *, axis: Any = None, keepdims: bool = False, ord: Any = 2) -> jax.Array:
    x = array(x)
    axis = tuple(axis) if isinstance(axis, list) else axis
    if jnp.issubdtype(x.dtype, jnp.floating) and x.size and x.ndim and (ord >= 0 or ord == -math.inf):
        return norm_of_vectors(x, ord, axis, keepdims)  # whose gradient at zero is zero, and not NaN
    return jnp.linalg.vector_norm(x, axis=axis, keepdims=keepdims, ord=ord)
