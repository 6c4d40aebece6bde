"""Further distributions of `jax.random`, by JAX's algorithms over its draws of uniform, normal and gamma variates.

Loops of rejection run until every value is accepted; in `vmap`, values that are accepted stay as they are.
"""

import math
from collections.abc import Callable
from typing import Any

import torch

from unified.compat.jax.on_torch import tracing
from unified.compat.jax.on_torch.array import tensor
from unified.compat.jax.on_torch.behaviour import NONE, TAKEN, Behaviour
from unified.compat.jax.on_torch.dtypes import torch_dtype
from unified.compat.jax.on_torch.numpy.operands import as_float, in_float
from unified.compat.jax.on_torch.random.draws import (
    bernoulli,
    exponential,
    gamma,
    holds_anywhere,
    loggamma,
    normal,
    rademacher,
    shape_of,
    split,
    uniform,
)

__all__ = [
    "ball",
    "binomial",
    "chisquare",
    "double_sided_maxwell",
    "f",
    "generalized_normal",
    "geometric",
    "lognormal",
    "maxwell",
    "multinomial",
    "orthogonal",
    "pareto",
    "poisson",
    "rayleigh",
    "t",
    "triangular",
    "wald",
    "weibull_min",
]

BEHAVIOUR = Behaviour(operands=NONE, key=TAKEN)

State = tuple[torch.Tensor, ...]


def _shape(shape: Any, *parameters: torch.Tensor) -> tuple[int, ...]:
    """Return the shape of the draws: that of the parameters if it is `None`."""
    if shape is None:
        return tuple(torch.broadcast_shapes(*(value.shape for value in parameters)))
    return shape_of(shape)


def _parameters(dtype: Any, *values: Any) -> list[torch.Tensor]:
    return [tensor(value).to(torch_dtype(dtype)) for value in values]


def _repeat(is_running: Callable[..., torch.Tensor], step: Callable[..., State], state: State) -> State:
    """Return the state after steps while any element is running; what a mapped axis is done with stays as it is."""
    while True:
        running = is_running(*state).any()
        if not holds_anywhere(running):
            return state
        state = tuple(torch.where(running, new, old) for new, old in zip(step(*state), state, strict=True))


def _split(key: torch.Tensor, count: int) -> list[torch.Tensor]:
    """Return keys as words that torch computes with."""
    return list(split(key.to(torch.uint32), count).to(torch.int64).unbind(0))


def _uniform(key: torch.Tensor, shape: tuple[int, ...], dtype: torch.dtype) -> torch.Tensor:
    return uniform(key.to(torch.uint32), shape, dtype)


def pareto(key: torch.Tensor, b: Any, shape: Any = None, dtype: Any = float, *, out_sharding: Any = None) -> Any:
    (b,) = _parameters(dtype, b)
    return torch.exp(exponential(key, _shape(shape, b), dtype) / b)


def t(key: torch.Tensor, df: Any, shape: Any = (), dtype: Any = float, *, out_sharding: Any = None) -> Any:
    (df,) = _parameters(dtype, df)
    shape = _shape(shape, df)
    key_normal, key_gamma = split(key)
    return normal(key_normal, shape, dtype) * torch.sqrt(df / 2 / gamma(key_gamma, df / 2, shape, dtype))


def chisquare(key: torch.Tensor, df: Any, shape: Any = None, dtype: Any = float, *, out_sharding: Any = None) -> Any:
    (df,) = _parameters(dtype, df)
    return 2 * torch.exp(loggamma(key, df / 2, shape, dtype))


def f(
    key: torch.Tensor, dfnum: Any, dfden: Any, shape: Any = None, dtype: Any = float, *, out_sharding: Any = None
) -> Any:
    dfnum, dfden = _parameters(dtype, dfnum, dfden)
    shape = _shape(shape, dfnum, dfden)
    key_denominator, key_numerator = split(key)
    numerator = chisquare(key_numerator, dfnum, shape, dtype) / dfnum
    return numerator / (chisquare(key_denominator, dfden, shape, dtype) / dfden)


def maxwell(key: torch.Tensor, shape: Any = (), dtype: Any = float, *, out_sharding: Any = None) -> torch.Tensor:
    return torch.linalg.vector_norm(normal(key, (*_shape(shape), 3), dtype), dim=-1)


