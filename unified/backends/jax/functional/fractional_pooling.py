"""Fractional max pooling: a fixed number of windows at random positions."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from unified.backends.jax.functional.broadcasting import with_rank
from unified.backends.jax.functional.pooling_windows import argmax_windows, check_input, numbers, take_indices
from unified.core.distributions import Uniform
from unified.core.scope import current_scope

__all__ = ["draw_samples", "fractional_max_pool2d", "fractional_max_pool3d"]


def draw_samples(frame: Any, path: str, dimensions: int, input: jax.Array) -> jax.Array:
    """Draw the uniform numbers that place the windows, one for each sample, channel and dimension, at `path`."""
    check_input(dimensions, input, input.ndim - 1)
    lead = input.shape[:-dimensions]
    shape = (*lead, dimensions) if len(lead) == 2 else (1, *lead, dimensions)
    return frame.sample(Uniform(), shape, input.dtype, frame.next_draw(path))


def _window_starts(sample: jax.Array, size: int, kernel: int, count: int) -> jax.Array:
    """Return the starts of `count` windows, whose steps differ by at most one, in an order that the sample sets."""
    step = np.asarray(size - kernel, sample.dtype) / np.asarray(max(count - 1, 1), sample.dtype)
    positions = (with_rank(np.arange(count - 1).astype(sample.dtype), sample.ndim + 1) + sample[..., None]) * step
    starts = positions.astype(int) - (sample[..., None] * step).astype(int)
    return jnp.concatenate([starts, jnp.full((*sample.shape, 1), size - kernel)], -1)


def _fractional_max_pool(
    dimensions: int,
    input: jax.Array,
    kernel_size: Any,
    output_size: Any,
    output_ratio: Any,
    return_indices: bool,
    samples: jax.Array | None,
) -> Any:
    check_input(dimensions, input, input.ndim - 1)
    kernel = numbers("kernel_size", kernel_size, dimensions)
    sizes, lead = input.shape[-dimensions:], input.shape[:-dimensions]
    counts = _counts(sizes, output_size, output_ratio)
    slack = dimensions - 2  # in three dimensions torch requires one more value
    for size, k, count in zip(sizes, kernel, counts, strict=True):
        if count < 0 or k < 0 or count + k - 1 + slack > size:
            raise ValueError(f"{count} windows of {k} do not fit an input of {size}")
    if samples is None:
        scope = current_scope(f"functional.fractional_max_pool{dimensions}d")
        samples = draw_samples(scope.frame, scope.path, dimensions, input)
    least = 1 if len(lead) == 1 else lead[0]
    if samples.ndim != 3 or samples.shape[0] < least or samples.shape[1:] != (lead[-1], dimensions):
        raise ValueError(f"_random_samples must have shape {(least, lead[-1], dimensions)}, got {samples.shape}")
    if samples.dtype != input.dtype:
        raise TypeError(f"_random_samples must have the input's dtype {input.dtype}, got {samples.dtype}")
    samples = samples[0] if len(lead) == 1 else samples[:least]
    # In two dimensions the first number places the windows along the last dimension, as in torch.
    order = (1, 0) if dimensions == 2 else (0, 1, 2)
    indices = [
        _window_starts(samples[..., sample], size, k, count)[..., :count, None] + with_rank(np.arange(k), len(lead) + 2)
        for sample, size, k, count in zip(order, sizes, kernel, counts, strict=True)
    ]
    index = argmax_windows(input, indices)
    largest = take_indices(input, index, dimensions)
    return (largest, index) if return_indices else largest


def _counts(sizes: tuple[int, ...], output_size: Any, output_ratio: Any) -> tuple[int, ...]:
    """Return the number of windows along each dimension."""
    dimensions = len(sizes)
    if output_size is not None:
        return numbers("output_size", output_size, dimensions)
    if output_ratio is None:
        raise ValueError("fractional pooling needs an output_size or an output_ratio")
    ratios = (output_ratio,) * dimensions if isinstance(output_ratio, (int, float)) else tuple(output_ratio)
    if len(ratios) != dimensions:
        raise ValueError(f"output_ratio must be one number or {dimensions}, got {output_ratio}")
    return tuple(int(size * ratio) for size, ratio in zip(sizes, ratios, strict=True))


def fractional_max_pool2d(
    input: jax.Array,
    kernel_size: Any,
    output_size: Any = None,
    output_ratio: Any = None,
    return_indices: bool = False,
    _random_samples: jax.Array | None = None,
) -> Any:
    """Return the largest value of each of `output_size` windows of `(N, C, H, W)` or `(C, H, W)`.

    With `return_indices` also return its index. `output_ratio` is the output's size relative to the input's.
    `_random_samples` `(N, C, 2)` from 0 to 1 place the windows; if they are `None`, they are drawn at the current
    scope.
    """
    return _fractional_max_pool(2, input, kernel_size, output_size, output_ratio, return_indices, _random_samples)


def fractional_max_pool3d(
    input: jax.Array,
    kernel_size: Any,
    output_size: Any = None,
    output_ratio: Any = None,
    return_indices: bool = False,
    _random_samples: jax.Array | None = None,
) -> Any:
    """Return the largest value of each of `output_size` windows of `(N, C, D, H, W)` or `(C, D, H, W)`.

    With `return_indices` also return its index. `output_ratio` is the output's size relative to the input's.
    `_random_samples` `(N, C, 3)` from 0 to 1 place the windows; if they are `None`, they are drawn at the current
    scope.
    """
    return _fractional_max_pool(3, input, kernel_size, output_size, output_ratio, return_indices, _random_samples)
