"""`jax.flatten_util` on torch."""

from collections.abc import Callable
from typing import Any

import torch

from unified.compat.jax.on_torch import tree_util
from unified.compat.jax.on_torch.array import Array, WeakArray, as_array, is_weak, tensor
from unified.compat.jax.on_torch.behaviour import Behaviour
from unified.compat.jax.on_torch.dtypes import default_float, promoted

__all__ = ["ravel_pytree"]

BEHAVIOUR = Behaviour(on_arrays=True)


def ravel_pytree(pytree: Any) -> tuple[Array, Callable[[Any], Any]]:
    """Return the values of a tree of arrays as one vector, and the function that makes such a tree of a vector.

    Arrays of several dtypes are promoted to one, and get their own back.
    """
    leaves, structure = tree_util.tree_flatten(pytree)
    tensors = [as_array(leaf).tensor for leaf in leaves]
    dtype = tensors[0].dtype if tensors else default_float()
    for each in tensors[1:]:
        dtype = promoted(dtype, each.dtype)
    shapes, sizes = [each.shape for each in tensors], [each.numel() for each in tensors]
    flat = torch.cat([each.reshape(-1).to(dtype) for each in tensors]) if tensors else torch.zeros(0, dtype=dtype)

    def unravel(vector: Any) -> Any:
        value = tensor(vector)
        if value.shape != flat.shape:
            raise ValueError(f"expected a vector of shape {tuple(flat.shape)}, got {tuple(value.shape)}")
        if value.dtype is not dtype and len({each.dtype for each in tensors}) > 1:
            raise TypeError(f"expected a vector of {dtype}, to which the tree's arrays are promoted, got {value.dtype}")
        parts = value.split(sizes) if sizes else ()
        kind = type(as_array(vector)) if len({each.dtype for each in tensors}) < 2 else Array
        rows = zip(parts, shapes, tensors, strict=True)
        return structure.unflatten(
            [
                kind(part.reshape(shape).to(each.dtype if kind is Array and is_mixed else part.dtype))
                for part, shape, each in rows
            ]
        )

    is_mixed = any(each.dtype is not dtype for each in tensors)
    kind = WeakArray if leaves and all(is_weak(leaf) for leaf in leaves) else Array
    return kind(flat), unravel
