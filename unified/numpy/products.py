"""Products, and gradients.

Written by `make generate` from the stub in tools/array_functions/.
"""

from collections.abc import Sequence
from typing import Never

from unified.core.annotations import ArrayT
from unified.core.array_functions import functions_of
from unified.core.scope import current
from unified.numpy.idioms import refuse_keywords

# fmt: off
__all__ = [
    "einsum", "matmul", "matrix_transpose", "stop_gradient", "tensordot", "vecdot",
]


def einsum(subscripts: str, /, *operands: ArrayT) -> ArrayT:
    """Return a sum of products by Einstein's convention, as in `"bij,bjk->bik"`. (Beyond the standard.)"""
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(*operands)).einsum(
        subscripts, *operands)

def matmul(x1: ArrayT, x2: ArrayT, /) -> ArrayT:
    """Return `x1 @ x2`."""
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x1, x2)).matmul(x1, x2)

def matrix_transpose(x: ArrayT, /) -> ArrayT:
    """Return the matrices `x` with their last two axes exchanged."""
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).matrix_transpose(x)

def stop_gradient(x: ArrayT, /) -> ArrayT:
    """Return `x` as a constant to all gradients. (Beyond the standard.)"""
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).stop_gradient(x)

def tensordot(
    x1: ArrayT, x2: ArrayT, /, *, axes: int | tuple[Sequence[int], Sequence[int]] = 2, **idioms: Never) -> ArrayT:
    """Return the sum of products over axes of both."""
    if idioms:
        refuse_keywords("tensordot", idioms)
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x1, x2)).tensordot(
        x1, x2, axes=axes)

def vecdot(x1: ArrayT, x2: ArrayT, /, *, axis: int = -1, **idioms: Never) -> ArrayT:
    """Return the products of vectors along an axis, of the conjugate of `x1`."""
    if idioms:
        refuse_keywords("vecdot", idioms)
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x1, x2)).vecdot(x1, x2, axis=axis)
