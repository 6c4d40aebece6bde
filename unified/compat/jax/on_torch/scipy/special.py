"""`jax.scipy.special` on tensors."""

from typing import Any

import torch

from unified.compat.jax.on_torch.behaviour import REQUIRED, Behaviour
from unified.compat.jax.on_torch.nn import log_softmax, logsumexp, softmax
from unified.compat.jax.on_torch.numpy.operands import as_float, in_float

__all__ = [
    "betaln",
    "digamma",
    "entr",
    "erf",
    "erfc",
    "erfinv",
    "expit",
    "factorial",
    "gamma",
    "gammainc",
    "gammaincc",
    "gammaln",
    "i0",
    "i0e",
    "i1",
    "i1e",
    "kl_div",
    "log_ndtr",
    "log_softmax",
    "logit",
    "logsumexp",
    "multigammaln",
    "ndtr",
    "ndtri",
    "polygamma",
    "rel_entr",
    "softmax",
    "xlog1py",
    "xlogy",
    "zeta",
]

BEHAVIOUR = Behaviour(operands=REQUIRED)


def _of(function: Any) -> Any:
    return lambda x: function(as_float(x))


erf, erfc, erfinv = _of(torch.erf), _of(torch.erfc), _of(torch.erfinv)
expit, digamma, gammaln, entr = _of(torch.sigmoid), _of(torch.digamma), _of(torch.lgamma), _of(torch.special.entr)
i0, i0e, i1, i1e = (_of(f) for f in (torch.special.i0, torch.special.i0e, torch.special.i1, torch.special.i1e))
ndtr, ndtri, log_ndtr = _of(torch.special.ndtr), _of(torch.special.ndtri), _of(torch.special.log_ndtr)


def logit(x: Any) -> torch.Tensor:
    x = as_float(x)
    return torch.log(x / (1 - x))


def gamma(x: Any) -> torch.Tensor:
    x = as_float(x)
    sign = torch.where((x < 0) & (torch.remainder(torch.floor(x), 2) != 0), -1.0, 1.0)
    return sign * torch.exp(torch.lgamma(x))


def factorial(n: Any, exact: bool = False) -> torch.Tensor:
    x = as_float(n)
    return torch.where(x < 0, 0.0, torch.exp(torch.lgamma(x + 1)))


def betaln(a: Any, b: Any) -> torch.Tensor:
    a, b = in_float(a, b)
    return torch.lgamma(a) + torch.lgamma(b) - torch.lgamma(a + b)


def gammainc(a: Any, x: Any) -> torch.Tensor:
    return torch.special.gammainc(*in_float(a, x))


def gammaincc(a: Any, x: Any) -> torch.Tensor:
    return torch.special.gammaincc(*in_float(a, x))


def multigammaln(a: Any, d: int) -> torch.Tensor:
    return torch.special.multigammaln(as_float(a), d)


def polygamma(n: int, x: Any) -> torch.Tensor:
    return torch.special.polygamma(int(n), as_float(x))


def xlogy(x: Any, y: Any) -> torch.Tensor:
    return torch.special.xlogy(*in_float(x, y))


def xlog1py(x: Any, y: Any) -> torch.Tensor:
    return torch.special.xlog1py(*in_float(x, y))


def zeta(x: Any, q: Any) -> torch.Tensor:
    return torch.special.zeta(*in_float(x, q))


def rel_entr(p: Any, q: Any) -> torch.Tensor:
    p, q = in_float(p, q)
    return torch.where((p > 0) & (q > 0), p * torch.log(p / q), torch.where((p == 0) & (q >= 0), 0.0, torch.inf))


def kl_div(p: Any, q: Any) -> torch.Tensor:
    p, q = in_float(p, q)
    return rel_entr(p, q) - p + q
