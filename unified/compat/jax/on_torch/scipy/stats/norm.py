"""`jax.scipy.stats.norm`: the normal distribution."""

import math
from typing import Any

import torch

from unified.compat.jax.on_torch.behaviour import Behaviour, jax_function
from unified.compat.jax.on_torch.numpy.operands import in_float

__all__ = ["cdf", "isf", "logcdf", "logpdf", "logsf", "pdf", "ppf", "sf"]

BEHAVIOUR = Behaviour(operands="x loc scale")


def _standard(x: Any, loc: Any, scale: Any) -> tuple[torch.Tensor, torch.Tensor]:
    x, loc, scale = in_float(x, loc, scale)
    return (x - loc) / scale, scale


def logpdf(x: Any, loc: Any = 0, scale: Any = 1) -> torch.Tensor:
    z, scale = _standard(x, loc, scale)
    return -(torch.square(z) + math.log(2 * math.pi) + 2 * torch.log(scale)) / 2


def pdf(x: Any, loc: Any = 0, scale: Any = 1) -> torch.Tensor:
    return torch.exp(logpdf(x, loc, scale))


def cdf(x: Any, loc: Any = 0, scale: Any = 1) -> torch.Tensor:
    return torch.special.ndtr(_standard(x, loc, scale)[0])


def logcdf(x: Any, loc: Any = 0, scale: Any = 1) -> torch.Tensor:
    return torch.special.log_ndtr(_standard(x, loc, scale)[0])


def sf(x: Any, loc: Any = 0, scale: Any = 1) -> torch.Tensor:
    return torch.special.ndtr(-_standard(x, loc, scale)[0])


def logsf(x: Any, loc: Any = 0, scale: Any = 1) -> torch.Tensor:
    return torch.special.log_ndtr(-_standard(x, loc, scale)[0])


def ppf(q: Any, loc: Any = 0, scale: Any = 1) -> torch.Tensor:
    q, loc, scale = in_float(q, loc, scale)
    return torch.special.ndtri(q) * scale + loc


def isf(q: Any, loc: Any = 0, scale: Any = 1) -> torch.Tensor:
    q, loc, scale = in_float(q, loc, scale)
    return torch.special.ndtri(1 - q) * scale + loc