def double_sided_maxwell(key: torch.Tensor, loc: Any, scale: Any, shape: Any = (), dtype: Any = float) -> Any:
    loc, scale = _parameters(dtype, loc, scale)
    parameters = _shape(None, loc, scale)
    shape = (*(_shape(shape) or parameters), *parameters)
    key_maxwell, key_sign = split(key)
    return rademacher(key_sign, shape, dtype) * maxwell(key_maxwell, shape, dtype) * scale + loc


def weibull_min(key: torch.Tensor, scale: Any, concentration: Any, shape: Any = (), dtype: Any = float) -> Any:
    scale, concentration = _parameters(dtype, scale, concentration)
    drawn = uniform(key, _shape(shape), dtype, 0.0, 1.0)
    return torch.pow(-torch.log1p(-drawn), 1 / concentration) * scale


def orthogonal(
    key: torch.Tensor, n: int, shape: Any = (), dtype: Any = float, m: int | None = None, *, out_sharding: Any = None
) -> torch.Tensor:
    """Draw matrices of `n` rows and `m` (by default `n`) columns, with orthonormal rows or columns."""
    m = n if m is None else m
    q, r = torch.linalg.qr(normal(key, (*_shape(shape), max(n, m), min(n, m)), dtype))
    q = q * torch.sign(torch.diagonal(r, dim1=-2, dim2=-1)).unsqueeze(-2)
    return q.mT if n < m else q


def generalized_normal(
    key: torch.Tensor, p: Any, shape: Any = (), dtype: Any = float, *, out_sharding: Any = None
) -> torch.Tensor:
    (p,) = _parameters(dtype, p)
    key_gamma, key_sign = split(key)
    size = gamma(key_gamma, 1 / p, _shape(shape), dtype)
    return rademacher(key_sign, _shape(shape), dtype) * size ** (1 / p)


def ball(
    key: torch.Tensor, d: int, p: Any = 2, shape: Any = (), dtype: Any = float, *, out_sharding: Any = None
) -> torch.Tensor:
    """Draw points of the unit ball of `d` dimensions in the norm of order `p`."""
    key_direction, key_radius = split(key)
    direction = generalized_normal(key_direction, p, (*_shape(shape), d), dtype)
    radius = (torch.abs(direction) ** p).sum(-1) + exponential(key_radius, _shape(shape), dtype)
    return direction / (radius ** (1 / p)).unsqueeze(-1)


def rayleigh(key: torch.Tensor, scale: Any, shape: Any = None, dtype: Any = float, *, out_sharding: Any = None) -> Any:
    (scale,) = _parameters(dtype, scale)
    return scale * torch.sqrt(-2 * torch.log(uniform(key, _shape(shape, scale), dtype)))


def wald(key: torch.Tensor, mean: Any, shape: Any = None, dtype: Any = float, *, out_sharding: Any = None) -> Any:
    (mean,) = _parameters(dtype, mean)
    shape = _shape(shape, mean)
    key_normal, key_uniform = split(key)
    y = normal(key_normal, shape, dtype) ** 2
    x = mean + mean**2 * y / 2 - mean / 2 * torch.sqrt(4 * mean * y + mean**2 * y**2)
    return torch.where(uniform(key_uniform, shape, dtype) <= mean / (mean + x), x, mean**2 / x)


def geometric(key: torch.Tensor, p: Any, shape: Any = None, dtype: Any = int, *, out_sharding: Any = None) -> Any:
    p = as_float(p)
    drawn = uniform(key, _shape(shape, p), p.dtype)
    drawn = torch.where(drawn == 0, 1.0, drawn)
    return (torch.floor(torch.log(drawn) / torch.log1p(-p)) + 1).to(torch_dtype(dtype))


def triangular(
    key: torch.Tensor, left: Any, mode: Any, right: Any, shape: Any = None, dtype: Any = float,
    *, out_sharding: Any = None,
) -> torch.Tensor:  # fmt: skip
    left, mode, right = _parameters(dtype, left, mode, right)
    drawn = uniform(key, _shape(shape, left, mode, right), dtype)
    low = left + torch.sqrt(drawn * (right - left) * (mode - left))
    high = right - torch.sqrt((1 - drawn) * (right - left) * (right - mode))
    return torch.where(drawn < (mode - left) / (right - left), low, high)


def lognormal(
    key: torch.Tensor, sigma: Any = 1.0, shape: Any = None, dtype: Any = float, *, out_sharding: Any = None
) -> torch.Tensor:
    (sigma,) = _parameters(dtype, sigma)
    return torch.exp(normal(key, _shape(shape, sigma), dtype) * sigma)


