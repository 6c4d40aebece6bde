"""`jax.scipy.linalg` on tensors."""

from typing import Any

import torch

from unified.compat.jax.on_torch.behaviour import REQUIRED, Behaviour
from unified.compat.jax.on_torch.numpy import linalg
from unified.compat.jax.on_torch.numpy.linalg import det, inv
from unified.compat.jax.on_torch.numpy.operands import as_float, in_float

__all__ = [
    "block_diag",
    "cho_factor",
    "cho_solve",
    "cholesky",
    "det",
    "eigh",
    "expm",
    "inv",
    "solve",
    "solve_triangular",
    "svd",
    "toeplitz",
]

BEHAVIOUR = Behaviour(operands=REQUIRED)


def cholesky(a: Any, lower: bool = False, overwrite_a: bool = False, check_finite: bool = True) -> torch.Tensor:
    return linalg.cholesky(a, upper=not lower)


def cho_factor(a: Any, lower: bool = False, overwrite_a: bool = False, check_finite: bool = True) -> Any:
    return cholesky(a, lower), lower


def cho_solve(c_and_lower: Any, b: Any, overwrite_b: bool = False, check_finite: bool = True) -> torch.Tensor:
    factor, lower = c_and_lower
    factor, b = in_float(factor, b)
    found = torch.cholesky_solve(b[..., None] if b.dim() == 1 else b, factor, upper=not lower)
    return found[..., 0] if b.dim() == 1 else found


def solve(
    a: Any,
    b: Any,
    lower: bool = False,
    overwrite_a: bool = False,
    overwrite_b: bool = False,
    debug: bool = False,
    check_finite: bool = True,
    assume_a: str = "gen",
) -> torch.Tensor:
    return linalg.solve(a, b)


def solve_triangular(
    a: Any, b: Any, trans: Any = 0, lower: bool = False, unit_diagonal: bool = False, overwrite_b: bool = False,
    debug: Any = None, check_finite: bool = True,
) -> torch.Tensor:  # fmt: skip
    a, b = in_float(a, b)
    if trans in (1, "T", 2, "C"):
        a, lower = a.mT, not lower
    column = b[..., None] if b.dim() == 1 else b
    found = torch.linalg.solve_triangular(a, column, upper=not lower, unitriangular=unit_diagonal)
    return found[..., 0] if b.dim() == 1 else found


def eigh(a: Any, b: Any = None, lower: bool = True, eigvals_only: bool = False, **options: Any) -> Any:
    values, vectors = linalg.eigh(a, "L" if lower else "U")
    return values if eigvals_only else (values, vectors)


def svd(a: Any, full_matrices: bool = True, compute_uv: bool = True, **options: Any) -> Any:
    return linalg.svd(a, full_matrices, compute_uv)


def expm(A: Any, *, upper_triangular: bool = False, max_squarings: int = 16) -> torch.Tensor:  # noqa: N803
    return torch.linalg.matrix_exp(as_float(A))


def block_diag(*arrs: Any) -> torch.Tensor:
    return torch.block_diag(*in_float(*arrs))


def toeplitz(c: Any, r: Any = None) -> torch.Tensor:
    c = as_float(c)
    r = c.conj() if r is None else as_float(r)
    values = torch.cat([c.flip(0), r[1:]])
    rows = torch.arange(len(c), device=c.device)[:, None]
    return values[len(c) - 1 - rows + torch.arange(len(r), device=c.device)]
