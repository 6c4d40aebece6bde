"""Linear algebra, on torch: array-api-compat's where torch differs from the standard."""

from collections.abc import Callable
from typing import Any

import torch
from array_api_compat.torch import linalg as compat

from unified.backends.torch.numpy.operands import as_dtype, tensor, tensors
from unified.backends.torch.numpy.products import matmul, matrix_transpose, tensordot, vecdot
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

Tensor = torch.Tensor


def _unary(function: Callable[..., Any]) -> Callable[..., Any]:
    def call(x: Any, **options: Any) -> Any:
        return function(tensor(x), **options)

    return call


cholesky = _unary(torch.linalg.cholesky)
det = _unary(torch.linalg.det)
eigvalsh = _unary(torch.linalg.eigvalsh)
inv = _unary(torch.linalg.inv)
svdvals = _unary(torch.linalg.svdvals)


def cross(x1: Any, x2: Any, *, axis: int = -1) -> Tensor:
    return compat.cross(*tensors(x1, x2), axis=axis)


def diagonal(x: Any, *, offset: int = 0) -> Tensor:
    return torch.diagonal(tensor(x), offset, -2, -1)


def eigh(x: Any) -> Eigh[Tensor]:
    return Eigh(*torch.linalg.eigh(tensor(x)))


def matrix_norm(x: Any, *, keepdims: bool = False, ord: Any = "fro") -> Tensor:
    return torch.linalg.matrix_norm(tensor(x), "fro" if ord is None else ord, keepdim=keepdims)


def matrix_power(x: Any, n: int) -> Tensor:
    return torch.linalg.matrix_power(tensor(x), n)


def matrix_rank(x: Any, *, rtol: Any = None) -> Tensor:
    return torch.linalg.matrix_rank(tensor(x), rtol=rtol)


def outer(x1: Any, x2: Any) -> Tensor:
    return torch.outer(*tensors(x1, x2))


def pinv(x: Any, *, rtol: Any = None) -> Tensor:
    return torch.linalg.pinv(tensor(x), rtol=rtol)


def qr(x: Any, *, mode: Any = "reduced") -> QR[Tensor]:
    return QR(*torch.linalg.qr(tensor(x), mode))


def slogdet(x: Any) -> Slogdet[Tensor]:
    return Slogdet(*torch.linalg.slogdet(tensor(x)))


def solve(x1: Any, x2: Any) -> Tensor:
    return compat.solve(*tensors(x1, x2))


def svd(x: Any, *, full_matrices: bool = True) -> SVD[Tensor]:
    return SVD(*torch.linalg.svd(tensor(x), full_matrices))


def trace(x: Any, *, offset: int = 0, dtype: Any = None) -> Tensor:
    return compat.trace(tensor(x), offset=offset, dtype=as_dtype(dtype))


def vector_norm(x: Any, *, axis: Any = None, keepdims: bool = False, ord: Any = 2) -> Tensor:
    x = tensor(x)
    if axis == () or not x.dim():
        return (x != 0).to(x.real.dtype) if ord == 0 else torch.abs(x)
    return torch.linalg.vector_norm(x, ord, axis, keepdims)
