"""`jax.scipy.stats.norm`: the normal distribution."""

import math
from typing import Any

import torch

from unified.compat.jax.on_torch.behaviour import Behaviour, jax_function, of_a_scalar
from unified.compat.jax.on_torch.numpy.elementwise import subtract
from unified.compat.jax.on_torch.numpy.operands import in_float
from unified.compat.jax.on_torch.scipy.special import log_ndtr, ndtr, ndtri

__all__ = ["cdf", "isf", "logcdf", "logpdf", "logsf", "pdf", "ppf", "sf"]

BEHAVIOUR = Behaviour(operands="x loc scale", weak=False)  # unless a decorator declares otherwise


def _standard(x: Any, loc: Any, scale: Any) -> tuple[torch.Tensor, torch.Tensor]:
    x, loc, scale = in_float(x, loc, scale)
    return (x - loc) / scale, scale


@jax_function(weak=of_a_scalar, meets=int)
def logpdf(x: Any, loc: Any = 0, scale: Any = 1) -> torch.Tensor:
    z, scale = _standard(x, loc, scale)
    return -(torch.square(z) + math.log(2 * math.pi) + 2 * torch.log(scale)) / 2


@jax_function(weak=of_a_scalar, meets=int)
def pdf(x: Any, loc: Any = 0, scale: Any = 1) -> torch.Tensor:
    return torch.exp(logpdf(x, loc, scale))


def cdf(x: Any, loc: Any = 0, scale: Any = 1) -> torch.Tensor:
    return ndtr(_standard(x, loc, scale)[0])


def logcdf(x: Any, loc: Any = 0, scale: Any = 1) -> torch.Tensor:
    return log_ndtr(_standard(x, loc, scale)[0])


def sf(x: Any, loc: Any = 0, scale: Any = 1) -> torch.Tensor:
    return ndtr(-_standard(x, loc, scale)[0])


def logsf(x: Any, loc: Any = 0, scale: Any = 1) -> torch.Tensor:
    return log_ndtr(-_standard(x, loc, scale)[0])


@jax_function(operands="q")
def ppf(q: Any, loc: Any = 0, scale: Any = 1) -> torch.Tensor:
    z, loc, scale = in_float(ndtri(q), loc, scale)
    return z * scale + loc


@jax_function(operands="q")
def isf(q: Any, loc: Any = 0, scale: Any = 1) -> torch.Tensor:
    return ppf(subtract(True, q), loc, scale)
