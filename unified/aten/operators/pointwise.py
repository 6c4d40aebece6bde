"""Functions of one array, element by element."""

from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

from unified.aten.table import operator

_FUNCTIONS = {
    "acos": jnp.arccos, "acosh": jnp.arccosh, "asin": jnp.arcsin, "asinh": jnp.arcsinh, "atan": jnp.arctan,
    "atanh": jnp.arctanh, "ceil": jnp.ceil, "conj_physical": jnp.conj, "cos": jnp.cos, "cosh": jnp.cosh,
    "deg2rad": jnp.deg2rad, "erf": jax.scipy.special.erf, "erfc": jax.scipy.special.erfc,
    "erfinv": jax.scipy.special.erfinv, "exp": jnp.exp, "exp2": jnp.exp2, "expm1": jnp.expm1, "floor": jnp.floor,
    "frac": lambda x: x - jnp.trunc(x), "imag": jnp.imag, "isfinite": jnp.isfinite, "isinf": jnp.isinf,
    "isnan": jnp.isnan, "lgamma": jax.scipy.special.gammaln, "log": jnp.log, "log10": jnp.log10, "log1p": jnp.log1p,
    "log2": jnp.log2, "logical_not": jnp.logical_not, "neg": jnp.negative, "bitwise_not": jnp.bitwise_not,
    "rad2deg": jnp.rad2deg, "real": jnp.real, "sign": jnp.sign, "sgn": jnp.sign, "signbit": jnp.signbit,
    "sin": jnp.sin, "sinc": jnp.sinc, "sinh": jnp.sinh, "sqrt": jnp.sqrt, "square": jnp.square, "tan": jnp.tan,
    "trunc": jnp.trunc, "digamma": jax.scipy.special.digamma,
}  # fmt: skip
for _name, _function in _FUNCTIONS.items():
    operator(f"{_name}.default")(_function)


@operator("abs.default")
def absolute(x: jax.Array) -> jax.Array:
    """Return absolute values, whose gradient at zero is zero, as in torch."""
    if not jnp.issubdtype(x.dtype, jnp.floating):
        return jnp.abs(x)
    return x * lax.stop_gradient(jnp.sign(x))


@operator("reciprocal.default")
def reciprocal(x: jax.Array) -> jax.Array:
    """Return `1 / x`, also of integers."""
    return 1 / x


@operator("rsqrt.default")
def rsqrt(x: jax.Array) -> jax.Array:
    """Return `1 / sqrt(x)`, also of integers."""
    return lax.rsqrt(x) if jnp.issubdtype(x.dtype, jnp.inexact) else 1 / jnp.sqrt(x)


@operator("round.default", "round.decimals")
def round_half_even(x: jax.Array, *, decimals: int = 0) -> jax.Array:
    """Round to the nearest, halves to even."""
    return jnp.round(x, decimals)


@operator("nan_to_num.default")
def nan_to_num(x: jax.Array, nan: Any = None, posinf: Any = None, neginf: Any = None) -> jax.Array:
    """Replace NaN and the infinities."""
    return jnp.nan_to_num(x, nan=0.0 if nan is None else nan, posinf=posinf, neginf=neginf)


@operator("logit.default")
def logit(x: jax.Array, eps: float | None = None) -> jax.Array:
    """Return the inverse of the logistic function."""
    return jax.scipy.special.logit(x if eps is None else jnp.clip(x, eps, 1 - eps))


@operator("alias.default", "clone.default", "contiguous.default", "lift_fresh_copy.default", "lift.default")
def identity(x: jax.Array, **ignored: Any) -> jax.Array:
    """Return `x`: arrays are immutable, and have no memory formats."""
    return x


@operator("detach.default")
def detach(x: jax.Array) -> jax.Array:
    """Return `x` without its gradient."""
    return lax.stop_gradient(x)


@operator("_to_copy.default", "to.dtype", "to.dtype_layout", "type_as.default", typed=True)
def convert(x: jax.Array, *ignored: Any, dtype: Any, **more: Any) -> jax.Array:
    """Return `x` in another dtype."""
    return x.astype(dtype)
