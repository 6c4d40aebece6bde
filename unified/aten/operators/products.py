"""Products of matrices."""

from typing import Any

import jax
import jax.numpy as jnp

from unified.aten.table import operator
from unified.backends.jax import functional as F

for _name in ("mm", "bmm", "mv", "dot", "matmul"):
    operator(f"{_name}.default")(jnp.matmul)
operator("linear.default")(F.linear)
operator("bilinear.default")(F.bilinear)
operator("outer.default")(jnp.outer)
operator("kron.default")(jnp.kron)


def _sum(x: Any, product: Any, beta: Any, alpha: Any) -> jax.Array:
    product = product if alpha == 1 else product * alpha
    if beta == 0:  # and then NaN in `x` do not matter
        return product
    return (x if beta == 1 else x * beta) + product


@operator("addmm.default", "addmv.default", "baddbmm.default")
def add_product(x: Any, one: jax.Array, two: jax.Array, *, beta: Any = 1, alpha: Any = 1) -> jax.Array:
    """Return `beta * x + alpha * one @ two`."""
    return _sum(x, jnp.matmul(one, two), beta, alpha)


@operator("einsum.default")
def einsum(equation: str, arrays: Any, **ignored: Any) -> jax.Array:
    """Return the sum of products that the equation describes."""
    return jnp.einsum(equation.replace(" ", ""), *arrays)


@operator("linalg_cross.default")
def cross(x: jax.Array, y: jax.Array, *, dim: int = -1) -> jax.Array:
    """Return the cross product along `dim`."""
    return jnp.cross(x, y, axis=dim)


@operator("_cdist_forward.default", "cdist.default")
def cdist(x: jax.Array, y: jax.Array, p: float = 2, compute_mode: Any = None) -> jax.Array:
    """Return the distances between all rows of `x` and of `y`; the gradient at distance zero is zero."""
    gaps = jnp.abs(x[..., :, None, :] - y[..., None, :, :])
    if p == 0:
        return jnp.sum(gaps != 0, -1).astype(gaps.dtype)
    if p == 1:
        return jnp.sum(gaps, -1)
    if p == float("inf"):
        return jnp.max(gaps, -1)
    powers = jnp.sum(gaps**p, -1)
    is_zero = powers == 0
    return jnp.where(is_zero, 0, jnp.where(is_zero, 1, powers) ** (1 / p))
