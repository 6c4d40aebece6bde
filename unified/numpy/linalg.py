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
    """Return the Cholesky factors of positive definite matrices: `L` with `L @ L.mH == x`.

    A matrix that is not positive definite raises on torch; its factor is NaN on JAX, which cannot raise for a value.

    Args:
        x: symmetric or Hermitian matrices `(..., n, n)`.
        upper: whether the upper triangular factors are returned.

    Source: array API standard 2024.12, `linalg.cholesky`.

    >>> import torch, unified.numpy as unp
    >>> unp.linalg.cholesky(torch.tensor([[4.0, 2.0], [2.0, 5.0]]))
    tensor([[2., 0.],
            [1., 2.]])
    """
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).linalg.cholesky(x, upper=upper)

def cross(x1: ArrayT, x2: ArrayT, /, *, axis: int = -1, **idioms: Never) -> ArrayT:
    """Return the cross products of vectors of three elements.

    Args:
        x1: an array with the size 3 along `axis`.
        x2: another; their other axes broadcast.
        axis: the axis of the vectors.

    Source: array API standard 2024.12, `linalg.cross`.

    >>> import torch, unified.numpy as unp
    >>> unp.linalg.cross(torch.tensor([1.0, 0.0, 0.0]), torch.tensor([0.0, 1.0, 0.0]))
    tensor([0., 0., 1.])
    """
    if idioms:
        refuse_keywords("linalg.cross", idioms)
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x1, x2)).linalg.cross(
        x1, x2, axis=axis)

def det(x: ArrayT, /) -> ArrayT:
    """Return the determinants: `(..., n, n)` to `(...)`.

    Source: array API standard 2024.12, `linalg.det`.

    >>> import torch, unified.numpy as unp
    >>> unp.linalg.det(torch.tensor([[2.0, 0.0], [5.0, 3.0]]))
    tensor(6.)
    """
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).linalg.det(x)

def diagonal(x: ArrayT, /, *, offset: int = 0) -> ArrayT:
    """Return the diagonals of the last two axes, along a new last axis.

    Args:
        x: matrices `(..., n, m)`.
        offset: which diagonal: above the main one if it is positive, below if it is negative.

    Source: array API standard 2024.12, `linalg.diagonal`.

    >>> import torch, unified.numpy as unp
    >>> unp.linalg.diagonal(torch.tensor([[1, 2], [3, 4]]))
    tensor([1, 4])
    """
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).linalg.diagonal(
        x, offset=offset)

def eigh(x: ArrayT, /) -> Eigh[ArrayT]:
    """Return the eigenvalues, in ascending order, and eigenvectors of symmetric or Hermitian matrices.

    The signs of eigenvectors are the library's, and may differ between frameworks and devices.

    Returns:
        A named tuple of `eigenvalues`, `(..., n)`, and `eigenvectors`, `(..., n, n)`, in columns.

    Source: array API standard 2024.12, `linalg.eigh`.

    >>> import torch, unified.numpy as unp
    >>> values, vectors = unp.linalg.eigh(torch.tensor([[2.0, 0.0], [0.0, 1.0]]))
    >>> values
    tensor([1., 2.])
    """
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).linalg.eigh(x)

def eigvalsh(x: ArrayT, /) -> ArrayT:
    """Return the eigenvalues, in ascending order, of symmetric or Hermitian matrices: `(..., n, n)` to `(..., n)`.

    Source: array API standard 2024.12, `linalg.eigvalsh`.

    >>> import torch, unified.numpy as unp
    >>> unp.linalg.eigvalsh(torch.tensor([[2.0, 0.0], [0.0, 1.0]]))
    tensor([1., 2.])
    """
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).linalg.eigvalsh(x)

