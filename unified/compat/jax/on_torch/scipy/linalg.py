"""`jax.scipy.linalg` on tensors."""

from typing import Any

import torch

from unified.compat.jax.on_torch.behaviour import REQUIRED, Behaviour, jax_function
from unified.compat.jax.on_torch.numpy import linalg
from unified.compat.jax.on_torch.numpy.linalg import det, inv, wide
from unified.compat.jax.on_torch.numpy.operands import as_float, in_float, same
from unified.compat.jax.on_torch.scipy.linalg_factors import (
    circulant,
    companion,
    hadamard,
    hankel,
    hilbert,
    lu,
    lu_factor,
    lu_solve,
    polar,
    qr,
)

__all__ = [
    "block_diag",
    "cho_factor",
    "cho_solve",
    "cholesky",
    "circulant",
    "companion",
    "det",
    "eigh",
    "expm",
    "hadamard",
    "hankel",
    "hilbert",
    "inv",
    "lu",
    "lu_factor",
    "lu_solve",
    "polar",
    "qr",
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
    column = b[..., None] if b.dim() == 1 else b
    result = wide(lambda b, factor: torch.cholesky_solve(b, factor, upper=not lower), column, factor)
    return result[..., 0] if b.dim() == 1 else result


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
    options: dict[str, Any] = {"upper": not lower, "unitriangular": unit_diagonal}
    result = wide(lambda a, b: torch.linalg.solve_triangular(a, b, **options), a, column)
    return result[..., 0] if b.dim() == 1 else result


def eigh(a: Any, b: Any = None, lower: bool = True, eigvals_only: bool = False, **options: Any) -> Any:
    values, vectors = linalg.eigh(a, "L" if lower else "U")
    return values if eigvals_only else (values, vectors)


def svd(a: Any, full_matrices: bool = True, compute_uv: bool = True, **options: Any) -> Any:
    return linalg.svd(a, full_matrices, compute_uv)


@jax_function(weak=False)
def expm(A: Any, *, upper_triangular: bool = False, max_squarings: int = 16) -> torch.Tensor:  # noqa: N803
    x = as_float(A)
    if x.dtype in (torch.float16, torch.bfloat16):
        raise TypeError(f"expm takes numbers of 32 or 64 bits, got {x.dtype}")
    return torch.linalg.matrix_exp(x)


@jax_function(weak=False)
def block_diag(*arrs: Any) -> torch.Tensor:
    return torch.block_diag(*same(*arrs))


@jax_function(operands="c r", weak=False)
def toeplitz(c: Any, r: Any = None) -> torch.Tensor:
    """Return a matrix for each of the vectors along the last axis."""
    c, other = (value if value.dim() else value.reshape(1) for value in same(c, c if r is None else r))
    other = c.conj() if r is None else other
    batch = torch.broadcast_shapes(c.shape[:-1], other.shape[:-1])
    c, other = c.expand((*batch, c.shape[-1])), other.expand((*batch, other.shape[-1]))
    values = torch.cat([c.flip(-1), other[..., 1:]], -1)
    rows = torch.arange(c.shape[-1], device=c.device)[:, None]
    return values[..., c.shape[-1] - 1 - rows + torch.arange(other.shape[-1], device=c.device)]
