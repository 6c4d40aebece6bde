"""Arrays of JAX code on torch, which leave a model as the tensors that they wrap.

`unified.compat.jax` gives JAX's code arrays of its own, with JAX's methods, around tensors. A body may mix both; who
calls the model with tensors gets tensors.
"""

from collections.abc import Callable
from typing import Any

import torch
import torch.utils._pytree as pytree

__all__ = ["WRAPPERS", "as_tensors"]

# The classes of such arrays, once that code is imported, and what returns their tensors.
WRAPPERS: dict[type, Callable[[Any], torch.Tensor]] = {}


def _is_wrapper(value: Any) -> bool:
    return type(value) in WRAPPERS


def as_tensors(output: Any, arguments: Any) -> Any:
    """Return the output with tensors for wrapped arrays; as it is if there are such among the arguments."""
    leaves, structure = pytree.tree_flatten(output, is_leaf=_is_wrapper)
    if not any(type(leaf) in WRAPPERS for leaf in leaves):
        return output
    if any(type(leaf) in WRAPPERS for leaf in pytree.tree_leaves(arguments, is_leaf=_is_wrapper)):
        return output
    found = [WRAPPERS[type(leaf)](leaf) if type(leaf) in WRAPPERS else leaf for leaf in leaves]
    return pytree.tree_unflatten(found, structure)