def inv(x: ArrayT, /) -> ArrayT:
    """Return the inverses of square matrices.

    A matrix without an inverse raises on torch; its result is not finite on JAX, which cannot raise for a value.

    Source: array API standard 2024.12, `linalg.inv`.

    >>> import torch, unified.numpy as unp
    >>> unp.linalg.inv(torch.tensor([[2.0, 0.0], [0.0, 4.0]]))
    tensor([[0.5000, 0.0000],
            [0.0000, 0.2500]])
    """
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).linalg.inv(x)

def matmul(x1: ArrayT, x2: ArrayT, /) -> ArrayT:
    """Return `x1 @ x2`.

    Args:
        x1: matrices `(..., n, k)`, or a vector `(k,)`.
        x2: matrices `(..., k, m)`, or a vector `(k,)`.

    Returns:
        An array `(..., n, m)`, without the axis that a vector lacks.

    Source: array API standard 2024.12, `linalg.matmul`.

    >>> import torch, unified.numpy as unp
    >>> unp.linalg.matmul(torch.tensor([[1.0, 2.0]]), torch.tensor([3.0, 4.0]))
    tensor([11.])
    """
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x1, x2)).linalg.matmul(x1, x2)

def matrix_norm(
    x: ArrayT, /, *, keepdims: bool = False, ord: float | Literal["fro", "nuc"] | None = "fro", **idioms: Never
) -> ArrayT:
    """Return the norms of the last two axes.

    Args:
        x: matrices `(..., n, m)`.
        keepdims: whether the axes stay, with size 1.
        ord: `"fro"` (the root of the sum of squares), `"nuc"` (the sum of singular values), 2 or -2 (the greatest or
            least of these), 1 or -1 (of the sums of columns), infinity or minus infinity (of the sums of rows).

    Source: array API standard 2024.12, `linalg.matrix_norm`.

    >>> import torch, unified.numpy as unp
    >>> unp.linalg.matrix_norm(torch.tensor([[3.0, 0.0], [0.0, 4.0]]))
    tensor(5.)
    """
    if idioms:
        refuse_keywords("linalg.matrix_norm", idioms)
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).linalg.matrix_norm(
        x, keepdims=keepdims, ord=ord)

def matrix_power(x: ArrayT, n: int, /) -> ArrayT:
    """Return the `n`-th powers of square matrices; with a negative `n`, of their inverses.

    Source: array API standard 2024.12, `linalg.matrix_power`.

    >>> import torch, unified.numpy as unp
    >>> unp.linalg.matrix_power(torch.tensor([[1.0, 1.0], [0.0, 1.0]]), 3)
    tensor([[1., 3.],
            [0., 1.]])
    """
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).linalg.matrix_power(x, n)

def matrix_rank(x: ArrayT, /, *, rtol: float | ArrayLike | None = None) -> ArrayT:
    """Return the numbers of singular values greater than `rtol` times the greatest.

    Args:
        x: matrices `(..., n, m)`.
        rtol: by default the greater of `n` and `m`, times the machine epsilon.

    Source: array API standard 2024.12, `linalg.matrix_rank`.

    >>> import torch, unified.numpy as unp
    >>> unp.linalg.matrix_rank(torch.tensor([[1.0, 1.0], [1.0, 1.0]]))
    tensor(1)
    """
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x, rtol)).linalg.matrix_rank(
        x, rtol=rtol)

def matrix_transpose(x: ArrayT, /) -> ArrayT:
    """Return the matrices `x` with their last two axes exchanged: `(..., n, m)` to `(..., m, n)`.

    Source: array API standard 2024.12, `linalg.matrix_transpose`.

    >>> import torch, unified.numpy as unp
    >>> unp.linalg.matrix_transpose(torch.tensor([[1, 2], [3, 4]]))
    tensor([[1, 3],
            [2, 4]])
    """
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).linalg.matrix_transpose(x)

def outer(x1: ArrayT, x2: ArrayT, /) -> ArrayT:
    """Return the products of all pairs of elements of two vectors: `(n,)` and `(m,)` to `(n, m)`.

    Source: array API standard 2024.12, `linalg.outer`.

    >>> import torch, unified.numpy as unp
    >>> unp.linalg.outer(torch.tensor([1.0, 2.0]), torch.tensor([3.0, 4.0]))
    tensor([[3., 4.],
            [6., 8.]])
    """
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x1, x2)).linalg.outer(x1, x2)

