"""The arguments of a call: their tensors, and the rest as constants by which a trace is found."""

import operator
from typing import Any

import numpy as np
import torch

from unified.compat.jax.on_torch import tree_util as tree
from unified.compat.jax.on_torch.array import Array, of_numpy, tensor
from unified.compat.jax.on_torch.tracing import Abstract
from unified.compat.jax.on_torch.tracing.staged import Type
from unified.core import backends

__all__ = ["as_tensor", "filled", "shape_of", "skeleton", "types"]

CONSTANTS = (bool, int, float, complex, str, bytes, type(None))


def as_tensor(value: Any, name: str) -> torch.Tensor:
    """Return a copy of a variable's value, an array of any framework or a number.

    Raises:
        TypeError: the value is no array.
    """
    if isinstance(value, torch.Tensor | Array):
        return tensor(value).detach().clone()
    if isinstance(value, tuple | list | dict | str | type(None)):
        raise TypeError(f"the variable {name!r} is no array but of type {type(value).__name__}")
    try:
        return of_numpy(np.asarray(value)).clone()
    except TypeError as error:
        raise TypeError(f"the variable {name!r} is no array: {error}") from None


def shape_of(value: torch.Tensor) -> tuple[int, ...]:
    """Return the shape in numbers, also where `torch.compile` has made a size symbolic."""
    return tuple([operator.index(size) for size in value.shape])


def skeleton(value: Any, tensors: list[torch.Tensor]) -> Any:
    """Return a value as constants, with the kind of each tensor, and collect the tensors.

    The class of a constant is part of it: 1, 1.0 and True are equal in Python.
    """
    if isinstance(value, Array):
        tensors.append(value.tensor)
        return (Type, type(value), shape_of(value.tensor), value.tensor.dtype, value.tensor.device)
    if isinstance(value, torch.Tensor):
        tensors.append(value)
        return (Type, Array, shape_of(value), value.dtype, value.device)
    if isinstance(value, (np.ndarray, np.generic)):
        return skeleton(of_numpy(value), tensors)
    if isinstance(value, tuple | list):
        return (type(value), tuple([skeleton(item, tensors) for item in value]))
    if type(value) is dict:
        return (dict, tuple([(key, skeleton(item, tensors)) for key, item in value.items()]))
    if isinstance(value, CONSTANTS):
        return (None, type(value), repr(value) if isinstance(value, float | complex) else value, value)
    return _other(value, tensors)


def _other(value: Any, tensors: list[torch.Tensor]) -> Any:
    """Return a registered tree, such as a dataclass of flax.struct, an array of JAX, or an object as a constant."""
    kind = tree.kind_of(value)
    if kind is not None:
        children, data = kind.flatten(value)
        items = tuple([skeleton(item, tensors) for item in children])
        return (tree.Kind, kind.unflatten, data, type(value), items)
    if backends.of_array(value) is not None:
        return skeleton(np.asarray(value), tensors)
    try:
        hash(value)
    except TypeError:
        raise TypeError(
            f"an argument of type {type(value).__qualname__} is neither a tree of arrays nor a hashable constant: "
            f"register its class as a tree, by flax.struct.dataclass or jax.tree_util"
        ) from None
    return (None, type(value), None, value)


def filled(constants: Any, arrays: Any) -> Any:
    """Return the value of a skeleton, with the next of the arrays for each tensor."""
    kind = constants[0]
    if kind is Type:
        return next(arrays)
    if kind is None:
        return constants[3]
    if kind is tree.Kind:
        return constants[1](constants[2], [filled(item, arrays) for item in constants[4]])
    if kind is dict:
        return {key: filled(item, arrays) for key, item in constants[1]}
    items = [filled(item, arrays) for item in constants[1]]
    return kind(*items) if hasattr(kind, "_fields") else kind(items)


def types(constants: Any) -> list[Type]:
    """Return what is known of each tensor of a skeleton."""
    kind = constants[0]
    if kind is Type:
        return [Type(constants[1], Abstract(*constants[2:]))]
    if kind is None:
        return []
    if kind is tree.Kind:
        items = constants[4]
    else:
        items = [item for _, item in constants[1]] if kind is dict else constants[1]
    return [each for item in items for each in types(item)]
