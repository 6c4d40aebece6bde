"""Padding."""

from collections.abc import Sequence

import jax
import jax.numpy as jnp

__all__ = ["MODES", "pad", "pad_edges", "pad_last", "pad_spatial"]

# torch's names of the modes, and those of jax.numpy.
MODES = {"reflect": "reflect", "replicate": "edge", "circular": "wrap"}


def pad_last(input: jax.Array, widths: Sequence[tuple[int, int]], mode: str) -> jax.Array:
    """Pad the last dimensions by a pair of widths each, in their order, in one of `MODES`.

    Negative widths crop the result of padding by the other widths.
    """
    return pad_spatial(input, widths, mode, input.ndim - len(widths))


def pad_spatial(input: jax.Array, widths: Sequence[tuple[int, int]], mode: str, rest: int) -> jax.Array:
    """Pad the dimensions after the first `rest`, as `pad_last` does; there may be channels after them."""
    if len(widths) > 3 or rest not in (1, 2):
        raise ValueError(
            f"the mode {mode!r} pads the last 1 to 3 dimensions of an input with one or two before them, "
            f"got widths for {len(widths)} dimensions of shape {input.shape}"
        )
    sizes = input.shape[rest : rest + len(widths)]
    after = input.ndim - rest - len(widths)
    cuts = []
    for size, (low, high) in zip(sizes, widths, strict=True):
        largest = {"reflect": size - 1, "circular": size}.get(mode, max(low, high))
        if max(low, high) > largest or size == 0:
            raise ValueError(
                f"the mode {mode!r} pads a dimension of {size} by at most {largest}, got {low} and {high} for an input "
                f"of shape {input.shape}"
            )
        if mode == "circular" and low * high < 0:
            raise ValueError(f"the mode 'circular' cannot both pad and crop a dimension, got {low} and {high}")
        padded = size + max(low, 0) + max(high, 0)
        start, stop = max(-low, 0), padded - max(-high, 0)
        if stop <= start:
            raise ValueError(f"widths {low} and {high} crop all of a dimension of {size}")
        cuts.append(slice(start, stop))
    pairs = [(0, 0)] * rest + [(max(low, 0), max(high, 0)) for low, high in widths] + [(0, 0)] * after
    padded_input = pad_edges(input, pairs) if mode == "replicate" else jnp.pad(input, pairs, mode=MODES[mode])
    return padded_input[(..., *cuts, *[slice(None)] * after)] if any(min(pair) < 0 for pair in widths) else padded_input


def pad_edges(input: jax.Array, widths: Sequence[tuple[int, int]]) -> jax.Array:
    """Pad each dimension with its first and last values, by a pair of widths; it may be split where both are zero.

    `jax.numpy.pad` slices every dimension.
    """
    for axis, (low, high) in enumerate(widths):

        def repeated(position: int, width: int, axis: int = axis, input: jax.Array = input) -> list[jax.Array]:
            end = jax.lax.slice_in_dim(input, position, position + 1, axis=axis)
            shape = (*input.shape[:axis], width, *input.shape[axis + 1 :])
            return [jnp.broadcast_to(end, shape)] if width else []

        if low or high:
            input = jnp.concatenate([*repeated(0, low), input, *repeated(input.shape[axis] - 1, high)], axis)
    return input


def _pad_constant(input: jax.Array, widths: Sequence[tuple[int, int]], value: float) -> jax.Array:
    """Pad the last dimensions with `value`."""
    rest = input.ndim - len(widths)
    for size, (low, high) in zip(input.shape[rest:], widths, strict=True):
        if size + min(low, 0) + min(high, 0) < 0 or size + low + high < 0:
            raise ValueError(f"widths {low} and {high} crop more than a dimension of {size}")
    fill = jnp.asarray(value, input.dtype)
    return jax.lax.pad(input, fill, [(0, 0, 0)] * rest + [(low, high, 0) for low, high in widths])


def pad(input: jax.Array, pad: Sequence[int], mode: str = "constant", value: float | None = None) -> jax.Array:
    """Pad the last dimensions: `pad` has the widths before and after each of them, of the last dimension first.

    `mode` is `"constant"` (with `value`), `"reflect"`, `"replicate"` or `"circular"`. Negative widths crop.
    """
    if len(pad) % 2 or len(pad) // 2 > input.ndim:
        raise ValueError(f"pad must have two widths for each of at most {input.ndim} dimensions, got {pad}")
    pairs = [(pad[i], pad[i + 1]) for i in range(0, len(pad), 2)][::-1]
    if mode == "constant":
        return _pad_constant(input, pairs, 0.0 if value is None else value)
    if mode not in MODES:
        raise ValueError(f"mode must be 'constant', 'reflect', 'replicate' or 'circular', got {mode!r}")
    if value is not None and value != 0:
        raise ValueError(f"the mode {mode!r} does not take a value, got {value}")
    return pad_last(input, pairs, mode)
