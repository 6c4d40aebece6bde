"""Products, and gradients."""

def einsum(subscripts: str, /, *operands: ArrayT) -> ArrayT:
    """Return a sum of products by Einstein's convention, as in `"bij,bjk->bik"`. (Beyond the standard.)"""

def matmul(x1: ArrayT, x2: ArrayT, /) -> ArrayT:
    """Return `x1 @ x2`."""

def matrix_transpose(x: ArrayT, /) -> ArrayT:
    """Return the matrices `x` with their last two axes exchanged."""

def stop_gradient(x: ArrayT, /) -> ArrayT:
    """Return `x` as a constant to all gradients. (Beyond the standard.)"""

def tensordot(x1: ArrayT, x2: ArrayT, /, *, axes: int | tuple[Sequence[int], Sequence[int]] = 2) -> ArrayT:
    """Return the sum of products over axes of both."""

def vecdot(x1: ArrayT, x2: ArrayT, /, *, axis: int = -1) -> ArrayT:
    """Return the products of vectors along an axis, of the conjugate of `x1`."""
