"""Linear algebra, on JAX."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp

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
matrix_norm = _unary(jnp.linalg.matrix_norm)
matrix_rank = _unary(jnp.linalg.matrix_rank)
pinv = _unary(jnp.linalg.pinv)
svdvals = _unary(jnp.linalg.svdvals)
vector_norm = _unary(jnp.linalg.vector_norm)


def cross(x1: Any, x2: Any, *, axis: int = -1) -> jax.Array:
    return jnp.linalg.cross(array(x1), array(x2), axis=axis)


def eigh(x: Any) -> Eigh[jax.Array]:
    return Eigh(*jnp.linalg.eigh(array(x)))


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
