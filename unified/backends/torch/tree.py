"""`Params` as a node of torch's pytrees, for `torch.func` and `torch.export`."""

from typing import Any

from torch.utils import _pytree as pytree

from unified.core.params import Params
from unified.core.structure import Structure

__all__ = ["register"]


def _flatten(params: Params) -> tuple[list[Any], Structure]:
    return list(params._values), params._structure


def _flatten_with_keys(params: Params) -> tuple[list[tuple[Any, Any]], Structure]:
    return [(pytree.MappingKey(path), value) for path, value in params.items()], params._structure


def _unflatten(values: Any, structure: Structure) -> Params:
    return Params._make(structure, tuple(values))


def register() -> None:
    """Register `Params` as a pytree node."""
    pytree.register_pytree_node(
        Params,
        _flatten,
        _unflatten,
        serialized_type_name="unified.Params",
        flatten_with_keys_fn=_flatten_with_keys,
    )
