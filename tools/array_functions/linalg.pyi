"""Linear algebra, on the last two axes of arrays."""

def cholesky(x: ArrayT, /, *, upper: bool = False) -> ArrayT:
    """Return the Cholesky factors of positive definite matrices."""

def cross(x1: ArrayT, x2: ArrayT, /, *, axis: int = -1) -> ArrayT:
    """Return the cross products of vectors of three elements."""

def det(x: ArrayT, /) -> ArrayT:
    """Return the determinants."""

def diagonal(x: ArrayT, /, *, offset: int = 0) -> ArrayT:
    """Return the diagonals of the last two axes."""

def eigh(x: ArrayT, /) -> Eigh[ArrayT]:
    """Return the eigenvalues, in ascending order, and eigenvectors of symmetric or Hermitian matrices."""

def eigvalsh(x: ArrayT, /) -> ArrayT:
    """Return the eigenvalues, in ascending order, of symmetric or Hermitian matrices."""

def inv(x: ArrayT, /) -> ArrayT:
    """Return the inverses."""

def matmul(x1: ArrayT, x2: ArrayT, /) -> ArrayT:
    """Return `x1 @ x2`."""

def matrix_norm(x: ArrayT, /, *, keepdims: bool = False, ord: float | Literal["fro", "nuc"] | None = "fro") -> ArrayT:
    """Return the norms of the last two axes."""

def matrix_power(x: ArrayT, n: int, /) -> ArrayT:
    """Return the `n`-th powers."""

def matrix_rank(x: ArrayT, /, *, rtol: float | ArrayLike | None = None) -> ArrayT:
    """Return the numbers of singular values greater than `rtol` times the greatest."""

def matrix_transpose(x: ArrayT, /) -> ArrayT:
    """Return the matrices with their last two axes exchanged."""

def outer(x1: ArrayT, x2: ArrayT, /) -> ArrayT:
    """Return the products of all pairs of elements of two vectors."""

def pinv(x: ArrayT, /, *, rtol: float | ArrayLike | None = None) -> ArrayT:
    """Return the pseudo-inverses."""

def qr(x: ArrayT, /, *, mode: Literal["reduced", "complete"] = "reduced") -> QR[ArrayT]:
    """Return the factors Q and R."""

def slogdet(x: ArrayT, /) -> Slogdet[ArrayT]:
    """Return the signs, and the logarithms of the absolute values, of the determinants."""

def solve(x1: ArrayT, x2: ArrayT, /) -> ArrayT:
    """Return the solutions of `x1 @ x = x2`."""

def svd(x: ArrayT, /, *, full_matrices: bool = True) -> SVD[ArrayT]:
    """Return the factors U, S and Vh, S in descending order."""

def svdvals(x: ArrayT, /) -> ArrayT:
    """Return the singular values, in descending order."""

def tensordot(x1: ArrayT, x2: ArrayT, /, *, axes: int | tuple[Sequence[int], Sequence[int]] = 2) -> ArrayT:
    """Return the sum of products over axes of both."""

def trace(x: ArrayT, /, *, offset: int = 0, dtype: DType = None) -> ArrayT:
    """Return the sums of the diagonals of the last two axes."""

def vecdot(x1: ArrayT, x2: ArrayT, /, *, axis: int = -1) -> ArrayT:
    """Return the products of vectors along an axis, of the conjugate of `x1`."""

def vector_norm(x: ArrayT, /, *, axis: Axes = None, keepdims: bool = False, ord: float = 2) -> ArrayT:
    """Return the norms along axes."""
