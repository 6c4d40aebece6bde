"""Sampling at computed points, as in spatial transformers."""

import itertools
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp

from unified.backends.jax.functional.interpolate import cubic_weights

__all__ = ["affine_grid", "grid_sample"]

MODES = ("bilinear", "nearest", "bicubic")
PADDINGS = ("zeros", "border", "reflection")


def affine_grid(theta: jax.Array, size: Any, align_corners: bool | None = None) -> jax.Array:
    """Return the points `(N, H, W, 2)` or `(N, D, H, W, 3)` of affine maps `(N, 2, 3)` or `(N, 3, 4)`.

    `grid_sample` takes them. `size` is its output's, `(N, C, H, W)` or `(N, C, D, H, W)`. Coordinates go from
    -1 to 1, the last axis first.
    """
    dimensions = len(size) - 2
    if dimensions not in (2, 3):
        raise NotImplementedError(f"affine_grid takes a size (N, C, H, W) or (N, C, D, H, W), got {size}")
    if not jnp.issubdtype(theta.dtype, jnp.floating):
        raise ValueError(f"theta must be of a floating dtype, got {theta.dtype}")
    if theta.shape != (size[0], dimensions, dimensions + 1):
        raise ValueError(f"size {size} needs theta {(size[0], dimensions, dimensions + 1)}, got shape {theta.shape}")
    if min(size) <= 0:
        raise ValueError(f"all sizes must be positive, got {size}")

    def steps(count: int) -> jax.Array:
        if count == 1:
            return jnp.zeros(1, theta.dtype)
        steps = jnp.linspace(-1, 1, count, dtype=theta.dtype)
        return steps if align_corners else steps * ((count - 1) / count)

    axes = jnp.meshgrid(*map(steps, size[2:]), indexing="ij")
    points = jnp.stack([*reversed(axes), jnp.ones(size[2:], theta.dtype)], -1)
    return jnp.einsum("...j,nij->n...i", points, theta)


def _clip(position: jax.Array, size: int) -> jax.Array:
    """Clip a position to the first and the last pixel, with gradient 0 on both, as in torch."""
    inside = (position > 0) & (position < size - 1)
    return jnp.where(inside, position, jnp.where(position > 0, size - 1, 0))


def _reflect(position: jax.Array, size: int, align_corners: bool) -> jax.Array:
    """Reflect a position at the centres of the outer pixels, or at their outer borders."""
    low, span = (0.0, size - 1) if align_corners else (-0.5, size)
    if span == 0:
        return jnp.zeros_like(position)
    distance = jnp.where(position < low, low - position, position - low)
    turns = jnp.floor(distance / span)
    rest = distance - turns * span
    return jnp.where(turns % 2 == 0, rest, span - rest) + low


def _pad(position: jax.Array, size: int, padding_mode: str, align_corners: bool) -> jax.Array:
    """Move a position beyond the input back into it, unless `padding_mode` is 'zeros'."""
    if padding_mode == "reflection":
        position = _reflect(position, size, align_corners)
    return position if padding_mode == "zeros" else _clip(position, size)


Neighbours = list[tuple[jax.Array, jax.Array]]  # positions along a dimension, and the weight of each


def _neighbours(mode: str, position: jax.Array, pad: Callable[[jax.Array], jax.Array]) -> Neighbours:
    """Return the neighbours of points along one dimension."""
    if mode == "bicubic":
        low = jnp.floor(position)
        weights = cubic_weights(position - low)
        return [(pad(low + step), weight) for step, weight in zip((-1, 0, 1, 2), weights, strict=True)]
    position = pad(position)
    if mode == "nearest":
        return [(jnp.round(position), jnp.ones_like(position))]
    low = jnp.floor(position)
    return [(low, low + 1 - position), (low + 1, position - low)]


def grid_sample(
    input: jax.Array,
    grid: jax.Array,
    mode: str = "bilinear",
    padding_mode: str = "zeros",
    align_corners: bool | None = None,
) -> jax.Array:
    """Sample `(N, C, H, W)` at points `(N, h, w, 2)` to `(N, C, h, w)`, or `(N, C, D, H, W)` at `(N, d, h, w, 3)`.

    Coordinates go from -1 to 1, the last dimension first: to the centres of the corner pixels with `align_corners`,
    else to their outer corners. Beyond these, `padding_mode` is 'zeros', 'border' or 'reflection'.
    """
    if mode not in MODES:
        raise ValueError(f"mode must be one of {', '.join(MODES)}, got {mode!r}")
    if padding_mode not in PADDINGS:
        raise ValueError(f"padding_mode must be one of {', '.join(PADDINGS)}, got {padding_mode!r}")
    dimensions = input.ndim - 2
    if dimensions not in (2, 3) or (mode == "bicubic" and dimensions == 3):
        raise ValueError(f"grid_sample by {mode} does not take an input of shape {input.shape}")
    if grid.ndim != input.ndim or grid.shape[0] != input.shape[0] or grid.shape[-1] != dimensions:
        raise ValueError(f"an input of shape {input.shape} needs a grid (N, ..., {dimensions}), got shape {grid.shape}")
    if 0 in input.shape[2:]:
        raise ValueError(f"grid_sample takes an input without empty dimensions, got shape {input.shape}")
    sizes = input.shape[2:]

    def neighbours(axis: int, size: int) -> Neighbours:
        scaled = grid[..., dimensions - 1 - axis] + 1
        position = scaled / 2 * (size - 1) if align_corners else (scaled * size - 1) / 2
        return _neighbours(mode, position, lambda position: _pad(position, size, padding_mode, bool(align_corners)))

    flat = input.reshape(*input.shape[:2], -1)
    output = jnp.zeros((*input.shape[:2], *grid.shape[1:-1]), input.dtype)
    for corner in itertools.product(*[neighbours(axis, size) for axis, size in enumerate(sizes)]):
        index, weight, inside = jnp.zeros(grid.shape[:-1], int), jnp.ones((), input.dtype), jnp.array(True)
        for (position, axis_weight), size in zip(corner, sizes, strict=True):
            inside = inside & (position >= 0) & (position < size)
            index = index * size + jnp.clip(position, 0, size - 1).astype(int)
            weight = weight * axis_weight
        values = jnp.take_along_axis(flat, index.reshape(index.shape[0], 1, -1), 2).reshape(output.shape)
        output = output + jnp.where(inside[:, None], values * weight[:, None], 0)
    return output
