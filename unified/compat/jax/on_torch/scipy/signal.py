"""`jax.scipy.signal` on tensors."""

from typing import Any

import torch

from unified.compat.jax.on_torch.behaviour import REQUIRED, Behaviour
from unified.compat.jax.on_torch.lax.convolution import conv_general_dilated
from unified.compat.jax.on_torch.numpy.operands import in_float

__all__ = ["convolve", "convolve2d", "correlate", "correlate2d"]

BEHAVIOUR = Behaviour(operands=REQUIRED)


def _sliding(a: Any, v: Any, mode: str) -> torch.Tensor:
    a, v = in_float(a, v)
    pads = []
    for size in v.shape:
        whole = (size - 1, size - 1)
        pads.append({"full": whole, "valid": (0, 0), "same": (size // 2, size - 1 - size // 2)}[mode])
    return conv_general_dilated(a[None, None], v[None, None], (1,) * a.dim(), pads)[0, 0]


def convolve(in1: Any, in2: Any, mode: str = "full", method: str = "auto", precision: Any = None) -> torch.Tensor:
    in1, in2 = in_float(in1, in2)
    return _sliding(in1, in2.flip(list(range(in2.dim()))), mode)


def convolve2d(
    in1: Any, in2: Any, mode: str = "full", boundary: str = "fill", fillvalue: float = 0, precision: Any = None
) -> torch.Tensor:
    if boundary != "fill" or fillvalue:
        raise NotImplementedError("convolve2d fills with zeros, as on JAX")
    return convolve(in1, in2, mode)


def correlate(in1: Any, in2: Any, mode: str = "full", method: str = "auto", precision: Any = None) -> torch.Tensor:
    return _sliding(in1, in2, mode)


def correlate2d(
    in1: Any, in2: Any, mode: str = "full", boundary: str = "fill", fillvalue: float = 0, precision: Any = None
) -> torch.Tensor:
    if boundary != "fill" or fillvalue:
        raise NotImplementedError("correlate2d fills with zeros, as on JAX")
    return _sliding(in1, in2, mode)