def pinv(x: ArrayT, /, *, rtol: float | ArrayLike | None = None) -> ArrayT:
    """Return the pseudo-inverses (Moore and Penrose): `(..., n, m)` to `(..., m, n)`.

    Args:
        x: matrices.
        rtol: singular values up to `rtol` times the greatest count as zero; by default the greater of `n` and `m`,
            times the machine epsilon.

    Source: array API standard 2024.12, `linalg.pinv`.

    >>> import torch, unified.numpy as unp
    >>> unp.linalg.pinv(torch.tensor([[3.0], [4.0]]))
    tensor([[0.1200, 0.1600]])
    """
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x, rtol)).linalg.pinv(x, rtol=rtol)

def qr(x: ArrayT, /, *, mode: Literal["reduced", "complete"] = "reduced") -> QR[ArrayT]:
    """Return the factors Q, with orthonormal columns, and R, upper triangular, with `Q @ R == x`.

    Args:
        x: matrices `(..., n, m)`.
        mode: `"reduced"` for `min(n, m)` columns of Q, `"complete"` for `n`.

    Returns:
        A named tuple of `Q` and `R`.

    Source: array API standard 2024.12, `linalg.qr`.

    >>> import torch, unified.numpy as unp
    >>> q, r = unp.linalg.qr(torch.tensor([[3.0, 1.0], [4.0, 2.0]]))
    >>> q.shape, unp.round(q @ r)
    (torch.Size([2, 2]), tensor([[3., 1.],
            [4., 2.]]))
    """
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).linalg.qr(x, mode=mode)

def slogdet(x: ArrayT, /) -> Slogdet[ArrayT]:
    """Return the signs, and the logarithms of the absolute values, of the determinants.

    Returns:
        A named tuple of `sign` and `logabsdet`, each `(...)` for matrices `(..., n, n)`.

    Source: array API standard 2024.12, `linalg.slogdet`.

    >>> import torch, unified.numpy as unp
    >>> sign, logabsdet = unp.linalg.slogdet(torch.tensor([[-1.0, 0.0], [0.0, 1.0]]))
    >>> sign, logabsdet
    (tensor(-1.), tensor(0.))
    """
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).linalg.slogdet(x)

def solve(x1: ArrayT, x2: ArrayT, /) -> ArrayT:
    """Return the solutions of `x1 @ x = x2`.

    A matrix without an inverse raises on torch; its result is not finite on JAX, which cannot raise for a value.

    Args:
        x1: square matrices `(..., n, n)`.
        x2: a vector `(n,)`, or matrices `(..., n, k)`.

    Returns:
        An array of the shape of `x2`, with the axes of both before it.

    Source: array API standard 2024.12, `linalg.solve`.

    >>> import torch, unified.numpy as unp
    >>> unp.linalg.solve(torch.tensor([[2.0, 0.0], [0.0, 4.0]]), torch.tensor([2.0, 8.0]))
    tensor([1., 2.])
    """
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x1, x2)).linalg.solve(x1, x2)

def svd(x: ArrayT, /, *, full_matrices: bool = True) -> SVD[ArrayT]:
    """Return the factors U, S and Vh of `(U * S) @ Vh == x`, S in descending order.

    The signs of singular vectors are the library's, and may differ between frameworks and devices.

    Args:
        x: matrices `(..., n, m)`.
        full_matrices: whether U is `(..., n, n)` and Vh `(..., m, m)`, or both have only as many as there are in S.

    Returns:
        A named tuple of `U`, `S` with `min(n, m)` values, and `Vh`.

    Source: array API standard 2024.12, `linalg.svd`.

    >>> import torch, unified.numpy as unp
    >>> u, s, vh = unp.linalg.svd(torch.tensor([[3.0, 0.0, 0.0], [0.0, 4.0, 0.0]]), full_matrices=False)
    >>> u.shape, s, vh.shape
    (torch.Size([2, 2]), tensor([4., 3.]), torch.Size([2, 3]))
    """
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).linalg.svd(
        x, full_matrices=full_matrices)

