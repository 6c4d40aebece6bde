"""Resizing.

Every mode works along one dimension after the other: each output is a sum of a few inputs, at places (*taps*) and with
weights that follow from the sizes alone, so that they are NumPy constants. Coordinates are computed in float32, as
torch computes them, since rounding decides which pixel is the nearest.
"""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from unified.backends.jax.functional.pooling import adaptive_avg_pool1d, adaptive_avg_pool2d, adaptive_avg_pool3d

__all__ = ["interpolate"]

_AREA = {3: adaptive_avg_pool1d, 4: adaptive_avg_pool2d, 5: adaptive_avg_pool3d}
_RANKS = {"linear": (3,), "bilinear": (4,), "bicubic": (4,), "lanczos": (4,), "trilinear": (5,)}
_EVERY_RANK = (3, 4, 5)


class Taps(NamedTuple):
    """For each output along a dimension the inputs that it is made of, and their weights: both `(outputs, taps)`."""

    places: np.ndarray
    weights: np.ndarray


def _scale(size: int, out: int, factor: float | None, align_corners: bool) -> np.float32:
    """How far apart two outputs are, in inputs."""
    if align_corners:
        return np.float32(size - 1) / np.float32(out - 1) if out > 1 else np.float32(0)
    return np.float32(size) / np.float32(out) if factor is None else np.float32(1.0 / factor)


def _centers(size: int, out: int, factor: float | None, align_corners: bool) -> np.ndarray:
    """Where each output's centre lies, in inputs counted from the centre of the first."""
    scale, index = _scale(size, out, factor, align_corners), np.arange(out, dtype=np.float32)
    if align_corners:
        return scale * index
    return scale * (index + np.float32(0.5)) - np.float32(0.5)


def _nearest(size: int, out: int, factor: float | None, offset: float) -> Taps:
    index = np.arange(out, dtype=np.float32) + np.float32(offset)
    places = np.floor(index * _scale(size, out, factor, False)).astype(np.int64)
    return Taps(np.minimum(places, size - 1)[:, None], np.ones((out, 1), np.float32))


def _linear(size: int, out: int, factor: float | None, align_corners: bool) -> Taps:
    centers = np.maximum(_centers(size, out, factor, align_corners), 0)
    low = np.minimum(centers.astype(np.int64), size - 1)
    share = np.clip(centers - low.astype(np.float32), 0, 1).astype(np.float32)
    return Taps(np.stack([low, np.minimum(low + 1, size - 1)], 1), np.stack([1 - share, share], 1))


def cubic_near(x: Any, a: float) -> Any:
    """The cubic convolution kernel of Keys (1981) at distances up to 1."""
    return ((a + 2) * x - (a + 3)) * x * x + 1


def cubic_far(x: Any, a: float) -> Any:
    """That kernel at distances from 1 to 2, where it ends."""
    return ((x - 5) * x + 8) * x * a - 4 * a


def cubic_weights(share: Any) -> list[Any]:
    """The weights of four neighbours, for a point that lies `share` of the way from the second to the third."""
    a = -0.75
    return [cubic_far(1 + share, a), cubic_near(share, a), cubic_near(1 - share, a), cubic_far(2 - share, a)]


def _cubic(size: int, out: int, factor: float | None, align_corners: bool) -> Taps:
    centers = _centers(size, out, factor, align_corners)
    low = np.floor(centers)
    places = low[:, None] + np.arange(-1, 3, dtype=np.float32)
    weights = np.stack(cubic_weights(centers - low), 1).astype(np.float32)
    return Taps(np.clip(places.astype(np.int64), 0, size - 1), weights)


def _cubic_filter(x: np.ndarray) -> np.ndarray:
    x = abs(x)
    return np.where(x < 1, cubic_near(x, -0.5), np.where(x < 2, cubic_far(x, -0.5), 0))


def _lanczos(x: np.ndarray) -> np.ndarray:
    return np.where(abs(x) < 3, np.sinc(x) * np.sinc(x / 3), 0)


# Of each mode with antialias: the filter, and how far it reaches.
_FILTERS: dict[str, Any] = {
    "bilinear": (lambda x: np.maximum(1 - abs(x), 0), 1),
    "bicubic": (_cubic_filter, 2),
    "lanczos": (_lanczos, 3),
}


