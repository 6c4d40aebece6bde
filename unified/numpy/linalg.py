"""Linear algebra, on the last two axes of arrays.

Written by `make generate` from the stub in tools/array_functions/.
"""

from collections.abc import Sequence
from typing import Literal, Never

from unified.core.annotations import ArrayLike, ArrayT, DType
from unified.core.array_functions import functions_of
from unified.core.array_results import QR, SVD, Axes, Eigh, Slogdet
from unified.core.scope import current
from unified.numpy.idioms import refuse_keywords

# fmt: off
__all__ = [
    "cholesky", "cross", "det", "diagonal", "eigh", "eigvalsh", "inv", "matmul", "matrix_norm", "matrix_power",
    "matrix_rank", "matrix_transpose", "outer", "pinv", "qr", "slogdet", "solve", "svd", "svdvals", "tensordot",
    "trace", "vecdot", "vector_norm",
]


def cholesky(x: ArrayT, /, *, upper: bool = False) -> ArrayT:
    """Return the Cholesky factors of positive definite matrices."""
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).linalg.cholesky(x, upper=upper)

def cross(x1: ArrayT, x2: ArrayT, /, *, axis: int = -1, **idioms: Never) -> ArrayT:
    """Return the cross products of vectors of three elements."""
    if idioms:
        refuse_keywords("linalg.cross", idioms)
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x1, x2)).linalg.cross(
        x1, x2, axis=axis)

def det(x: ArrayT, /) -> ArrayT:
    """Return the determinants."""
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).linalg.det(x)

def diagonal(x: ArrayT, /, *, offset: int = 0) -> ArrayT:
    """Return the diagonals of the last two axes."""
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).linalg.diagonal(
        x, offset=offset)

def eigh(x: ArrayT, /) -> Eigh[ArrayT]:
    """Return the eigenvalues, in ascending order, and eigenvectors of symmetric or Hermitian matrices."""
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).linalg.eigh(x)

def eigvalsh(x: ArrayT, /) -> ArrayT:
    """Return the eigenvalues, in ascending order, of symmetric or Hermitian matrices."""
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).linalg.eigvalsh(x)

def inv(x: ArrayT, /) -> ArrayT:
    """Return the inverses."""
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).linalg.inv(x)

def matmul(x1: ArrayT, x2: ArrayT, /) -> ArrayT:
    """Return `x1 @ x2`."""
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x1, x2)).linalg.matmul(x1, x2)

def matrix_norm(
    x: ArrayT, /, *, keepdims: bool = False, ord: float | Literal["fro", "nuc"] | None = "fro", **idioms: Never
) -> ArrayT:
    """Return the norms of the last two axes."""
    if idioms:
        refuse_keywords("linalg.matrix_norm", idioms)
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).linalg.matrix_norm(
        x, keepdims=keepdims, ord=ord)

def matrix_power(x: ArrayT, n: int, /) -> ArrayT:
    """Return the `n`-th powers."""
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).linalg.matrix_power(x, n)

def matrix_rank(x: ArrayT, /, *, rtol: float | ArrayLike | None = None) -> ArrayT:
    """Return the numbers of singular values greater than `rtol` times the greatest."""
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x, rtol)).linalg.matrix_rank(
        x, rtol=rtol)

def matrix_transpose(x: ArrayT, /) -> ArrayT:
    """Return the matrices with their last two axes exchanged."""
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).linalg.matrix_transpose(x)

def outer(x1: ArrayT, x2: ArrayT, /) -> ArrayT:
    """Return the products of all pairs of elements of two vectors."""
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x1, x2)).linalg.outer(x1, x2)

def pinv(x: ArrayT, /, *, rtol: float | ArrayLike | None = None) -> ArrayT:
    """Return the pseudo-inverses."""
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x, rtol)).linalg.pinv(x, rtol=rtol)

def qr(x: ArrayT, /, *, mode: Literal["reduced", "complete"] = "reduced") -> QR[ArrayT]:
    """Return the factors Q and R."""
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).linalg.qr(x, mode=mode)

def slogdet(x: ArrayT, /) -> Slogdet[ArrayT]:
    """Return the signs, and the logarithms of the absolute values, of the determinants."""
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).linalg.slogdet(x)

def solve(x1: ArrayT, x2: ArrayT, /) -> ArrayT:
    """Return the solutions of `x1 @ x = x2`."""
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x1, x2)).linalg.solve(x1, x2)

def svd(x: ArrayT, /, *, full_matrices: bool = True) -> SVD[ArrayT]:
    """Return the factors U, S and Vh, S in descending order."""
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).linalg.svd(
        x, full_matrices=full_matrices)

def svdvals(x: ArrayT, /) -> ArrayT:
    """Return the singular values, in descending order."""
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).linalg.svdvals(x)

def tensordot(
    x1: ArrayT, x2: ArrayT, /, *, axes: int | tuple[Sequence[int], Sequence[int]] = 2, **idioms: Never) -> ArrayT:
    """Return the sum of products over axes of both."""
    if idioms:
        refuse_keywords("linalg.tensordot", idioms)
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x1, x2)).linalg.tensordot(
        x1, x2, axes=axes)

def trace(x: ArrayT, /, *, offset: int = 0, dtype: DType = None) -> ArrayT:
    """Return the sums of the diagonals of the last two axes."""
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).linalg.trace(
        x, offset=offset, dtype=dtype)

def vecdot(x1: ArrayT, x2: ArrayT, /, *, axis: int = -1, **idioms: Never) -> ArrayT:
    """Return the products of vectors along an axis, of the conjugate of `x1`."""
    if idioms:
        refuse_keywords("linalg.vecdot", idioms)
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x1, x2)).linalg.vecdot(
        x1, x2, axis=axis)

def vector_norm(x: ArrayT, /, *, axis: Axes = None, keepdims: bool = False, ord: float = 2, **idioms: Never) -> ArrayT:
    """Return the norms along axes."""
    if idioms:
        refuse_keywords("linalg.vector_norm", idioms)
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).linalg.vector_norm(
        x, axis=axis, keepdims=keepdims, ord=ord)
