"""Polynomials as arrays of coefficients, the highest power first.

Source: https://numpy.org/doc/stable/reference/routines.polynomials.poly1d.html
"""

from typing import Any

import torch

from unified.compat.jax.on_torch.array import tensor
from unified.compat.jax.on_torch.behaviour import FIRST, Behaviour, jax_function
from unified.compat.jax.on_torch.numpy.operands import as_float, numeric

__all__ = ["poly", "polyadd", "polyder", "polyfit", "polyint", "polymul", "polysub", "roots"]

BEHAVIOUR = Behaviour(operands=FIRST, weak=False)


def _padded(a: torch.Tensor, b: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Return coefficients of one length, with zeros for the powers that one of them lacks."""
    longest = max(a.shape[0], b.shape[0])
    wide = [torch.cat([x.new_zeros(longest - x.shape[0]), x]) for x in (a, b)]
    return wide[0], wide[1]


@jax_function(operands="a1 a2", weak=True)
def polyadd(a1: Any, a2: Any) -> torch.Tensor:
    a, b = _padded(*numeric(a1, a2))
    return a + b


@jax_function(operands="a1 a2", weak=True)
def polysub(a1: Any, a2: Any) -> torch.Tensor:
    a, b = _padded(*numeric(a1, a2))
    return a - b


@jax_function(operands="a1 a2", weak=True)
def polymul(a1: Any, a2: Any, *, trim_leading_zeros: bool = False) -> torch.Tensor:
    a, b = (as_float(x) for x in numeric(a1, a2))
    if trim_leading_zeros:
        a, b = (_trimmed(x) for x in (a, b))
    rows = [torch.cat([a.new_zeros(i), a[i] * b, a.new_zeros(a.shape[0] - 1 - i)]) for i in range(a.shape[0])]
    return torch.stack(rows).sum(0)


def _trimmed(p: torch.Tensor) -> torch.Tensor:
    nonzero = torch.nonzero(p)
    return p[int(nonzero[0, 0]) :] if nonzero.numel() else p[-1:]


def polyder(p: Any, m: int = 1) -> torch.Tensor:
    if m < 0:
        raise ValueError(f"a polynomial is differentiated a number of times that is not negative, got {m}")
    x = as_float(tensor(p))
    for _ in range(m):
        powers = torch.arange(x.shape[0] - 1, 0, -1, device=x.device).to(x.dtype)
        x = x[:-1] * powers
    return x


def polyint(p: Any, m: int = 1, k: Any = None) -> torch.Tensor:
    if m < 0:
        raise ValueError(f"a polynomial is integrated a number of times that is not negative, got {m}")
    x = as_float(tensor(p))
    if isinstance(k, list | tuple):
        raise TypeError("the constants of polyint are an array: jnp.asarray(k)")
    constants = torch.zeros(m) if k is None else tensor(k).reshape(-1).expand(m)
    for step in range(m):
        powers = torch.arange(x.shape[0], 0, -1, device=x.device).to(x.dtype)
        x = torch.cat([x / powers, constants[step : step + 1].to(x.dtype)])
    return x


def poly(seq_of_zeros: Any) -> torch.Tensor:
    x = as_float(tensor(seq_of_zeros))
    if x.dim() == 2:
        x = torch.linalg.eigvals(x)
    result = torch.ones(1, dtype=x.dtype, device=x.device)
    for root in x:
        result = torch.cat([result, result.new_zeros(1)]) - torch.cat([result.new_zeros(1), root * result])
    return result


def roots(p: Any, *, strip_zeros: bool = True) -> torch.Tensor:
    """Return the roots as complex numbers: the eigenvalues of the companion matrix, and zeros for trailing ones."""
    x = as_float(tensor(p))
    kind = torch.complex128 if x.dtype in (torch.float64, torch.complex128) else torch.complex64
    nonzero = torch.nonzero(x).flatten()
    if not nonzero.numel():
        return torch.zeros(0, dtype=kind)
    first, last = int(nonzero[0]), int(nonzero[-1])
    zeros = torch.zeros(x.shape[0] - 1 - last, dtype=kind)
    inner = x[first : last + 1]
    if inner.shape[0] < 2:
        return zeros
    companion = torch.diag(torch.ones(inner.shape[0] - 2, dtype=inner.dtype), -1)
    companion = torch.cat([(-inner[1:] / inner[0])[None], companion[1:]])
    return torch.cat([torch.linalg.eigvals(companion).to(kind), zeros])


@jax_function(operands="x y")
def polyfit(
    x: Any, y: Any, deg: int, rcond: Any = None, full: bool = False, w: Any = None, cov: Any = False
) -> torch.Tensor:
    if full or cov:
        raise NotImplementedError("polyfit returns coefficients alone on torch: full and cov are not offered")
    x, y = tensor(x), as_float(tensor(y))
    if not x.is_floating_point():
        raise ValueError(f"polyfit takes real numbers for x, got {x.dtype}")
    dtype = torch.promote_types(x.dtype, y.dtype)
    powers = torch.arange(deg, -1, -1, device=x.device)
    matrix, target = x.to(dtype)[:, None] ** powers.to(dtype), y.to(dtype)
    if w is not None:
        weights = tensor(w).to(dtype)
        matrix = matrix * weights[:, None]
        target = target * (weights[:, None] if target.dim() == 2 else weights)
    scale = torch.sqrt((matrix * matrix).sum(0))  # columns of one length, which makes the problem well conditioned
    pseudo = torch.linalg.pinv(matrix / scale, rtol=rcond if rcond is not None else x.shape[0] * torch.finfo(dtype).eps)
    solution = pseudo @ target
    return (solution.T / scale).T
