"""Comparisons, and the choice between two arrays."""

from typing import Any

import jax
import jax.numpy as jnp

from unified.aten.operators.creation import number
from unified.aten.table import operator

_FUNCTIONS = {
    "eq": jnp.equal, "ne": jnp.not_equal, "lt": jnp.less, "le": jnp.less_equal, "gt": jnp.greater,
    "ge": jnp.greater_equal,
}  # fmt: skip


def _compare(function: Any) -> Any:
    def compare(x: Any, y: Any) -> jax.Array:
        # A number may be outside of the dtype: then its limit compares in the same way, or is equal to it.
        if isinstance(y, int) and jnp.issubdtype(x.dtype, jnp.integer):
            y = number(y, x.dtype)
        return function(x, y)

    return compare


for _name, _function in _FUNCTIONS.items():
    operator(f"{_name}.Tensor", f"{_name}.Scalar")(_compare(_function))


@operator("where.self", "where.ScalarSelf", "where.ScalarOther", "where.Scalar", typed=True)
def where(condition: jax.Array, x: Any, y: Any, dtype: Any) -> jax.Array:
    """Return `x` where the condition is true, else `y`."""
    return jnp.where(condition, number(x, dtype), number(y, dtype))


@operator("masked_fill", typed=True)
def masked_fill(x: jax.Array, mask: jax.Array, value: Any, dtype: Any) -> jax.Array:
    """Return `value` where the mask is true, else `x`."""
    return jnp.where(mask, number(value, dtype), x)


@operator("isclose.default")
def isclose(x: Any, y: Any, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False) -> jax.Array:
    """Return where two arrays are equal within tolerances."""
    return jnp.isclose(x, y, rtol, atol, equal_nan)


@operator("any")
def any_true(x: jax.Array, dim: Any = None, keepdim: bool = False) -> jax.Array:
    """Return whether any value is not zero."""
    return jnp.any(x, tuple(dim) if isinstance(dim, (list, tuple)) else dim, keepdims=keepdim)


@operator("all")
def all_true(x: jax.Array, dim: Any = None, keepdim: bool = False) -> jax.Array:
    """Return whether all values are not zero."""
    return jnp.all(x, tuple(dim) if isinstance(dim, (list, tuple)) else dim, keepdims=keepdim)