def _antialiased(size: int, out: int, factor: float | None, align_corners: bool, mode: str) -> Taps:
    """A filter that is stretched where the output is the smaller, as the Python Imaging Library resizes."""
    kernel, reach = _FILTERS[mode]
    scale = _scale(size, out, factor, align_corners)
    stretch = max(scale, np.float32(1))
    half = np.float32(0.5)  # also with align_corners, which changes the scale alone
    centers = scale * (np.arange(out, dtype=np.float32) + half)
    support = np.float32(reach) * stretch
    first = np.maximum((centers - support + half).astype(np.int64), 0)
    last = np.minimum((centers + support + half).astype(np.int64), size)
    places = first[:, None] + np.arange(max(int((last - first).max()), 1))
    weights = kernel((places.astype(np.float32) - centers[:, None] + half) / stretch)
    weights = np.where(places < last[:, None], weights, 0)
    total = weights.sum(1, keepdims=True)
    weights = weights / np.where(total == 0, 1, total)
    return Taps(np.minimum(places, size - 1), weights.astype(np.float32))


def _resized(input: jax.Array, axis: int, taps: Taps) -> jax.Array:
    """`input` with each output of `taps` along `axis`."""
    total: Any = None
    for places, weights in zip(taps.places.T, taps.weights.T, strict=True):
        if not weights.any():
            continue
        part = jnp.take(input, places, axis)
        if (weights != 1).any():
            # A place without weight must not count where it holds an infinity.
            factor = weights.astype(input.dtype).reshape(-1, *(1,) * (input.ndim - axis - 1))
            part = jnp.where(factor == 0, 0, part * factor) if (weights == 0).any() else part * factor
        total = part if total is None else total + part
    return jnp.zeros_like(jnp.take(input, taps.places[:, 0], axis)) if total is None else total


def _sizes(input: jax.Array, size: Any, scale_factor: Any, recompute: bool) -> tuple[list[int], list[float | None]]:
    """The output's sizes, and the factors that coordinates are computed with, `None` to take the sizes' ratio."""
    spatial = input.shape[2:]
    factors: list[float | None] = [None] * len(spatial)
    if (size is None) == (scale_factor is None):
        raise ValueError(f"either size or scale_factor must be given, got {size!r} and {scale_factor!r}")
    given, name = (scale_factor, "scale_factor") if size is None else (size, "size")
    values = list(given) if isinstance(given, (tuple, list)) else [given] * len(spatial)
    if len(values) != len(spatial):
        raise ValueError(f"{name} must have {len(spatial)} values for an input of shape {input.shape}, got {given!r}")
    if size is not None:
        if not all(hasattr(value, "__index__") for value in values):
            raise TypeError(f"size must be integers, got {size!r}")
        if recompute:
            raise ValueError("recompute_scale_factor is for a scale_factor, and size was given")
        sizes = [int(value) for value in values]
    else:
        sizes = [int(length * factor) for length, factor in zip(spatial, values, strict=True)]
        if not recompute:
            factors = [factor if factor > 0 else None for factor in values]
    if min(*sizes, *spatial, 1) < 1:
        raise ValueError(f"an input of shape {input.shape} cannot be resized to {sizes}: all sizes must be positive")
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
    """`(N, C, ...)` with one, two or three resized dimensions.

    `mode` is 'nearest', 'nearest-exact', 'area', 'linear', 'bilinear', 'trilinear', 'bicubic' or 'lanczos'.
    """
    if mode not in ("nearest", "nearest-exact", "area", *_RANKS):
        raise NotImplementedError(f"interpolate has no mode {mode!r}")
    ranks = _RANKS.get(mode, _EVERY_RANK)
    if input.ndim not in ranks:
        wanted = " or ".join(map(str, ranks))
        raise NotImplementedError(f"mode={mode!r} takes an input of {wanted} dimensions, got shape {input.shape}")
    if align_corners is not None and mode not in _RANKS:
        raise ValueError(f"align_corners is not for mode={mode!r}")
    if antialias and mode not in _FILTERS:
        raise ValueError(f"antialias is for modes {', '.join(_FILTERS)}, got mode={mode!r}")
    if mode == "lanczos" and (align_corners or not antialias):
        raise ValueError("mode='lanczos' needs antialias=True, and has no align_corners")
    sizes, factors = _sizes(input, size, scale_factor, bool(recompute_scale_factor))
    if mode == "area":
        return _AREA[input.ndim](input, tuple(sizes))
    for axis, (out, factor) in enumerate(zip(sizes, factors, strict=True), 2):
        length = input.shape[axis]
        if mode.startswith("nearest"):
            taps = _nearest(length, out, factor, 0.5 if mode == "nearest-exact" else 0.0)
        elif antialias:
            taps = _antialiased(length, out, factor, bool(align_corners), mode)
        elif mode == "bicubic":
            taps = _cubic(length, out, factor, bool(align_corners))
        else:
            taps = _linear(length, out, factor, bool(align_corners))
        if out != length or not np.array_equal(taps.places[:, 0], np.arange(length)) or (taps.weights[:, 0] != 1).any():
            input = _resized(input, axis, taps)
    return input