@tracing.primitive(lambda key, rate: tracing.abstract_of(rate))
def _poisson_by_products(key: torch.Tensor, rate: torch.Tensor) -> torch.Tensor:
    """Count uniform variates until their product is below `exp(-rate)`: Knuth's algorithm, for small rates."""

    def step(count: torch.Tensor, log_product: torch.Tensor, key: torch.Tensor) -> State:
        key, drawing = _split(key, 2)
        count = torch.where(log_product > -rate, count + 1, count)
        return count, log_product + torch.log(_uniform(drawing, tuple(rate.shape), torch.float32)), key

    zeros = torch.zeros_like(rate)
    state = _repeat(lambda count, log_product, key: log_product > -rate, step, (zeros, zeros, key.to(torch.int64)))
    return state[0] - 1


@tracing.primitive(lambda key, rate: tracing.abstract_of(rate))
def _poisson_by_rejection(key: torch.Tensor, rate: torch.Tensor) -> torch.Tensor:
    """Draw by transformed rejection, for large rates. Source: W. Hörmann, doi:10.1016/0167-6687(93)90997-4."""
    b = 0.931 + 2.53 * torch.sqrt(rate)
    a = -0.059 + 0.02483 * b
    inverse_alpha, v_r = 1.1239 + 1.1328 / (b - 3.4), 0.9277 - 3.6224 / (b - 2)

    def step(result: torch.Tensor, accepted: torch.Tensor, key: torch.Tensor) -> State:
        key, first, second = _split(key, 3)
        u = _uniform(first, tuple(rate.shape), rate.dtype) - 0.5
        v = _uniform(second, tuple(rate.shape), rate.dtype)
        shifted = 0.5 - torch.abs(u)
        k = torch.floor((2 * a / shifted + b) * u + rate + 0.43)
        s = torch.log(v * inverse_alpha / (a / (shifted * shifted) + b))
        bound = -rate + k * torch.log(rate) - torch.lgamma(k + 1)
        rejected = (k < 0) | ((shifted < 0.013) & (v > shifted))
        accept = ((shifted >= 0.07) & (v <= v_r)) | (~rejected & (s <= bound))
        return torch.where(accept, k, result), accepted | accept, key

    start = torch.full_like(rate, -1), torch.zeros_like(rate, dtype=torch.bool), key.to(torch.int64)
    return _repeat(lambda result, accepted, key: ~accepted, step, start)[0]


def poisson(key: torch.Tensor, lam: Any, shape: Any = None, dtype: Any = int, *, out_sharding: Any = None) -> Any:
    rate = as_float(lam)
    rate = rate.expand(_shape(shape, rate))
    is_small = torch.isnan(rate) | (rate < 10)
    result = torch.where(
        is_small,
        _poisson_by_products(key, torch.where(is_small, rate, 0.0)),
        _poisson_by_rejection(key, torch.where(is_small, 1e5, rate)),
    )
    return torch.where(rate == 0, 0.0, result).to(torch_dtype(dtype))


STIRLING = (
    0.0810614667953272, 0.0413406959554092, 0.0276779256849983, 0.02079067210376509, 0.0166446911898211,
    0.0138761288230707, 0.0118967099458917, 0.0104112652619720, 0.00925546218271273, 0.00833056343336287,
)  # fmt: skip


def _stirling_tail(k: torch.Tensor) -> torch.Tensor:
    """Return what Stirling's formula for the logarithm of `k!` leaves over."""
    clamped = torch.clamp(k, 0.0, 9.0)
    square = (clamped + 1) ** 2
    series = (1 / 12 - (1 / 360 - 1 / 1260 / square) / square) / (clamped + 1)
    return torch.where(k <= 9, torch.tensor(STIRLING, dtype=k.dtype)[torch.nan_to_num(clamped).to(torch.int64)], series)


@tracing.primitive(lambda key, count, p: tracing.abstract_of(p))
def _binomial_by_waiting(key: torch.Tensor, count: torch.Tensor, p: torch.Tensor) -> torch.Tensor:
    """Count geometric waiting times until they exceed `count`, for few successes."""
    log_failure = torch.log1p(-p)

    def step(successes: torch.Tensor, waited: torch.Tensor, key: torch.Tensor) -> State:
        drawing, key = _split(key, 2)
        successes = torch.where(waited <= count, successes + 1, successes)
        drawn = _uniform(drawing, tuple(p.shape), p.dtype)
        return successes, waited + torch.ceil(torch.log(drawn) / log_failure), key

    zeros = torch.zeros_like(p)
    start = zeros, zeros, key.to(torch.int64)
    return _repeat(lambda successes, waited, key: waited <= count, step, start)[0] - 1


