"""Random numbers: drawn at the scope of the module that draws them, as by the layers of unified."""

import math
from typing import Any

import jax
import jax.numpy as jnp

from unified.aten.table import operator
from unified.backends.jax.functional.dropout import draw_at_scope, drop
from unified.core.distributions import Bernoulli, Normal, Randint, Uniform
from unified.core.draws import DROPOUT
from unified.core.scope import current_scope

WHAT = "from_torch"  # in errors, the name of what draws


@operator("native_dropout.default", "dropout.default", draws=True)
def dropout(x: jax.Array, p: float, training: bool | None) -> tuple[jax.Array, jax.Array]:
    """Set each value to zero with probability `p`; return the mask of those that are left too."""
    if training is False or p == 0:
        return x, jnp.ones(x.shape, bool)
    keep = draw_at_scope(WHAT, Bernoulli(1 - p), x.shape, "bool", DROPOUT)
    return drop(x, keep, p), keep


@operator("bernoulli.p", typed=True, draws=True)
def bernoulli(x: jax.Array, p: float = 0.5, *, dtype: Any, **ignored: Any) -> jax.Array:
    """Draw ones with probability `p`, in the shape of `x`."""
    return draw_at_scope(WHAT, Bernoulli(p), x.shape, "bool").astype(dtype)


@operator("bernoulli.default", "bernoulli.Tensor", typed=True, draws=True)
def bernoulli_of(x: jax.Array, p: jax.Array | None = None, *, dtype: Any, **ignored: Any) -> jax.Array:
    """Draw ones with the probabilities `p`, or `x`."""
    probability = x if p is None else p
    uniform = draw_at_scope(WHAT, Uniform(), x.shape, "float32")
    return (uniform < probability).astype(dtype)


@operator("rand.default", "rand.generator", typed=True, draws=True)
def rand(size: Any, *, dtype: Any, **ignored: Any) -> jax.Array:
    """Draw uniform values in [0, 1)."""
    return draw_at_scope(WHAT, Uniform(), tuple(size), dtype)


@operator("rand_like.default", "uniform.default", typed=True, draws=True)
def uniform(x: jax.Array, low: float = 0, high: float = 1, *, dtype: Any, **ignored: Any) -> jax.Array:
    """Draw uniform values between two bounds, in the shape of `x`."""
    return draw_at_scope(WHAT, Uniform(low, high), x.shape, dtype)


@operator("randn.default", "randn.generator", typed=True, draws=True)
def randn(size: Any, *, dtype: Any, **ignored: Any) -> jax.Array:
    """Draw standard normal values."""
    return draw_at_scope(WHAT, Normal(), tuple(size), dtype)


@operator("randn_like.default", "normal_functional.default", typed=True, draws=True)
def normal(x: jax.Array, mean: float = 0, std: float = 1, *, dtype: Any, **ignored: Any) -> jax.Array:
    """Draw normal values in the shape of `x`."""
    return draw_at_scope(WHAT, Normal(mean, std), x.shape, dtype)


@operator("exponential.default", typed=True, draws=True)
def exponential(x: jax.Array, rate: float = 1, *, dtype: Any, **ignored: Any) -> jax.Array:
    """Draw from the exponential distribution in the shape of `x`."""
    return -jnp.log1p(-draw_at_scope(WHAT, Uniform(), x.shape, dtype)) / rate


@operator("randint.default", "randint.low", typed=True, draws=True)
def randint(*args: Any, dtype: Any, **ignored: Any) -> jax.Array:
    """Draw integers from a first bound, or zero, up to a second one, which is excluded."""
    *low, high, size = args
    return draw_at_scope(WHAT, Randint(low[0] if low else 0, high), tuple(size), "int32").astype(dtype)


@operator("randint_like.default", "randint_like.low_dtype", typed=True, draws=True)
def randint_like(x: jax.Array, *bounds: int, dtype: Any, **ignored: Any) -> jax.Array:
    """Draw integers in the shape of `x`."""
    return randint(*bounds, x.shape, dtype=dtype)


@operator("randperm.default", typed=True, draws=True)
def randperm(count: int, *, dtype: Any, **ignored: Any) -> jax.Array:
    """Return the integers below `count` in random order."""
    scope = current_scope(WHAT)
    return scope.frame.permutation(count, scope.frame.next_draw(scope.path)).astype(dtype)


@operator("multinomial.default", draws=True)
def multinomial(weights: jax.Array, count: int, replacement: bool = False, **ignored: Any) -> jax.Array:
    """Draw `count` classes from each row of weights."""
    shape = (*weights.shape[:-1], count, weights.shape[-1]) if replacement else weights.shape
    noise = -jnp.log(-jnp.log(draw_at_scope(WHAT, Uniform(2.0**-25, 1.0), shape, "float32")))
    scores = jnp.log(weights)
    if replacement:
        return jnp.argmax(jnp.expand_dims(scores, -2) + noise, -1)
    return jax.lax.top_k(scores + noise, count)[1]


@operator("rrelu_with_noise_functional.default", draws=True)
def rrelu(
    x: jax.Array, noise: jax.Array, lower: float = 1 / 8, upper: float = 1 / 3, training: bool = False, *_: Any
) -> Any:
    """Multiply negative values by a random slope, in evaluation by the middle one."""
    if not training:
        return jnp.where(x >= 0, x, x * ((lower + upper) / 2)), noise
    slopes = draw_at_scope(WHAT, Uniform(lower, math.nextafter(upper, math.inf)), x.shape, x.dtype)
    return jnp.where(x <= 0, x * slopes, x), jnp.where(x <= 0, slopes, 1)
