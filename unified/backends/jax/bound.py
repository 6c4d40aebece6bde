"""A model together with its variables, as one pytree."""

from typing import Any

import jax

from unified.core.params import Params

__all__ = ["BoundModel"]


class BoundModel:
    """A model with its variables: what `net.bind(params)` returns.

    Immutable, and a pytree whose leaves are the arrays, so that it goes through `jax.jit`, `jax.vmap` and `jax.grad`
    as an argument. `output, bound = bound(x)` returns the next one, in which what the call wrote is new.
    """

    __slots__ = ("model", "params")

    model: Any
    params: Params

    def __init__(self, model: Any, params: Params) -> None:
        object.__setattr__(self, "model", model)
        object.__setattr__(self, "params", params)

    def __call__(self, *args: Any, training: bool = False, **kwargs: Any) -> tuple[Any, "BoundModel"]:
        output, changes = self.model.apply(self.params, *args, training=training, **kwargs)
        return output, BoundModel(self.model, self.params | changes)

    def replace(self, params: Params) -> "BoundModel":
        """The same model with other variables."""
        return BoundModel(self.model, params)

    @property
    def _fn(self) -> Any:
        return self.model._fn

    def _refuse(self, *args: Any) -> Any:
        raise TypeError("a bound model is immutable: bound.replace(params) makes another")

    __setattr__ = __delattr__ = _refuse

    def __reduce__(self) -> Any:
        return BoundModel, (self.model, self.params)

    def __repr__(self) -> str:
        return f"BoundModel({self.model!r}, {self.params!r})"


def _children(bound: BoundModel) -> tuple[tuple[Any, ...], Any]:
    return (bound.params,), bound.model


def _children_with_keys(bound: BoundModel) -> tuple[tuple[Any, ...], Any]:
    return ((jax.tree_util.GetAttrKey("params"), bound.params),), bound.model


def _of_children(model: Any, children: Any) -> BoundModel:
    return BoundModel(model, *children)


def register() -> None:
    """Makes bound models pytree nodes."""
    jax.tree_util.register_pytree_with_keys(BoundModel, _children_with_keys, _of_children, _children)
