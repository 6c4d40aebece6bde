"""A model together with its variables, as one pytree."""

import functools
from collections.abc import Callable
from typing import Any, Generic, TypeVar

import jax

from unified.backends.jax.apart import Rest, apart
from unified.core.params import Params

__all__ = ["BoundModel", "TransformedModel"]

R = TypeVar("R")  # what the function returns
S = TypeVar("S")


class BoundModel(Generic[R]):
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

    def __call__(self, *args: Any, training: bool = False, **kwargs: Any) -> "tuple[R, BoundModel[R]]":
        output, changes = self.model.apply(self.params, *args, training=training, **kwargs)
        return output, BoundModel(self.model, self.params | changes)

    def method(self, fn: Callable[..., S]) -> "BoundModel[S]":
        """Another function over the same variables, as such a model: one that runs a part of what init ran.

        A public method of a `unified.Module` has a path of its own, so that `lambda z: Autoencoder().decode(z)` finds
        its variables in those of `lambda x: Autoencoder()(x)`.
        """
        return BoundModel(self.model.method(fn), self.params)

    def transformed(self, kind: str, **options: Any) -> "TransformedModel[R]":
        """See `unified.jit` and `unified.vmap`."""
        return TransformedModel(self, kind, tuple(sorted(options.items())))

    def replace(self, params: Params) -> "BoundModel[R]":
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


class TransformedModel(Generic[R]):
    """A bound model whose calls are compiled or mapped: what `unified.jit(bound)` and `unified.vmap(bound)` return.

    A pytree as the model itself is, and immutable. A call returns the output and the next such model.
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
        """The same with other variables."""
        return TransformedModel(self.inner.replace(params), self.kind, self.options)

    def transformed(self, kind: str, **options: Any) -> "TransformedModel[R]":
        """See `unified.jit` and `unified.vmap`."""
        return TransformedModel(self, kind, tuple(sorted(options.items())))

    def __call__(self, *args: Any, training: bool = False, **kwargs: Any) -> "tuple[R, TransformedModel[R]]":
        if self.kind == "jit":
            arrays, rest = apart((args, kwargs))
            output, params = _jitted(self.options)(self.inner, arrays, rest, training)
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
    output, following = bound(*args, training=training, **kwargs)
    return output, following.params


@functools.cache
def _jitted(options: tuple[tuple[str, Any], ...]) -> Callable[..., Any]:
    """A call of a bound model, compiled once for each kind of arguments."""

    def run(bound: Any, arrays: list[Any], rest: Rest, training: bool) -> tuple[Any, Params]:
        args, kwargs = rest.merge(arrays)
        return _call(bound, args, kwargs, training)

    return jax.jit(run, static_argnums=(2, 3), **dict(options))


def _children(bound: BoundModel[Any]) -> tuple[tuple[Any, ...], Any]:
    return (bound.params,), bound.model


def _children_with_keys(bound: BoundModel[Any]) -> tuple[tuple[Any, ...], Any]:
    return ((jax.tree_util.GetAttrKey("params"), bound.params),), bound.model


def _of_children(model: Any, children: Any) -> BoundModel[Any]:
    return BoundModel(model, *children)


def register() -> None:
    """Makes bound models pytree nodes."""
    jax.tree_util.register_pytree_with_keys(BoundModel, _children_with_keys, _of_children, _children)
    jax.tree_util.register_pytree_with_keys(
        TransformedModel,
        lambda model: (((jax.tree_util.GetAttrKey("inner"), model.inner),), (model.kind, model.options)),
        lambda static, children: TransformedModel(next(iter(children)), *static),
        lambda model: ((model.inner,), (model.kind, model.options)),
    )
