"""Resizing.

Each mode resizes one dimension after the other. An output is a weighted sum of a few inputs (*taps*), whose indices and
weights follow from the sizes alone and are NumPy constants. Coordinates are computed in float32, as in torch, since
rounding decides which pixel is the nearest.
"""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from unified.backends.jax.functional.avg_pooling import adaptive_avg_pool_over
from unified.core.layouts import is_channels_last

__all__ = ["interpolate"]

_RANKS = {"linear": (3,), "bilinear": (4,), "bicubic": (4,), "lanczos": (4,), "trilinear": (5,)}
_ALL_RANKS = (3, 4, 5)


class Taps(NamedTuple):
    """The indices and the weights of the inputs of each output along a dimension: both `(outputs, taps)`."""

    indices: np.ndarray
    weights: np.ndarray


def _scale(size: int, out: int, factor: float | None, align_corners: bool) -> np.float32:
    """Return the distance between two outputs, in inputs."""
    if align_corners:
        return np.float32(size - 1) / np.float32(out - 1) if out > 1 else np.float32(0)
    return np.float32(size) / np.float32(out) if factor is None else np.float32(1.0 / factor)


def _centers(size: int, out: int, factor: float | None, align_corners: bool) -> np.ndarray:
    """Return the centre of each output, in inputs from the centre of the first input."""
    scale, index = _scale(size, out, factor, align_corners), np.arange(out, dtype=np.float32)
    if align_corners:
        return scale * index
    return scale * (index + np.float32(0.5)) - np.float32(0.5)


def _nearest_taps(size: int, out: int, factor: float | None, offset: float) -> Taps:
    positions = np.arange(out, dtype=np.float32) + np.float32(offset)
    indices = np.floor(positions * _scale(size, out, factor, False)).astype(np.int64)
    return Taps(np.minimum(indices, size - 1)[:, None], np.ones((out, 1), np.float32))


def _linear_taps(size: int, out: int, factor: float | None, align_corners: bool) -> Taps:
    centers = np.maximum(_centers(size, out, factor, align_corners), 0)
    low = np.minimum(centers.astype(np.int64), size - 1)
    fraction = np.clip(centers - low.astype(np.float32), 0, 1).astype(np.float32)
    return Taps(np.stack([low, np.minimum(low + 1, size - 1)], 1), np.stack([1 - fraction, fraction], 1))


def cubic_near(x: Any, a: float) -> Any:
    """Return the cubic convolution kernel of Keys (1981) at distances up to 1."""
    return ((a + 2) * x - (a + 3)) * x * x + 1


def cubic_far(x: Any, a: float) -> Any:
    """Return that kernel at distances from 1 to 2, where it ends."""
    return ((x - 5) * x + 8) * x * a - 4 * a


def cubic_weights(fraction: Any) -> list[Any]:
    """Return the weights of four neighbours, for a point at this fraction of the way from the second to the third."""
    a = -0.75
    return [
        cubic_far(1 + fraction, a),
        cubic_near(fraction, a),
        cubic_near(1 - fraction, a),
        cubic_far(2 - fraction, a),
    ]


def _cubic_taps(size: int, out: int, factor: float | None, align_corners: bool) -> Taps:
    centers = _centers(size, out, factor, align_corners)
    low = np.floor(centers)
    indices = low[:, None] + np.arange(-1, 3, dtype=np.float32)
    weights = np.stack(cubic_weights(centers - low), 1).astype(np.float32)
    return Taps(np.clip(indices.astype(np.int64), 0, size - 1), weights)


def _cubic_filter(x: np.ndarray) -> np.ndarray:
    x = abs(x)
    return np.where(x < 1, cubic_near(x, -0.5), np.where(x < 2, cubic_far(x, -0.5), 0))


def _lanczos_filter(x: np.ndarray) -> np.ndarray:
    return np.where(abs(x) < 3, np.sinc(x) * np.sinc(x / 3), 0)


# The filter of each mode with antialias, and its radius.
_FILTERS: dict[str, Any] = {
    "bilinear": (lambda x: np.maximum(1 - abs(x), 0), 1),
    "bicubic": (_cubic_filter, 2),
    "lanczos": (_lanczos_filter, 3),
}


def _antialiased_taps(size: int, out: int, factor: float | None, align_corners: bool, mode: str) -> Taps:
    """Return the taps of a filter that is stretched when downsampling, as in the Python Imaging Library."""
    kernel, radius = _FILTERS[mode]
    scale = _scale(size, out, factor, align_corners)
    stretch = max(scale, np.float32(1))
    half = np.float32(0.5)  # also with align_corners, which only changes the scale
    centers = scale * (np.arange(out, dtype=np.float32) + half)
    support = np.float32(radius) * stretch
    first = np.maximum((centers - support + half).astype(np.int64), 0)
    last = np.minimum((centers + support + half).astype(np.int64), size)
    indices = first[:, None] + np.arange(max(int((last - first).max()), 1))
    weights = kernel((indices.astype(np.float32) - centers[:, None] + half) / stretch)
    weights = np.where(indices < last[:, None], weights, 0)
    total = weights.sum(1, keepdims=True)
    weights = weights / np.where(total == 0, 1, total)
    return Taps(np.minimum(indices, size - 1), weights.astype(np.float32))