@tracing.primitive(lambda key, count, p: tracing.abstract_of(p))
def _binomial_by_rejection(key: torch.Tensor, count: torch.Tensor, p: torch.Tensor) -> torch.Tensor:
    """Draw by transformed rejection (BTRS). Source: W. Hörmann, doi:10.1080/00949659308811496."""
    deviation = torch.sqrt(count * p * (1 - p))
    b = 1.15 + 2.53 * deviation
    a = -0.0873 + 0.0248 * b + 0.01 * p
    c, v_r, odds, alpha = count * p + 0.5, 0.92 - 4.2 / b, p / (1 - p), (2.83 + 5.1 / b) * deviation
    m = torch.floor((count + 1) * p)

    def step(result: torch.Tensor, accepted: torch.Tensor, key: torch.Tensor) -> State:
        key, first, second = _split(key, 3)
        u = _uniform(first, tuple(p.shape), p.dtype) - 0.5
        v = _uniform(second, tuple(p.shape), p.dtype)
        us = 0.5 - torch.abs(u)
        sure = (us >= 0.07) & (v <= v_r)
        k = torch.floor((2 * a / us + b) * u + c)
        rejected = (k < 0) | (k > count)
        v = torch.log(v * alpha / (a / (us * us) + b))
        bound = (
            (m + 0.5) * torch.log((m + 1) / (odds * (count - m + 1)))
            + (count + 1) * torch.log((count - m + 1) / (count - k + 1))
            + (k + 0.5) * torch.log(odds * (count - k + 1) / (k + 1))
            + (_stirling_tail(m) + _stirling_tail(count - m) - _stirling_tail(k) - _stirling_tail(count - k))
        )
        accept = sure | (~rejected & (v <= bound))
        return torch.where(accept, k, result), accepted | accept, key

    start = torch.full_like(p, -1), torch.zeros_like(p, dtype=torch.bool), key.to(torch.int64)
    return _repeat(lambda result, accepted, key: ~accepted, step, start)[0]


def binomial(key: torch.Tensor, n: Any, p: Any, shape: Any = None, dtype: Any = float) -> torch.Tensor:
    p = as_float(p)
    count = tensor(n).to(p.dtype)
    shape = _shape(shape, count, p)
    count, p = count.expand(shape), p.expand(shape)
    q = torch.where(p < 0.5, p, 1 - p)
    is_bad_count, is_bad_q = torch.isnan(count) | (count < 0), torch.isnan(q) | (q < 0)
    q = torch.where(is_bad_q, 0.01, q)
    is_small = is_bad_count | (count * q <= 10)
    whole = torch.floor(count)
    result = torch.where(
        is_small,
        _binomial_by_waiting(key, torch.where(is_small, whole, 0.0), q),
        _binomial_by_rejection(key, torch.where(is_small, 1e4, whole), torch.where(is_small, 0.5, q)),
    )
    result = torch.where(is_bad_q | is_bad_count, math.nan, result)
    is_infinite = torch.isinf(count)
    result = torch.where(is_infinite & ~(is_bad_q | is_bad_count), math.inf, result)
    kept = (p < 0.5) | is_bad_count | is_bad_q | is_infinite
    return torch.where(kept, result, whole - result).to(torch_dtype(dtype))


def multinomial(
    key: torch.Tensor, n: Any, p: Any, *, shape: Any = None, dtype: Any = float, unroll: Any = 1
) -> torch.Tensor:
    n, p = in_float(n, p)
    shape = tuple(p.shape) if shape is None else _shape(shape)
    remaining, p = n.expand(shape[:-1]), p.expand(shape)
    rest = torch.flip(torch.cumsum(torch.flip(p, (-1,)), -1), (-1,))
    ratios = p / torch.where(rest == 0, 1.0, rest)
    counts = []
    for drawing, ratio in zip(split(key, shape[-1]), ratios.unbind(-1), strict=True):
        counts.append(binomial(drawing, remaining, ratio.clamp(0, 1), dtype=remaining.dtype))
        remaining = remaining - counts[-1]
    return torch.stack(counts, -1).to(torch_dtype(dtype))
