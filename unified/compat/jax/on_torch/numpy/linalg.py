"""`jax.numpy.linalg` on tensors."""

import functools
import math
from collections.abc import Callable
from typing import Any

import torch

from unified.compat.jax.on_torch.array import tensor
from unified.compat.jax.on_torch.behaviour import REQUIRED, Behaviour, jax_function
from unified.compat.jax.on_torch.numpy import products
from unified.compat.jax.on_torch.numpy.creation import diagonal
from unified.compat.jax.on_torch.numpy.operands import as_float, axes_of, in_float, same
from unified.compat.jax.on_torch.numpy.products import matmul, tensordot, trace, vecdot
from unified.compat.jax.on_torch.numpy.shapes import matrix_transpose

__all__ = [
    "cholesky",
    "cond",
    "cross",
    "det",
    "diagonal",
    "eig",
    "eigh",
    "eigvals",
    "eigvalsh",
    "inv",
    "lstsq",
    "matmul",
    "matrix_norm",
    "matrix_power",
    "matrix_rank",
    "matrix_transpose",
    "multi_dot",
    "norm",
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

BEHAVIOUR = Behaviour(operands=REQUIRED)  # unless a decorator declares otherwise


def wide(function: Callable[..., Any], *values: torch.Tensor) -> Any:
    """Call a function of torch that takes no halves; of halves, its results are halves again."""
    dtype = values[0].dtype
    if dtype not in (torch.float16, torch.bfloat16):
        return function(*values)
    result = function(*[value.to(torch.float32) for value in values])
    results = result if isinstance(result, tuple) else (result,)
    narrow = tuple(x.to(dtype) if x.dtype is torch.float32 else x for x in results)
    return narrow if isinstance(result, tuple) else narrow[0]


def outer(x1: Any, x2: Any, /) -> torch.Tensor:
    if tensor(x1).dim() != 1 or tensor(x2).dim() != 1:
        raise ValueError(f"linalg.outer takes vectors, got {tensor(x1).dim()} and {tensor(x2).dim()} axes")
    return products.outer(x1, x2)


def cross(x1: Any, x2: Any, /, *, axis: int = -1) -> torch.Tensor:
    if 3 not in (tensor(x1).shape[axis], tensor(x2).shape[axis]):
        raise ValueError("linalg.cross takes vectors of 3 elements")
    return products.cross(x1, x2, axis=axis)


@jax_function(weak=False)
def norm(x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> torch.Tensor:
    """By square and root, so that the gradient at zero is JAX's (NaN) and not torch's (zero)."""
    x = as_float(x)
    if axis is None and ord is None:
        result = torch.sqrt(torch.sum(torch.abs(x) ** 2))
        return result.reshape([1] * x.dim()) if keepdims else result
    axes = axes_of(axis, x.dim())
    if len(axes) not in (1, 2):
        raise ValueError(f"a norm is of 1 axis or of 2, got {len(axes)}")
    if len(axes) == 1:
        return vector_norm(x, axis=axes, ord=2 if ord is None else ord, keepdims=keepdims)
    if ord in (None, "fro"):
        return torch.sqrt(torch.sum(torch.abs(x) ** 2, axes, keepdim=keepdims))
    return wide(lambda x: torch.linalg.matrix_norm(x, ord, axes, keepdims), x)


@jax_function(weak=False)
def vector_norm(x: Any, /, *, axis: Any = None, keepdims: bool = False, ord: Any = 2) -> torch.Tensor:
    x = as_float(x)
    axes = axes_of(axis, x.dim())
    if ord in (None, 2):
        return torch.sqrt(torch.sum(torch.abs(x) ** 2, axes, keepdim=keepdims))
    if ord == math.inf:
        return torch.amax(torch.abs(x), axes, keepdim=keepdims)
    if ord == -math.inf:
        return torch.amin(torch.abs(x), axes, keepdim=keepdims)
    if ord == 0:
        return torch.sum((x != 0).to(x.dtype), axes, keepdim=keepdims)
    return torch.sum(torch.abs(x) ** ord, axes, keepdim=keepdims) ** (1 / ord)


@jax_function(weak=False)
def matrix_norm(x: Any, /, *, keepdims: bool = False, ord: Any = "fro") -> torch.Tensor:
    return wide(lambda x: torch.linalg.matrix_norm(x, ord, keepdim=keepdims), as_float(x))


def solve(a: Any, b: Any) -> torch.Tensor:
    return wide(torch.linalg.solve, *in_float(a, b))


@jax_function(weak=False)
def inv(a: Any) -> torch.Tensor:
    return wide(torch.linalg.inv, as_float(a))


@jax_function(operands="a", weak=False)
def pinv(a: Any, rtol: Any = None, hermitian: bool = False, *, rcond: Any = None) -> torch.Tensor:
    rtol = rtol if rcond is None else rcond
    return wide(lambda x: torch.linalg.pinv(x, rtol=rtol, hermitian=hermitian), as_float(a))


def det(a: Any) -> torch.Tensor:
    return wide(torch.linalg.det, as_float(a))


def slogdet(a: Any, *, method: Any = None) -> Any:
    return tuple(wide(torch.linalg.slogdet, as_float(a)))


def cholesky(a: Any, *, upper: bool = False, symmetrize_input: bool = True) -> torch.Tensor:
    x = as_float(a)
    x = (x + x.mH) / 2 if symmetrize_input else x
    factor, failed = wide(lambda x: tuple(torch.linalg.cholesky_ex(x, upper=upper)), x)
    return torch.where((failed > 0)[..., None, None], math.nan, factor)


def qr(a: Any, mode: str = "reduced") -> Any:
    q, r = wide(lambda x: torch.linalg.qr(x, mode), as_float(a))
    return r if mode == "r" else (q, r)


def svd(
    a: Any, full_matrices: bool = True, compute_uv: bool = True, hermitian: bool = False, subset_by_index: Any = None
) -> Any:
    x = as_float(a)
    return tuple(wide(lambda x: torch.linalg.svd(x, full_matrices), x)) if compute_uv else svdvals(x)


def svdvals(x: Any, /) -> torch.Tensor:
    return wide(torch.linalg.svdvals, as_float(x))


def eigh(a: Any, UPLO: Any = None, symmetrize_input: bool = True) -> Any:  # noqa: N803
    x = as_float(a)
    x = (x + x.mH) / 2 if symmetrize_input else x
    return tuple(wide(lambda x: torch.linalg.eigh(x, UPLO or "L"), x))


def eigvalsh(a: Any, UPLO: Any = "L", *, symmetrize_input: bool = True) -> torch.Tensor:  # noqa: N803
    return eigh(a, UPLO, symmetrize_input)[0]


def eig(a: Any) -> Any:
    return tuple(wide(torch.linalg.eig, as_float(a)))


def eigvals(a: Any) -> torch.Tensor:
    return wide(torch.linalg.eigvals, as_float(a))


@jax_function(weak=lambda a, n: n > 0)
def matrix_power(a: Any, n: int) -> torch.Tensor:
    x = tensor(a)
    if x.dim() < 2 or x.shape[-1] != x.shape[-2]:
        raise TypeError(f"powers are of square matrices, got the shape {tuple(x.shape)}")
    if n < 0:
        return wide(lambda x: torch.linalg.matrix_power(x, n), as_float(x))
    if x.dtype is torch.bool:
        return torch.linalg.matrix_power(x.to(torch.int32), n) > 0
    return torch.linalg.matrix_power(x, n)


@jax_function(operands="M", weak=False)
def matrix_rank(M: Any, rtol: Any = None, *, tol: Any = None) -> torch.Tensor:  # noqa: N803
    x = as_float(M)
    if x.dim() < 2:
        return (x != 0).any().to(torch.int32)
    limit = rtol if tol is None else tol  # which JAX takes for an absolute one
    bounds = {} if limit is None else {"atol": limit, "rtol": 0.0}
    return wide(lambda x: torch.linalg.matrix_rank(x, **bounds), x).to(torch.int32)


def multi_dot(arrays: Any, *, precision: Any = None) -> torch.Tensor:
    return functools.reduce(matmul, same(*arrays))


@jax_function(operands="x", weak=lambda x, p=None: p is None)
def cond(x: Any, p: Any = None) -> torch.Tensor:
    return wide(lambda x: torch.linalg.cond(x, p), as_float(x))


@jax_function(weak=False)
def lstsq(a: Any, b: Any, rcond: Any = None, *, numpy_resid: bool = False) -> Any:
    a, b = in_float(a, b)

    def solved(a: torch.Tensor, column: torch.Tensor) -> tuple[torch.Tensor, ...]:
        result = torch.linalg.lstsq(a, column, rcond=rcond, driver="gelsd")
        rest = torch.sum((column - a @ result.solution) ** 2, 0)
        return result.solution, rest, result.rank.to(torch.int32), result.singular_values

    solution, *others = wide(solved, a, b[:, None] if b.dim() == 1 else b)
    return solution[:, 0] if b.dim() == 1 else solution, *others
