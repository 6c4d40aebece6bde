"""`Params` and bound models as nodes of torch's pytrees, for `torch.func` and `torch.export`."""

from typing import Any

from torch.utils import _pytree as pytree

from unified.core.bound import BoundModel, TransformedModel
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
