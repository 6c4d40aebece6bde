"""`jax.scipy.special` on tensors."""

import math
from typing import Any

import torch

from unified.compat.jax.on_torch import nn
from unified.compat.jax.on_torch.array import Array, as_array, tensor
from unified.compat.jax.on_torch.behaviour import FIRST, REQUIRED, Behaviour, jax_function, of_a_scalar
from unified.compat.jax.on_torch.nn import logsumexp
from unified.compat.jax.on_torch.numpy.linalg import wide
from unified.compat.jax.on_torch.numpy.operands import as_float, in_float
from unified.compat.jax.on_torch.weak import bound

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
expit, gammaln, entr = _of(torch.sigmoid), _of(torch.lgamma), _of(torch.special.entr)
i0, i0e, i1, i1e = (_of(f) for f in (torch.special.i0, torch.special.i0e, torch.special.i1, torch.special.i1e))


def _precise(function: Any) -> Any:
    """Return the function for real numbers of 32 or 64 bits alone."""

    @jax_function(weak=False)
    def of_precise(x: Any) -> torch.Tensor:
        x = tensor(x)
        if x.dtype not in (torch.float32, torch.float64):
            raise TypeError(f"{function.__name__} takes real numbers of 32 or 64 bits, got {x.dtype}")
        return function(x)

    return of_precise


ndtr, ndtri, log_ndtr = map(_precise, (torch.special.ndtr, torch.special.ndtri, torch.special.log_ndtr))


@jax_function(operands=FIRST, weak=False)
def softmax(x: Any, /, *, axis: Any = None) -> torch.Tensor:
    return nn.softmax(x, axis)


@jax_function(operands=FIRST, weak=False)
def log_softmax(x: Any, /, *, axis: Any = None) -> torch.Tensor:
    return nn.log_softmax(x, axis)


def digamma(x: Any) -> torch.Tensor:
    """Return the digamma function: NaN at zero, as JAX's."""
    x = as_float(x)
    return torch.where(x == 0, math.nan, torch.digamma(x))


@jax_function(weak="scalar")
def logit(x: Any) -> torch.Tensor:
    x = as_float(x)
    return torch.log(x / (1 - x))


@jax_function(weak=False)
def gamma(x: Any) -> torch.Tensor:
    x = as_float(x)
    sign = torch.where((x < 0) & (torch.remainder(torch.floor(x), 2) != 0), -1.0, 1.0).to(x.dtype)
    return sign * torch.exp(torch.lgamma(x))


def factorial(n: Any, exact: bool = False) -> torch.Tensor:
    x = as_float(n)
    return torch.where(x < 0, 0.0, torch.exp(torch.lgamma(x + 1)))


def betaln(a: Any, b: Any) -> torch.Tensor:
    a, b = in_float(a, b)
    return torch.lgamma(a) + torch.lgamma(b) - torch.lgamma(a + b)


def gammainc(a: Any, x: Any) -> torch.Tensor:
    """Return the lower integral: NaN at `a = 0` and `x < 1`, as JAX's, where torch has the limit."""
    a, x = in_float(a, x)
    return torch.where((a == 0) & (x < 1), math.nan, torch.special.gammainc(a, x))


def gammaincc(a: Any, x: Any) -> torch.Tensor:
    return torch.special.gammaincc(*in_float(a, x))


@jax_function(operands="a", weak=False)
def multigammaln(a: Any, d: int) -> torch.Tensor:
    return torch.special.multigammaln(as_float(a), d)


@jax_function(on_arrays=True)
def polygamma(n: Any, x: Any) -> Array:
    order = as_array(n).tensor
    if order.is_floating_point() or order.dtype is torch.bool:
        raise ValueError(f"the order of polygamma is an integer, got {order.dtype}")
    return _derivative(n, x)


@bound
def _derivative(n: Any, x: Any) -> torch.Tensor:
    """Return the derivative of order `n` of the digamma function."""
    order, x = tensor(n), as_float(x)
    if order.dim():
        orders, x = torch.broadcast_tensors(order, x)
        pairs = zip(orders.reshape(-1), x.reshape(-1), strict=True)
        return torch.stack([_of_order(int(k), value) for k, value in pairs]).reshape(x.shape)
    return _of_order(int(order), x)


def _of_order(n: int, x: torch.Tensor) -> torch.Tensor:
    return wide(lambda x: torch.special.polygamma(n, x), x) if n else digamma(x)


def xlogy(x: Any, y: Any) -> torch.Tensor:
    return torch.special.xlogy(*in_float(x, y))


def xlog1py(x: Any, y: Any) -> torch.Tensor:
    return torch.special.xlog1py(*in_float(x, y))


def zeta(x: Any, q: Any) -> torch.Tensor:
    return wide(torch.special.zeta, *in_float(x, q))


@jax_function(weak=of_a_scalar)
def rel_entr(p: Any, q: Any) -> torch.Tensor:
    p, q = in_float(p, q)
    outside = torch.where((p == 0) & (q >= 0), 0.0, torch.inf).to(p.dtype)
    return torch.where((p > 0) & (q > 0), p * torch.log(p / q), outside)


@jax_function(weak=of_a_scalar)
def kl_div(p: Any, q: Any) -> torch.Tensor:
    p, q = in_float(p, q)
    return rel_entr(p, q) - p + q
