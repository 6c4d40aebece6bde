"""The arrays of a tree, which JAX traces, apart from the rest, which stays static."""

from collections.abc import Iterable
from typing import Any, NamedTuple

import jax
import numpy as np

__all__ = ["ARRAYS", "Rest", "apart"]

ARRAYS = (jax.Array, np.ndarray, np.generic)


class Rest(NamedTuple):
    """A tree without its arrays; can be hashed if its other leaves can."""

    structure: Any
    leaves: tuple[Any, ...]  # `None` where an array was
    is_array: tuple[bool, ...]

    def merge(self, arrays: Iterable[Any]) -> Any:
        """The tree with these arrays."""
        given = iter(arrays)
        merged = [next(given) if array else leaf for leaf, array in zip(self.leaves, self.is_array, strict=True)]
        return jax.tree_util.tree_unflatten(self.structure, merged)


def apart(tree: Any) -> tuple[list[Any], Rest]:
    """The arrays of a tree, or their shapes, and the rest of it."""
    leaves, structure = jax.tree_util.tree_flatten(tree)
    is_array = tuple(isinstance(leaf, (*ARRAYS, jax.ShapeDtypeStruct)) for leaf in leaves)
    arrays = [leaf for leaf, array in zip(leaves, is_array, strict=True) if array]
    rest = tuple(None if array else leaf for leaf, array in zip(leaves, is_array, strict=True))
    return arrays, Rest(structure, rest, is_array)
