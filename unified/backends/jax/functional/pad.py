"""Padding."""

import jax
import jax.numpy as jnp

__all__ = ["MODES", "pad", "pad_last"]

# torch's names of the ways to pad, and jax.numpy's.
MODES = {"reflect": "reflect", "replicate": "edge", "circular": "wrap"}


def pad_last(input: jax.Array, widths: list[tuple[int, int]], mode: str, value: float = 0.0) -> jax.Array:
    """Pads the last dimensions, each by its pair of widths, first to last."""
    pairs = [(0, 0)] * (input.ndim - len(widths)) + list(widths)
    if mode in ("constant", "zeros"):
        return jnp.pad(input, pairs, constant_values=value)
    return jnp.pad(input, pairs, mode=MODES[mode])


def pad(
    input: jax.Array, pad: tuple[int, ...], mode: str = "constant", value: float | None = None
) -> jax.Array:
    """Pads the last dimensions: `pad` holds the widths before and after, of the last dimension first.

    Negative widths cut off, in the mode `"constant"`.
    """
    if len(pad) % 2 or len(pad) // 2 > input.ndim:
        raise ValueError(f"pad holds two widths for each of at most {input.ndim} dimensions, got {pad}")
    pairs = [(pad[i], pad[i + 1]) for i in range(0, len(pad), 2)][::-1]
    if mode == "constant":
        cuts = [slice(max(-low, 0), size - max(-high, 0)) for (low, high), size in zip(pairs, _last(input, pairs))]
        input = input[(..., *cuts)]
        pairs = [(max(low, 0), max(high, 0)) for low, high in pairs]
        return pad_last(input, pairs, mode, 0.0 if value is None else value)
    if mode not in MODES:
        raise ValueError(f"mode must be 'constant', 'reflect', 'replicate' or 'circular', got {mode!r}")
    return pad_last(input, pairs, mode)


def _last(input: jax.Array, pairs: list[tuple[int, int]]) -> tuple[int, ...]:
    return input.shape[input.ndim - len(pairs) :]
