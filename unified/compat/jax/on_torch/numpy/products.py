"""Products: dot, matmul, einsum and their kin. `precision` is taken: torch has one of its own for the whole process."""

import builtins
from typing import Any

import torch

from unified.compat.jax.on_torch.array import tensor, unwrap
from unified.compat.jax.on_torch.behaviour import FIRST, REQUIRED, Behaviour, jax_function
from unified.compat.jax.on_torch.dtypes import torch_dtype
from unified.compat.jax.on_torch.numpy import reductions
from unified.compat.jax.on_torch.numpy.operands import axes_of, in_float, same
from unified.compat.jax.on_torch.numpy.subscripts import in_letters, mistake

__all__ = [
    "convolve",
    "corrcoef",
    "correlate",
    "cov",
    "cross",
    "dot",
    "einsum",
    "inner",
    "kron",
    "matmul",
    "matvec",
    "outer",
    "polyval",
    "tensordot",
    "trace",
    "vdot",
    "vecdot",
    "vecmat",
]

BEHAVIOUR = Behaviour(operands=REQUIRED)  # unless a decorator declares otherwise


def _counting(a: torch.Tensor, b: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Return booleans as integers, which torch's products take: some pair is true where the product is not zero."""
    return (a.to(torch.int32), b.to(torch.int32)) if a.dtype is torch.bool else (a, b)


def _as(found: torch.Tensor, dtype: Any) -> torch.Tensor:
    return found if dtype is None else found.to(torch_dtype(dtype))


@jax_function(method="dot")
def dot(a: Any, b: Any, *, precision: Any = None, preferred_element_type: Any = None, **placing: Any) -> torch.Tensor:
    a, b = same(a, b)
    if not a.dim() or not b.dim():
        return _as(a * b, preferred_element_type)
    x, y = _counting(a, b)
    result = torch.matmul(x, y) if b.dim() <= 2 else torch.tensordot(x, y, ([a.dim() - 1], [b.dim() - 2]))
    return _as(result > 0 if a.dtype is torch.bool else result, preferred_element_type)


@jax_function(operator="matmul", kernel=torch.matmul)
def matmul(
    a: Any, b: Any, *, precision: Any = None, preferred_element_type: Any = None, **placing: Any
) -> torch.Tensor:
    a, b = same(a, b)
    if not a.dim() or not b.dim():
        raise ValueError("matmul takes arrays of at least one axis: multiply numbers with *")
    if a.dtype is torch.bool:
        return torch.matmul(a.to(torch.int32), b.to(torch.int32)) > 0
    return _as(torch.matmul(a, b), preferred_element_type)


@jax_function(operands="subscripts operands")
def einsum(
    subscripts: Any, /, *operands: Any, out: None = None, optimize: Any = "auto", precision: Any = None,
    preferred_element_type: Any = None, _dot_general: Any = None, **placing: Any,
) -> torch.Tensor:  # fmt: skip
    if not isinstance(subscripts, str):  # arrays and lists of axes in turn
        parts = [subscripts, *operands]
        arrays, lists = parts[0:-1:2] if len(parts) % 2 else parts[0::2], parts[1::2]
        names = ["".join("..." if axis is Ellipsis else chr(ord("a") + axis) for axis in axes) for axes in lists]
        output = (
            "->" + "".join("..." if a is Ellipsis else chr(ord("a") + a) for a in parts[-1]) if len(parts) % 2 else ""
        )
        subscripts, operands = ",".join(names) + output, tuple(arrays)
    values, subscripts = same(*operands), in_letters(subscripts)
    if values[0].dtype is torch.bool:
        return _as(_einsum(subscripts, [x.to(torch.int32) for x in values]) > 0, preferred_element_type)
    # torch sums integers in 64 bits
    return _as(_einsum(subscripts, values).to(values[0].dtype), preferred_element_type)


def _einsum(subscripts: str, values: Any) -> torch.Tensor:
    try:
        return torch.einsum(subscripts, *values)
    except RuntimeError as error:
        found = mistake(subscripts, values)
        if found:
            raise ValueError(f"einsum: {found}") from error
        raise


def tensordot(
    a: Any, b: Any, axes: Any = 2, *, precision: Any = None, preferred_element_type: Any = None, **placing: Any
) -> torch.Tensor:
    a, b = same(a, b)
    axes = unwrap(axes)
    if not hasattr(axes, "__index__"):
        axes = tuple([[one] if hasattr(one, "__index__") else list(one) for one in axes])
    if axes == 0:
        return _as(a.reshape((*a.shape, *[1] * b.dim())) * b, preferred_element_type)
    result = torch.tensordot(*_counting(a, b), axes)
    return _as(result > 0 if a.dtype is torch.bool else result, preferred_element_type)


def inner(a: Any, b: Any, *, precision: Any = None, preferred_element_type: Any = None) -> torch.Tensor:
    a, b = same(a, b)
    if not a.dim() or not b.dim():
        return _as(a * b, preferred_element_type)
    result = torch.inner(*_counting(a, b))
    return _as(result > 0 if a.dtype is torch.bool else result, preferred_element_type)


def outer(a: Any, b: Any, out: None = None) -> torch.Tensor:
    a, b = same(a, b)
    return torch.outer(a.reshape(-1), b.reshape(-1))


def vdot(a: Any, b: Any, *, precision: Any = None, preferred_element_type: Any = None) -> torch.Tensor:
    a, b = same(a, b)
    return dot(a.reshape(-1).conj(), b.reshape(-1), preferred_element_type=preferred_element_type)


def vecdot(
    a: Any, b: Any, /, *, axis: int = -1, precision: Any = None, preferred_element_type: Any = None
) -> torch.Tensor:
    a, b = same(a, b)
    if not a.dim() or not b.dim():
        raise ValueError("vecdot takes arrays of at least one axis")
    axis = axes_of(axis, builtins.max(a.dim(), b.dim()))[0]
    result = torch.sum(a.conj() * b, axis, dtype=None if a.dtype is torch.bool else a.dtype)
    return _as(result > 0 if a.dtype is torch.bool else result, preferred_element_type)


def matvec(a: Any, b: Any, /) -> torch.Tensor:
    a, b = same(a, b)
    if a.dim() < 2 or not b.dim():
        raise ValueError(f"matvec takes a matrix and a vector, got {a.dim()} and {b.dim()} axes")
    return matmul(a, b[..., None])[..., 0]


def vecmat(a: Any, b: Any, /) -> torch.Tensor:
    a, b = same(a, b)
    if not a.dim() or b.dim() < 2:
        raise ValueError(f"vecmat takes a vector and a matrix, got {a.dim()} and {b.dim()} axes")
    return matmul(a[..., None, :].conj(), b)[..., 0, :]


def kron(a: Any, b: Any) -> torch.Tensor:
    a, b = same(a, b)
    if a.dtype is torch.bool:
        raise TypeError("booleans are not multiplied: astype makes numbers of them")
    return torch.kron(a, b)


def _of_planes(a: Any, b: Any, *axes: Any, **named: Any) -> bool:
    return 3 not in (*getattr(a, "shape", ()), *getattr(b, "shape", ()))


@jax_function(weak=_of_planes)
def cross(a: Any, b: Any, axisa: int = -1, axisb: int = -1, axisc: int = -1, axis: Any = None) -> torch.Tensor:
    if axis is not None:
        axisa = axisb = axisc = axis
    a, b = same(a, b)
    axisa, axisb = axes_of(axisa, a.dim())[0], axes_of(axisb, b.dim())[0]
    a, b = torch.broadcast_tensors(a.movedim(axisa, -1), b.movedim(axisb, -1))
    if a.shape[-1] == 2:
        return a[..., 0] * b[..., 1] - a[..., 1] * b[..., 0]
    return torch.linalg.cross(a, b, dim=-1).movedim(-1, axisc)


@jax_function(operands=FIRST, weak=False, method="trace")
def trace(a: Any, offset: int = 0, axis1: int = 0, axis2: int = 1, dtype: Any = None, out: None = None) -> torch.Tensor:
    return reductions.sum(torch.diagonal(tensor(a), offset, axis1, axis2), -1, dtype)


def convolve(
    a: Any, v: Any, mode: str = "full", *, precision: Any = None, preferred_element_type: Any = None
) -> torch.Tensor:
    a, v = in_float(a, v)
    return _as(_sliding(a, v.flip(0), mode), preferred_element_type)


def correlate(
    a: Any, v: Any, mode: str = "valid", *, precision: Any = None, preferred_element_type: Any = None
) -> torch.Tensor:
    a, v = in_float(a, v)
    return _as(_sliding(a, v, mode), preferred_element_type)


def _sliding(a: torch.Tensor, v: torch.Tensor, mode: str) -> torch.Tensor:
    if a.dim() != 1 or v.dim() != 1:
        raise ValueError(f"vectors are convolved, got {a.dim()} and {v.dim()} axes")
    swapped = len(a) < len(v)
    if swapped:
        a, v = v.flip(0), a.flip(0)
    size, pad = len(v), {"full": len(v) - 1, "valid": 0, "same": None}[mode]
    before, after = (size // 2, size - 1 - size // 2) if pad is None else (pad, pad)
    wide = torch.nn.functional.pad(a, (before, after))
    return torch.nn.functional.conv1d(wide[None, None], v[None, None])[0, 0]


@jax_function(operands="m y", weak=False)
def cov(
    m: Any, y: Any = None, rowvar: bool = True, bias: bool = False, ddof: int | None = None, fweights: Any = None,
    aweights: Any = None,
) -> torch.Tensor:  # fmt: skip
    rows = in_float(m) if y is None else in_float(m, y)
    if any(row.dim() > 2 for row in rows):
        raise ValueError(f"cov takes arrays of at most 2 axes, got {[row.dim() for row in rows]}")
    rows = [torch.atleast_2d(row) for row in rows]
    x = torch.cat([row if rowvar or row.shape[0] == 1 else row.mT for row in rows])
    correction = (0 if bias else 1) if ddof is None else ddof
    weights = [None if w is None else torch.abs(tensor(w)) for w in (fweights, aweights)]
    return torch.cov(x, correction=correction, fweights=weights[0], aweights=weights[1])


@jax_function(operands="x y", weak=False)
def corrcoef(x: Any, y: Any = None, rowvar: bool = True) -> torch.Tensor:
    c = cov(x, y, rowvar)
    if not c.dim():
        return c / c
    scale = torch.sqrt(torch.diagonal(c))
    return c / scale[:, None] / scale


@jax_function(weak=False)
def polyval(p: Any, x: Any, *, unroll: int = 16) -> torch.Tensor:
    p, x = same(p, x)
    found = torch.zeros_like(x)
    for coefficient in p:
        found = found * x + coefficient
    return found
