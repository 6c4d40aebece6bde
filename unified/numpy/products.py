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
    """Return a sum of products by Einstein's convention.

    Args:
        subscripts: the axes of the operands and of the result, such as `"bij,bjk->bik"`.
        *operands: as many arrays.

    Source: beyond the standard; `torch.einsum`, `numpy.einsum`.

    >>> import jax.numpy as jnp, torch, unified.numpy as unp
    >>> unp.einsum("ij,ij->i", torch.ones(2, 3), torch.ones(2, 3))
    tensor([3., 3.])
    >>> unp.einsum("ij,ij->i", jnp.ones((2, 3)), jnp.ones((2, 3)))
    Array([3., 3.], dtype=float32)
    """
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(*operands)).einsum(
        subscripts, *operands)

def matmul(x1: ArrayT, x2: ArrayT, /) -> ArrayT:
    """Return `x1 @ x2`.

    Args:
        x1: matrices `(..., n, k)`, or a vector `(k,)`.
        x2: matrices `(..., k, m)`, or a vector `(k,)`.

    Returns:
        An array `(..., n, m)`, without the axis that a vector lacks.

    Source: array API standard 2024.12, `matmul`.

    >>> import torch, unified.numpy as unp
    >>> unp.matmul(torch.tensor([[1.0, 2.0]]), torch.tensor([3.0, 4.0]))
    tensor([11.])
    """
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x1, x2)).matmul(x1, x2)

def matrix_transpose(x: ArrayT, /) -> ArrayT:
    """Return the matrices `x` with their last two axes exchanged: `(..., n, m)` to `(..., m, n)`.

    Source: array API standard 2024.12, `matrix_transpose`.

    >>> import torch, unified.numpy as unp
    >>> unp.matrix_transpose(torch.tensor([[1, 2], [3, 4]]))
    tensor([[1, 3],
            [2, 4]])
    """
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).matrix_transpose(x)

def stop_gradient(x: ArrayT, /) -> ArrayT:
    """Return `x` as a constant to all gradients.

    Source: beyond the standard; `jax.lax.stop_gradient`, `torch.Tensor.detach`.

    >>> import torch, unified.numpy as unp
    >>> x = torch.ones(2, requires_grad=True)
    >>> unp.stop_gradient(x).requires_grad
    False
    """
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).stop_gradient(x)

def tensordot(
    x1: ArrayT, x2: ArrayT, /, *, axes: int | tuple[Sequence[int], Sequence[int]] = 2, **idioms: Never) -> ArrayT:
    """Return the sum of products over axes of both.

    Args:
        x1: an array of any shape.
        x2: an array of any shape.
        axes: the last so many axes of `x1` with the first of `x2`, or the axes of both.

    Returns:
        An array with the other axes of `x1`, then those of `x2`.

    Source: array API standard 2024.12, `tensordot`.

    >>> import torch, unified.numpy as unp
    >>> unp.tensordot(torch.ones(2, 3), torch.ones(3, 4), axes=1).shape
    torch.Size([2, 4])
    """
    if idioms:
        refuse_keywords("tensordot", idioms)
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x1, x2)).tensordot(
        x1, x2, axes=axes)

def vecdot(x1: ArrayT, x2: ArrayT, /, *, axis: int = -1, **idioms: Never) -> ArrayT:
    """Return the products of vectors along an axis, of the conjugate of `x1`.

    Source: array API standard 2024.12, `vecdot`.

    >>> import torch, unified.numpy as unp
    >>> unp.vecdot(torch.tensor([[1.0, 2.0], [3.0, 4.0]]), torch.tensor([1.0, 1.0]))
    tensor([3., 7.])
    """
    if idioms:
        refuse_keywords("vecdot", idioms)
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x1, x2)).vecdot(x1, x2, axis=axis)
