"""Nodes of JAX's trees. Of `Params` the children are the arrays, the rest is the interned structure."""

import sys
from collections.abc import Callable
from typing import Any

import jax

from unified.backends.jax import exported, flax_state
from unified.backends.jax.exported import Accepted
from unified.backends.jax.integers import LISTERS, refuse_in_gradients
from unified.core.bound import BoundModel, TransformedModel
from unified.core.params import Params
from unified.core.structure import Structure

__all__ = ["register", "register_node"]


def _flatten(params: Params) -> tuple[tuple[Any, ...], Structure]:
    lister = sys._getframe().f_back
    if lister is not None and lister.f_code in LISTERS:
        refuse_in_gradients(params, lister)
    return params._values, params._structure


def _flatten_with_keys(params: Params) -> tuple[list[tuple[Any, Any]], Structure]:
    keys = (jax.tree_util.DictKey(path) for path in params)
    return list(zip(keys, params._values, strict=True)), params._structure


def _unflatten(structure: Any, values: Any) -> Params:
    if structure.__class__ is not Structure:
        values = tuple(values)
        if structure.__class__ is Accepted:  # of a program's tree
            structure = structure.value
        elif any(hasattr(value, "shape") for value in values):  # a function of shardings and arrays returned arrays
            structure = structure.of_arrays()
    return Params._make(structure, tuple(values))


def _unflatten_bound(model: Any, children: Any) -> BoundModel[Any]:
    return BoundModel(model.value if isinstance(model, Accepted) else model, *children)


def register() -> None:
    """Register `Params` and bound models as pytree nodes."""
    register_with_keys = jax.tree_util.register_pytree_with_keys
    register_with_keys(Params, _flatten_with_keys, _unflatten, _flatten)
    register_with_keys(
        BoundModel,
        lambda bound: (((jax.tree_util.GetAttrKey("params"), bound.params),), bound.model),
        _unflatten_bound,
        lambda bound: ((bound.params,), bound.model),
    )
    register_with_keys(
        TransformedModel,
        lambda model: (((jax.tree_util.GetAttrKey("inner"), model.inner),), (model.kind, model.options)),
        lambda static, children: TransformedModel(next(iter(children)), *static),
        lambda model: ((model.inner,), (model.kind, model.options)),
    )
    exported.register()
    flax_state.register()


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

    jax.tree_util.register_pytree_with_keys(cls, flatten_with_keys, unflatten, flatten)
    flax_state.register_node(cls, flatten, unflatten, names)


def _key(name: Any) -> Any:
    """Return the entry of a key path for an attribute, or for a key in a tuple."""
    return jax.tree_util.DictKey(*name) if isinstance(name, tuple) else jax.tree_util.GetAttrKey(name.replace("/", "."))
