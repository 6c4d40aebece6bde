"""Nodes of torch's pytrees, `Params` and bound models among them, for `torch.func` and `torch.export`."""

from collections.abc import Callable
from typing import Any

from torch.utils import _pytree as pytree

from unified.core.bound import BoundModel, TransformedModel
from unified.core.params import Params
from unified.core.structure import Structure

__all__ = ["register", "register_node"]


def _flatten(params: Params) -> tuple[list[Any], Structure]:
    return list(params._values), params._structure


def _flatten_with_keys(params: Params) -> tuple[list[tuple[Any, Any]], Structure]:
    return [(pytree.MappingKey(path), value) for path, value in params.items()], params._structure


def _unflatten(values: Any, structure: Structure) -> Params:
    return Params._make(structure, tuple(values))


def register() -> None:
    """Register `Params` and bound models as pytree nodes."""
    pytree.register_pytree_node(
        Params,
        _flatten,
        _unflatten,
        serialized_type_name="unified.Params",
        flatten_with_keys_fn=_flatten_with_keys,
    )
    pytree.register_pytree_node(
        BoundModel,
        lambda bound: ([bound.params], bound.model),
        lambda children, model: BoundModel(model, *children),
        flatten_with_keys_fn=lambda bound: ([(pytree.GetAttrKey("params"), bound.params)], bound.model),
    )
    pytree.register_pytree_node(
        TransformedModel,
        lambda model: ([model.inner], (model.kind, model.options)),
        lambda children, static: TransformedModel(next(iter(children)), *static),
        flatten_with_keys_fn=lambda model: (
            [(pytree.GetAttrKey("inner"), model.inner)],
            (model.kind, model.options),
        ),
    )


def register_node(
    cls: type,
    flatten: Callable[[Any], tuple[list[Any], Any]],
    unflatten: Callable[[Any, Any], Any],
    names: Callable[[Any], tuple[Any, ...]],
) -> None:
    """Register a class; see `unified.core.protocol.Backend.register_node`."""

    def flatten_with_keys(value: Any) -> tuple[list[tuple[Any, Any]], Any]:
        children, rest = flatten(value)
        return [(_key(name), child) for name, child in zip(names(rest), children, strict=True)], rest

    pytree.register_pytree_node(
        cls,
        flatten,
        lambda children, rest: unflatten(rest, children),
        flatten_with_keys_fn=flatten_with_keys,
    )


def _key(name: Any) -> Any:
    """Return the entry of a key path for an attribute, or for a key in a tuple."""
    return pytree.MappingKey(*name) if isinstance(name, tuple) else pytree.GetAttrKey(name.replace("/", "."))
