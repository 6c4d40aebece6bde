"""The kind of a call: the shapes and dtypes of its arrays, and all other arguments as they are."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import jax
import numpy as np
import torch
from torch.utils import _pytree as pytree

__all__ = ["Kind", "Signature", "jax_dtype", "torch_dtype"]

CONSTANTS = (bool, int, float, complex, str, bytes, type(None), torch.dtype, torch.device)
NARROW = {"int32": "int64", "uint32": "int64"}  # without 64-bit arrays, JAX's integers are those of a torch program


def torch_dtype(dtype: Any) -> torch.dtype:
    """Return the dtype of torch in which a program takes an array of JAX."""
    name = np.dtype(dtype).name
    if not jax.config.read("jax_enable_x64"):
        name = NARROW.get(name, name)
    found = getattr(torch, name, None)
    if not isinstance(found, torch.dtype):
        raise TypeError(f"torch has no dtype {name}: convert the array first")
    return found


def jax_dtype(dtype: torch.dtype) -> np.dtype:
    """Return a dtype of torch as one of NumPy, which JAX may narrow."""
    return jax.numpy.dtype(str(dtype).removeprefix("torch."))


@dataclass(frozen=True, slots=True)
class Kind:
    """The shape and the dtype of an array."""

    shape: tuple[int, ...]
    dtype: torch.dtype


@dataclass(frozen=True)
class Signature:
    """The kind of a call: `leaves` are `Kind`s and constants, in the order of the flat arguments."""

    tree: Any
    leaves: tuple[Any, ...]

    @staticmethod
    def of(args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> "tuple[Signature, list[Any]]":
        """Return the kind of a call with these arguments, and its arrays."""
        values, tree = pytree.tree_flatten((args, dict(kwargs)))
        leaves: list[Any] = []
        arrays: list[Any] = []
        for value in values:
            if isinstance(value, torch.Tensor):
                leaves.append(Kind(tuple(value.shape), value.dtype))
                arrays.append(value)
            elif isinstance(value, (jax.Array, np.ndarray, np.generic, jax.ShapeDtypeStruct)):
                leaves.append(Kind(tuple(value.shape), torch_dtype(jax.dtypes.canonicalize_dtype(value.dtype))))
                arrays.append(value)
            elif isinstance(value, CONSTANTS):
                leaves.append(value)
            else:
                raise TypeError(
                    f"an argument is a {type(value).__name__}: a module from torch takes arrays, numbers, strings and "
                    "None, in tuples, lists and dicts, and in classes that torch.utils._pytree knows"
                )
        return Signature(tree, tuple(leaves)), arrays

    @property
    def shapes(self) -> tuple[tuple[int, ...], ...]:
        """The shapes of the arrays."""
        return tuple(leaf.shape for leaf in self.leaves if isinstance(leaf, Kind))

    @property
    def family(self) -> Any:
        """What is equal for calls that differ in sizes of first axes alone. Sizes below two are told apart.

        A program with a size that is not known takes it to be at least two: an axis of size one would broadcast.
        """
        leaves = tuple(
            (leaf.dtype, ("any" if leaf.shape[0] > 1 else leaf.shape[0], *leaf.shape[1:]) if leaf.shape else ())
            if isinstance(leaf, Kind)
            else (type(leaf), leaf)
            for leaf in self.leaves
        )
        return repr(self.tree), leaves

    def filled(self, arrays: Iterable[Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Return the arguments of a call of this kind, with these arrays in it."""
        rest = iter(arrays)
        values = [next(rest) if isinstance(leaf, Kind) else leaf for leaf in self.leaves]
        args, kwargs = pytree.tree_unflatten(values, self.tree)
        return tuple(args), kwargs

    def examples(self) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Return arguments of this kind for torch."""
        return self.filled(torch.zeros(kind.shape, dtype=kind.dtype) for kind in self.leaves if isinstance(kind, Kind))
