"""`jax.scipy.signal` on tensors."""

from typing import Any

import torch

from unified.compat.jax.on_torch.array import tensor
from unified.compat.jax.on_torch.behaviour import REQUIRED, Behaviour
from unified.compat.jax.on_torch.lax.convolution import conv_general_dilated
from unified.compat.jax.on_torch.numpy.operands import in_float

__all__ = ["convolve", "convolve2d", "correlate", "correlate2d"]

BEHAVIOUR = Behaviour(operands=REQUIRED)


def _sliding(a: Any, v: Any, mode: str, low: bool = False) -> torch.Tensor:
    """Return a correlation; with `low`, the middle of even sizes is the lower of two elements."""
    a, v = in_float(a, v)
    if a.dim() != v.dim():
        raise ValueError(f"arrays of one number of axes are convolved, got {a.dim()} and {v.dim()}")
    if not a.dim():
        return a * v
    pads = []
    for size in v.shape:
        whole, half = (size - 1, size - 1), (size // 2, size - 1 - size // 2)
        pads.append({"full": whole, "valid": (0, 0), "same": half[::-1] if low else half}[mode])
    return conv_general_dilated(a[None, None], v[None, None], (1,) * a.dim(), pads)[0, 0]


def convolve(in1: Any, in2: Any, mode: str = "full", method: str = "auto", precision: Any = None) -> torch.Tensor:
    in1, in2 = in_float(in1, in2)
    return _sliding(in1, in2.flip(list(range(in2.dim()))), mode)


def _check(name: str, in1: Any, in2: Any, boundary: str, fillvalue: float) -> None:
    if boundary != "fill" or fillvalue:
        raise NotImplementedError(f"{name} fills with zeros, as on JAX")
    if tensor(in1).dim() != 2 or tensor(in2).dim() != 2:
        raise ValueError(f"{name} takes arrays of 2 axes, got {tensor(in1).dim()} and {tensor(in2).dim()}")


def convolve2d(
    in1: Any, in2: Any, mode: str = "full", boundary: str = "fill", fillvalue: float = 0, precision: Any = None
) -> torch.Tensor:
    _check("convolve2d", in1, in2, boundary, fillvalue)
    return convolve(in1, in2, mode)


def correlate(in1: Any, in2: Any, mode: str = "full", method: str = "auto", precision: Any = None) -> torch.Tensor:
    return _sliding(in1, in2, mode)


def correlate2d(
    in1: Any, in2: Any, mode: str = "full", boundary: str = "fill", fillvalue: float = 0, precision: Any = None
) -> torch.Tensor:
    _check("correlate2d", in1, in2, boundary, fillvalue)
    return _sliding(in1, in2, mode, low=True)