def _resize_axis(input: jax.Array, axis: int, taps: Taps) -> jax.Array:
    """Return the outputs of `taps` along `axis`."""
    total: Any = None
    for indices, weights in zip(taps.indices.T, taps.weights.T, strict=True):
        if not weights.any():
            continue
        term = jnp.take(input, indices, axis)
        if (weights != 1).any():
            # A weight of 0 must cancel also an infinity.
            factor = weights.astype(input.dtype).reshape(*(1,) * axis, -1, *(1,) * (input.ndim - axis - 1))
            term = jnp.where(factor == 0, 0, term * factor) if (weights == 0).any() else term * factor
        total = term if total is None else total + term
    return jnp.zeros_like(jnp.take(input, taps.indices[:, 0], axis)) if total is None else total


def _sizes(
    spatial: tuple[int, ...], size: Any, scale_factor: Any, recompute: bool
) -> tuple[list[int], list[float | None]]:
    """Return the output's sizes, and the scale factors of coordinates; `None` is the ratio of the sizes."""
    factors: list[float | None] = [None] * len(spatial)
    if (size is None) == (scale_factor is None):
        raise ValueError(f"either size or scale_factor must be given, got {size!r} and {scale_factor!r}")
    argument, name = (scale_factor, "scale_factor") if size is None else (size, "size")
    values = list(argument) if isinstance(argument, (tuple, list)) else [argument] * len(spatial)
    if len(values) != len(spatial):
        raise ValueError(f"{name} must have {len(spatial)} values for an input with sizes {spatial}, got {argument!r}")
    if size is not None:
        if not all(hasattr(value, "__index__") for value in values):
            raise TypeError(f"size must be integers, got {size!r}")
        if recompute:
            raise ValueError("recompute_scale_factor=True needs a scale_factor, got a size")
        sizes = [int(value) for value in values]
    else:
        sizes = [int(length * factor) for length, factor in zip(spatial, values, strict=True)]
        if not recompute:
            factors = [factor if factor > 0 else None for factor in values]
    if min(*sizes, *spatial, 1) < 1:
        raise ValueError(f"an input with sizes {spatial} cannot be resized to {sizes}: all sizes must be positive")
    return sizes, factors


def interpolate(
    input: jax.Array,
    size: Any = None,
    scale_factor: Any = None,
    mode: str = "nearest",
    align_corners: bool | None = None,
    recompute_scale_factor: bool | None = None,
    antialias: bool = False,
) -> jax.Array:
    """Resize the last one, two or three dimensions of `(N, C, ...)`.

    `mode` is 'nearest', 'nearest-exact', 'area', 'linear', 'bilinear', 'trilinear', 'bicubic' or 'lanczos'.
    """
    return resize(input, size, scale_factor, mode, align_corners, recompute_scale_factor, antialias, None)


def resize(
    input: jax.Array,
    size: Any,
    scale_factor: Any,
    mode: str,
    align_corners: bool | None,
    recompute_scale_factor: bool | None,
    antialias: bool,
    data_format: str | None,
) -> jax.Array:
    """Compute `interpolate` of an input with its channels where `data_format` says."""
    if mode not in ("nearest", "nearest-exact", "area", *_RANKS):
        raise NotImplementedError(f"interpolate has no mode {mode!r}")
    ranks = _RANKS.get(mode, _ALL_RANKS)
    if input.ndim not in ranks:
        expected = " or ".join(map(str, ranks))
        raise NotImplementedError(f"mode={mode!r} takes an input of {expected} dimensions, got shape {input.shape}")
    if align_corners is not None and mode not in _RANKS:
        raise ValueError(f"mode={mode!r} does not take align_corners, got {align_corners}")
    if antialias and mode not in _FILTERS:
        raise ValueError(f"antialias=True needs one of the modes {', '.join(_FILTERS)}, got mode={mode!r}")
    if mode == "lanczos" and (align_corners or not antialias):
        raise ValueError("mode='lanczos' needs antialias=True, and does not take align_corners")
    first = 1 if is_channels_last(data_format) else 2
    spatial = input.shape[first : first + input.ndim - 2]
    sizes, factors = _sizes(spatial, size, scale_factor, bool(recompute_scale_factor))
    if mode == "area":
        return adaptive_avg_pool_over(input.ndim - 2, input, tuple(sizes), data_format)
    for axis, (out, factor) in enumerate(zip(sizes, factors, strict=True), first):
        length = input.shape[axis]
        if mode.startswith("nearest"):
            taps = _nearest_taps(length, out, factor, 0.5 if mode == "nearest-exact" else 0.0)
        elif antialias:
            taps = _antialiased_taps(length, out, factor, bool(align_corners), mode)
        elif mode == "bicubic":
            taps = _cubic_taps(length, out, factor, bool(align_corners))
        else:
            taps = _linear_taps(length, out, factor, bool(align_corners))
        is_identity = np.array_equal(taps.indices[:, 0], np.arange(length)) and (taps.weights[:, 0] == 1).all()
        if out != length or not is_identity:
            input = _resize_axis(input, axis, taps)
    return input
