"""Factors of matrices, and matrices of patterns, of `jax.scipy.linalg`."""

from typing import Any

import torch

from unified.compat.jax.on_torch.array import tensor
from unified.compat.jax.on_torch.behaviour import FIRST, NONE, Behaviour, jax_function
from unified.compat.jax.on_torch.numpy.linalg import wide
from unified.compat.jax.on_torch.numpy.operands import as_float, in_float

__all__ = ["circulant", "companion", "hadamard", "hankel", "hilbert", "lu", "lu_factor", "lu_solve", "polar", "qr"]

BEHAVIOUR = Behaviour(operands=FIRST)


def lu(
    a: Any, permute_l: bool = False, overwrite_a: bool = False, check_finite: bool = True
) -> tuple[torch.Tensor, ...]:
    permutation, lower, upper = wide(torch.linalg.lu, as_float(tensor(a)))
    return (permutation @ lower, upper) if permute_l else (permutation, lower, upper)


@jax_function(weak="first")
def lu_factor(a: Any, overwrite_a: bool = False, check_finite: bool = True) -> tuple[torch.Tensor, torch.Tensor]:
    factors, pivots = torch.linalg.lu_factor(as_float(tensor(a)))
    return factors, pivots - 1  # which torch counts from one


@jax_function(weak=False)
def lu_solve(
    lu_and_piv: Any, b: Any, trans: int = 0, overwrite_b: bool = False, check_finite: bool = True
) -> torch.Tensor:
    factors, pivots = lu_and_piv
    factors, right = in_float(factors, b)
    is_vector = right.dim() == factors.dim() - 1
    right = right[..., None] if is_vector else right
    pivots = tensor(pivots) + 1
    if trans == 0:
        solution = torch.linalg.lu_solve(factors, pivots, right)
    elif trans in (1, 2):
        transposed = factors.conj().resolve_conj() if trans == 1 and factors.is_complex() else factors
        solution = torch.linalg.lu_solve(transposed, pivots, right, adjoint=True)
    else:
        raise ValueError(f"lu_solve solves the system as it is (0), transposed (1) or adjoint (2), got {trans}")
    return solution[..., 0] if is_vector else solution


def qr(
    a: Any, overwrite_a: bool = False, lwork: Any = None, mode: str = "full", pivoting: bool = False,
    check_finite: bool = True,
) -> tuple[torch.Tensor, ...]:  # fmt: skip
    if pivoting:
        raise NotImplementedError("qr has no pivoting on torch")
    if mode not in ("full", "r", "economic"):
        raise ValueError(f"qr has the modes 'full', 'r' and 'economic', got {mode!r}")
    q, r = wide(lambda x: torch.linalg.qr(x, "reduced" if mode == "economic" else "complete"), as_float(tensor(a)))
    return (r,) if mode == "r" else (q, r)


def polar(
    a: Any, side: str = "right", *, method: str = "qdwh", eps: Any = None, max_iterations: Any = None
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return a unitary and a positive semidefinite factor, by the singular values."""
    x = tensor(a)
    if not (x.is_floating_point() or x.is_complex()):
        raise ValueError(f"polar takes real or complex numbers, got {x.dtype}")
    u, s, vh = torch.linalg.svd(x, full_matrices=False)
    root = (vh.mH * s[..., None, :]) @ vh if side == "right" else (u * s[..., None, :]) @ u.mH
    return u @ vh, root


def circulant(c: Any) -> torch.Tensor:
    x = tensor(c)
    places = torch.arange(x.shape[-1], device=x.device)
    return x[..., (places[:, None] - places) % x.shape[-1]]


@jax_function(weak=False)
def companion(a: Any) -> torch.Tensor:
    x = as_float(tensor(a))
    row = -x[..., 1:] / x[..., :1]
    below = torch.eye(x.shape[-1] - 2, x.shape[-1] - 1, dtype=x.dtype, device=x.device)
    return torch.cat([row[..., None, :], below.expand(*row.shape[:-1], *below.shape)], -2)


@jax_function(weak=False)
def hankel(c: Any, r: Any = None) -> torch.Tensor:
    first = tensor(c).reshape(-1)
    last = torch.zeros_like(first) if r is None else tensor(r).reshape(-1)
    values = torch.cat([first, last[1:].to(first.dtype)])
    rows, columns = (torch.arange(part.shape[0], device=first.device) for part in (first, last))
    return values[rows[:, None] + columns]


@jax_function(operands=NONE)
def hadamard(n: int, dtype: Any = None) -> torch.Tensor:
    from unified.compat.jax.on_torch.dtypes import torch_dtype

    if n < 1 or n & (n - 1):
        raise ValueError(f"a Hadamard matrix has a power of two as its size, got {n}")
    result = torch.ones(1, 1, dtype=torch_dtype(int if dtype is None else dtype))
    while result.shape[0] < n:
        result = torch.cat([torch.cat([result, result], 1), torch.cat([result, -result], 1)])
    return result


@jax_function(operands=NONE)
def hilbert(n: int) -> torch.Tensor:
    places = torch.arange(n, dtype=torch.float32)
    return 1 / (places[:, None] + places + 1)
