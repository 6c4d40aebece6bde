"""Bound models: a model together with its variables, as one pytree."""

import functools
from collections.abc import Callable
from typing import Any, Generic, TypeVar

import jax

from unified.backends.jax.borrowed import check_bound
from unified.backends.jax.trees import TREES
from unified.core.params import Params
from unified.core.scope import current
from unified.core.trees import StaticTree

__all__ = ["BoundModel", "TransformedModel"]

R = TypeVar("R")  # what the function returns
S = TypeVar("S")


class BoundModel(Generic[R]):
    """A model with its variables, as `net.bind(params)` returns it.

    It is immutable, and a pytree whose leaves are the arrays, so that `jax.jit`, `jax.vmap` and `jax.grad` take it as
    an argument. `output, bound = bound(x)` returns the next bound model, with the changes of the call.
    """

    __slots__ = ("model", "params")

    model: Any
    params: Params

    def __init__(self, model: Any, params: Params) -> None:
        object.__setattr__(self, "model", model)
        object.__setattr__(self, "params", params)

    def __call__(self, *args: Any, training: bool = False, **kwargs: Any) -> "tuple[R, BoundModel[R]]":
        scope: Any = current.scope
        if scope is not None and scope.frame.initializing:
            check_bound(scope.frame, self)
        output, changes = self.model.apply(self.params, *args, training=training, **kwargs)
        return output, BoundModel(self.model, self.params | changes)

    def method(self, fn: Callable[..., S]) -> "BoundModel[S]":
        """Return a bound model of another function over the same variables, which runs a part of what init ran.

        Each public method of a `unified.Module` has its own path, so that `lambda z: Autoencoder().decode(z)` finds
        its variables among those of `lambda x: Autoencoder()(x)`.
        """
        return BoundModel(self.model.method(fn), self.params)

    def transformed(self, kind: str, **options: Any) -> "TransformedModel[R]":
        """Return the model under a transform; see `unified.jit` and `unified.vmap`."""
        return TransformedModel(self, kind, tuple(sorted(options.items())))

    def replace(self, params: Params) -> "BoundModel[R]":
        """Return the same model with other variables."""
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


class TransformedModel(Generic[R]):
    """A bound model whose calls are compiled or mapped, as `unified.jit(bound)` and `unified.vmap(bound)` return it.

    It is immutable, and a pytree like the bound model itself. A call returns the output and the next model.
    """

    __slots__ = ("inner", "kind", "options")

    inner: Any
    kind: str
    options: tuple[tuple[str, Any], ...]

    def __init__(self, inner: Any, kind: str, options: tuple[tuple[str, Any], ...]) -> None:
        object.__setattr__(self, "inner", inner)
        object.__setattr__(self, "kind", kind)
        object.__setattr__(self, "options", options)

    @property
    def params(self) -> Params:
        """The model's variables."""
        return self.inner.params

    @property
    def model(self) -> Any:
        """The model."""
        return self.inner.model

    @property
    def _fn(self) -> Any:
        return self.inner._fn

    def replace(self, params: Params) -> "TransformedModel[R]":
        """Return the same transformed model with other variables."""
        return TransformedModel(self.inner.replace(params), self.kind, self.options)

    def transformed(self, kind: str, **options: Any) -> "TransformedModel[R]":
        """Return the model under a transform; see `unified.jit` and `unified.vmap`."""
        return TransformedModel(self, kind, tuple(sorted(options.items())))

    def __call__(self, *args: Any, training: bool = False, **kwargs: Any) -> "tuple[R, TransformedModel[R]]":
        scope: Any = current.scope
        if scope is not None and scope.frame.initializing:
            check_bound(scope.frame, self)
        if self.kind == "jit":
            arrays, rest = TREES.partition((args, kwargs))
            output, params = _jit_call(self.options)(self.inner, arrays, rest, training)
        else:
            options = dict(self.options)
            if kwargs:
                raise TypeError("a mapped model takes positional arguments alone")
            mapped = jax.vmap(
                lambda *args: _call(self.inner, args, {}, training), out_axes=(options.pop("out_axes"), None), **options
            )
            output, params = mapped(*args)
        return output, self.replace(params)

    __setattr__ = __delattr__ = BoundModel._refuse

    def __reduce__(self) -> Any:
        return TransformedModel, (self.inner, self.kind, self.options)

    def __repr__(self) -> str:
        return f"unified.{self.kind}({self.inner!r})"


def _call(bound: Any, args: Any, kwargs: Any, training: bool) -> tuple[Any, Params]:
    output, new_bound = bound(*args, training=training, **kwargs)
    return output, new_bound.params


@functools.cache
def _jit_call(options: tuple[tuple[str, Any], ...]) -> Callable[..., Any]:
    """Return a jitted function that calls a bound model; each kind of arguments is compiled once."""

    def run(bound: Any, arrays: list[Any], rest: StaticTree, training: bool) -> tuple[Any, Params]:
        args, kwargs = TREES.combine(arrays, rest)
        return _call(bound, args, kwargs, training)

    return jax.jit(run, static_argnums=(2, 3), **dict(options))


def _flatten(bound: BoundModel[Any]) -> tuple[tuple[Any, ...], Any]:
    return (bound.params,), bound.model


def _flatten_with_keys(bound: BoundModel[Any]) -> tuple[tuple[Any, ...], Any]:
    return ((jax.tree_util.GetAttrKey("params"), bound.params),), bound.model


def _unflatten(model: Any, children: Any) -> BoundModel[Any]:
    return BoundModel(model, *children)


def register() -> None:
    """Register bound models as pytree nodes."""
    jax.tree_util.register_pytree_with_keys(BoundModel, _flatten_with_keys, _unflatten, _flatten)
    jax.tree_util.register_pytree_with_keys(
        TransformedModel,
        lambda model: (((jax.tree_util.GetAttrKey("inner"), model.inner),), (model.kind, model.options)),
        lambda static, children: TransformedModel(next(iter(children)), *static),
        lambda model: ((model.inner,), (model.kind, model.options)),
    )
