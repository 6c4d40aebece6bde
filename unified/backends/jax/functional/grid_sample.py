"""Sampling at points that are computed, as spatial transformers do."""

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
    """The points `(N, H, W, 2)` or `(N, D, H, W, 3)` at which affine maps `(N, 2, 3)` or `(N, 3, 4)` read an input.

    `size` is the output's, `(N, C, H, W)` or `(N, C, D, H, W)`; coordinates go from -1 to 1, the last axis's first.
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


def _clipped(place: jax.Array, size: int) -> jax.Array:
    """`place` between the first and the last pixel, with gradient 0 on both, as torch has it."""
    inside = (place > 0) & (place < size - 1)
    return jnp.where(inside, place, jnp.where(place > 0, size - 1, 0))


def _reflected(place: jax.Array, size: int, align_corners: bool) -> jax.Array:
    """`place`, thrown back at the centres of the outer pixels or at their borders."""
    low, span = (0.0, size - 1) if align_corners else (-0.5, size)
    if span == 0:
        return jnp.zeros_like(place)
    distance = jnp.where(place < low, low - place, place - low)
    turns = jnp.floor(distance / span)
    rest = distance - turns * span
    return jnp.where(turns % 2 == 0, rest, span - rest) + low


def _padded(place: jax.Array, size: int, padding_mode: str, align_corners: bool) -> jax.Array:
    if padding_mode == "reflection":
        place = _reflected(place, size, align_corners)
    return place if padding_mode == "zeros" else _clipped(place, size)


Neighbours = list[tuple[jax.Array, jax.Array]]  # places along a dimension, and the weight of each


def _along(mode: str, place: jax.Array, pad: Callable[[jax.Array], jax.Array]) -> Neighbours:
    """The neighbours of points along one dimension."""
    if mode == "bicubic":
        low = jnp.floor(place)
        weights = cubic_weights(place - low)
        return [(pad(low + step), weight) for step, weight in zip((-1, 0, 1, 2), weights, strict=True)]
    place = pad(place)
    if mode == "nearest":
        return [(jnp.round(place), jnp.ones_like(place))]
    low = jnp.floor(place)
    return [(low, low + 1 - place), (low + 1, place - low)]


def grid_sample(
    input: jax.Array,
    grid: jax.Array,
    mode: str = "bilinear",
    padding_mode: str = "zeros",
    align_corners: bool | None = None,
) -> jax.Array:
    """`(N, C, H, W)` at points `(N, h, w, 2)` to `(N, C, h, w)`, or `(N, C, D, H, W)` at `(N, d, h, w, 3)`.

    Coordinates go from -1 to 1, the last dimension's first: to the centres of the corner pixels with `align_corners`,
    else to their corners. Beyond, `padding_mode` is 'zeros', 'border' or 'reflection'.
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
        raise ValueError(f"there is nothing to sample in an input of shape {input.shape}")
    sizes = input.shape[2:]

    def neighbours(axis: int, size: int) -> Neighbours:
        scaled = grid[..., dimensions - 1 - axis] + 1
        place = scaled / 2 * (size - 1) if align_corners else (scaled * size - 1) / 2
        return _along(mode, place, lambda place: _padded(place, size, padding_mode, bool(align_corners)))

    flat = input.reshape(*input.shape[:2], -1)
    output = jnp.zeros((*input.shape[:2], *grid.shape[1:-1]), input.dtype)
    for corner in itertools.product(*[neighbours(axis, size) for axis, size in enumerate(sizes)]):
        index, weight, inside = jnp.zeros(grid.shape[:-1], int), jnp.ones((), input.dtype), jnp.array(True)
        for (place, share), size in zip(corner, sizes, strict=True):
            inside = inside & (place >= 0) & (place < size)
            index = index * size + jnp.clip(place, 0, size - 1).astype(int)
            weight = weight * share
        values = jnp.take_along_axis(flat, index.reshape(index.shape[0], 1, -1), 2).reshape(output.shape)
        output = output + jnp.where(inside[:, None], values * weight[:, None], 0)
    return output