def svdvals(x: ArrayT, /) -> ArrayT:
    """Return the singular values, in descending order.

    Source: array API standard 2024.12, `linalg.svdvals`.

    >>> import torch, unified.numpy as unp
    >>> unp.linalg.svdvals(torch.tensor([[3.0, 0.0], [0.0, 4.0]]))
    tensor([4., 3.])
    """
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).linalg.svdvals(x)

def tensordot(
    x1: ArrayT, x2: ArrayT, /, *, axes: int | tuple[Sequence[int], Sequence[int]] = 2, **idioms: Never) -> ArrayT:
    """Return the sum of products over axes of both.

    Args:
        x1: an array of any shape.
        x2: an array of any shape.
        axes: the last so many axes of `x1` with the first of `x2`, or the axes of both.

    Returns:
        An array with the other axes of `x1`, then those of `x2`.

    Source: array API standard 2024.12, `linalg.tensordot`.

    >>> import torch, unified.numpy as unp
    >>> unp.linalg.tensordot(torch.ones(2, 3), torch.ones(3, 4), axes=1).shape
    torch.Size([2, 4])
    """
    if idioms:
        refuse_keywords("linalg.tensordot", idioms)
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x1, x2)).linalg.tensordot(
        x1, x2, axes=axes)

def trace(x: ArrayT, /, *, offset: int = 0, dtype: DType = None) -> ArrayT:
    """Return the sums of the diagonals of the last two axes: `(..., n, m)` to `(...)`.

    Args:
        x: matrices.
        offset: which diagonal: above the main one if it is positive, below if it is negative.
        dtype: the dtype of the sums.

    Source: array API standard 2024.12, `linalg.trace`.

    >>> import torch, unified.numpy as unp
    >>> unp.linalg.trace(torch.tensor([[1.0, 2.0], [3.0, 4.0]]))
    tensor(5.)
    """
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).linalg.trace(
        x, offset=offset, dtype=dtype)

def vecdot(x1: ArrayT, x2: ArrayT, /, *, axis: int = -1, **idioms: Never) -> ArrayT:
    """Return the products of vectors along an axis, of the conjugate of `x1`.

    Source: array API standard 2024.12, `linalg.vecdot`.

    >>> import torch, unified.numpy as unp
    >>> unp.linalg.vecdot(torch.tensor([[1.0, 2.0], [3.0, 4.0]]), torch.tensor([1.0, 1.0]))
    tensor([3., 7.])
    """
    if idioms:
        refuse_keywords("linalg.vecdot", idioms)
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x1, x2)).linalg.vecdot(
        x1, x2, axis=axis)

def vector_norm(x: ArrayT, /, *, axis: Axes = None, keepdims: bool = False, ord: float = 2, **idioms: Never) -> ArrayT:
    """Return the norms along axes; the gradient at zero is zero.

    Args:
        x: an array of any shape.
        axis: one axis, several, or `None` for all, which are taken for one vector.
        keepdims: whether the axes stay, with size 1.
        ord: the degree: 2 for the length, 1 for the sum and infinity for the greatest of absolute values, 0 for how
            many are not zero.

    Source: array API standard 2024.12, `linalg.vector_norm`.

    >>> import torch, unified.numpy as unp
    >>> unp.linalg.vector_norm(torch.tensor([[3.0, 4.0], [6.0, 8.0]]), axis=1)
    tensor([ 5., 10.])
    """
    if idioms:
        refuse_keywords("linalg.vector_norm", idioms)
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).linalg.vector_norm(
        x, axis=axis, keepdims=keepdims, ord=ord)
