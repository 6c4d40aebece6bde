"""Shapes, on JAX."""

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp

from unified.backends.jax.numpy.operands import array, as_number
from unified.core.pad_widths import pad_widths

__all__ = [
    "broadcast_arrays",
    "broadcast_to",
    "concat",
    "expand_dims",
    "flip",
    "moveaxis",
    "pad",
    "permute_dims",
    "repeat",
    "reshape",
    "roll",
    "split",
    "squeeze",
    "stack",
    "tile",
    "unstack",
]


def broadcast_arrays(*arrays: Any) -> list[jax.Array]:
    return list(jnp.broadcast_arrays(*map(array, arrays)))


def broadcast_to(x: Any, shape: Any) -> jax.Array:
    return jnp.broadcast_to(array(x), shape)


def concat(arrays: Sequence[Any], *, axis: int | None = 0) -> jax.Array:
    return jnp.concat([array(each) for each in arrays], axis=axis)


def expand_dims(x: Any, axis: Any) -> jax.Array:
    return jnp.expand_dims(array(x), axis)


def flip(x: Any, *, axis: Any = None) -> jax.Array:
    return jnp.flip(array(x), axis)


def moveaxis(x: Any, source: Any, destination: Any) -> jax.Array:
    return jnp.moveaxis(array(x), source, destination)


def pad(x: Any, pad_width: Any, *, mode: str = "constant", constant_values: complex = 0) -> jax.Array:
    x = array(x)
    widths = pad_widths(pad_width, x.shape, mode)
    options = {"constant_values": as_number(constant_values)} if mode == "constant" else {}
    return jnp.pad(x, widths, mode, **options) if widths else x


def permute_dims(x: Any, axes: tuple[int, ...]) -> jax.Array:
    return jnp.permute_dims(array(x), axes)


def repeat(x: Any, repeats: Any, *, axis: int | None = None) -> jax.Array:
    return jnp.repeat(array(x), repeats, axis=axis)


def reshape(x: Any, shape: Any, *, copy: bool | None = None) -> jax.Array:
    return jnp.reshape(array(x), shape, copy=copy)


def roll(x: Any, shift: Any, *, axis: Any = None) -> jax.Array:
    return jnp.roll(array(x), shift, axis)


def split(x: Any, indices_or_sections: Any, *, axis: int = 0) -> list[jax.Array]:
    x, sections = array(x), as_number(indices_or_sections)
    if isinstance(sections, int) and (sections < 1 or x.shape[axis] % sections):
        raise ValueError(
            f"split: an axis of {x.shape[axis]} elements has no {sections} parts of equal size: pass the indices "
            "between which they are"
        )
    return jnp.split(x, sections if isinstance(sections, int) else tuple(map(int, sections)), axis)


def squeeze(x: Any, axis: Any) -> jax.Array:
    return jnp.squeeze(array(x), axis)


def stack(arrays: Sequence[Any], *, axis: int = 0) -> jax.Array:
    return jnp.stack([array(each) for each in arrays], axis=axis)


def tile(x: Any, repetitions: Any) -> jax.Array:
    return jnp.tile(array(x), repetitions)


def unstack(x: Any, *, axis: int = 0) -> tuple[jax.Array, ...]:
    return tuple(jnp.unstack(array(x), axis=axis))
