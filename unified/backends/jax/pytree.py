"""`Params` as a pytree node: its children are the arrays, its auxiliary data is the interned structure."""

from typing import Any

import jax

from unified.core.params import Params
from unified.core.structure import Structure

__all__ = ["register"]


def _flatten(params: Params) -> tuple[tuple[Any, ...], Structure]:
    return params._values, params._structure


def _flatten_with_keys(params: Params) -> tuple[list[tuple[Any, Any]], Structure]:
    keys = (jax.tree_util.DictKey(path) for path in params)
    return list(zip(keys, params._values, strict=True)), params._structure


def _unflatten(structure: Structure, values: Any) -> Params:
    return Params._make(structure, tuple(values))


def register() -> None:
    """Register `Params` as a pytree node."""
    jax.tree_util.register_pytree_with_keys(Params, _flatten_with_keys, _unflatten, _flatten)
