"""Products and gradients, on torch."""

from typing import Any

import torch
from array_api_compat.torch import linalg as compat

from unified.backends.torch.numpy.operands import same, tensor, tensors

__all__ = ["einsum", "matmul", "matrix_transpose", "stop_gradient", "tensordot", "vecdot"]

Tensor = torch.Tensor


def einsum(subscripts: str, *operands: Any) -> Tensor:
    return torch.einsum(subscripts, *same(operands))


def matmul(x1: Any, x2: Any) -> Tensor:
    return torch.matmul(*tensors(x1, x2))


def matrix_transpose(x: Any) -> Tensor:
    x = tensor(x)
    if x.dim() < 2:
        raise ValueError(f"matrix_transpose: an array of at least two axes has matrices, got {x.dim()}")
    return torch.transpose(x, -1, -2)


def stop_gradient(x: Any) -> Tensor:
    return tensor(x).detach()


def tensordot(x1: Any, x2: Any, *, axes: Any = 2) -> Tensor:
    x1, x2 = tensors(x1, x2)
    if isinstance(axes, int):
        left, right = tuple(range(x1.dim() - axes, x1.dim())), tuple(range(axes))
    else:
        left, right = (tuple(side) if not isinstance(side, int) else (side,) for side in axes)
    return torch.tensordot(x1, x2, dims=(left, right))


def vecdot(x1: Any, x2: Any, *, axis: int = -1) -> Tensor:
    return compat.vecdot(*tensors(x1, x2), axis=axis)
