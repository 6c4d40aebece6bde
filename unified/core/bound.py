"""Bound models: a model together with its variables, as one tree, the same on every framework."""

import functools
from collections.abc import Callable
from typing import Any, Generic, NoReturn, TypeVar

from unified.core.backends import load
from unified.core.params import Params
from unified.core.scope import current

__all__ = ["BoundModel", "TransformedModel"]

R = TypeVar("R")  # what the function returns
S = TypeVar("S")


def _refuse(self: Any, *args: Any) -> NoReturn:
    raise TypeError("a bound model is immutable: bound.replace(params) makes another")


def _check_owned(bound: Any) -> None:
    """Let the frame of init, if one runs, check that the bound model is a part of the model that runs."""
    scope: Any = current.scope
    if scope is not None and scope.frame.initializing:
        scope.frame.check_bound(bound)


class BoundModel(Generic[R]):
    """A model with its variables, as `net.bind(params)` returns it.

    It is immutable, and a tree whose leaves are the arrays, so that `u.jit`, `u.grad`, `jax.vmap` and the other
    transforms of the framework take it as an argument. `output, bound = bound(x)` returns the next bound model, with
    the changes of the call.

    >>> import torch, unified as u
    >>> net = u.transform(lambda x: u.Linear(2, 3)(x), backend="torch").init(torch.ones(1, 2), rng=0)
    >>> bound = net.bind(net.params)
    >>> y, bound = bound(torch.ones(4, 2))
    >>> y.shape, bound.params["linear/weight"].shape
    (torch.Size([4, 3]), torch.Size([3, 2]))
    """

    __slots__ = ("model", "params")

    model: Any
    params: Params

    def __init__(self, model: Any, params: Params) -> None:
        object.__setattr__(self, "model", model)
        object.__setattr__(self, "params", params)

    def __call__(self, *args: Any, training: bool = False, **kwargs: Any) -> "tuple[R, BoundModel[R]]":
        """Return `(output, bound)`; `capture=`, as `apply` takes it, puts intermediate values into `bound.params`."""
        _check_owned(self)
        output, changes = self.model.apply(self.params, *args, training=training, **kwargs)
        return output, self.replace(self.params | changes)

    def method(self, fn: Callable[..., S]) -> "BoundModel[S]":
        """Return a bound model of another function over the same variables, which runs a part of what init ran.

        Each public method of a `unified.Module` has its own path, so that `lambda z: Autoencoder().decode(z)` finds
        its variables among those of `lambda x: Autoencoder()(x)`.

        Args:
            fn: the other function.

        >>> import torch, unified as u
        >>> net = u.transform(lambda x: u.Linear(2, 3)(x), backend="torch").init(torch.ones(1, 2), rng=0)
        >>> doubled = net.bind(net.params).method(lambda x: 2 * u.Linear(2, 3)(x))
        >>> torch.equal(doubled(torch.ones(1, 2))[0], 2 * net(torch.ones(1, 2)))
        True
        """
        bound: Any = type(self)(self.model.method(fn), self.params)
        return bound

    def transformed(self, kind: str, **options: Any) -> "TransformedModel[R]":
        """Return the model under a transform; see `unified.jit` and `unified.vmap`.

        Args:
            kind: the transform's name, `"jit"` or `"vmap"`.
            **options: its arguments.
        """
        return TransformedModel(self, kind, tuple(sorted(options.items())))

    def replace(self, params: Params) -> "BoundModel[R]":
        """Return the same model with other variables.

        Args:
            params: the variables, of the same paths.

        Raises `KeyError` for a path of a dict that the model lacks.

        >>> import torch, unified as u
        >>> net = u.transform(lambda x: u.Linear(2, 3)(x), backend="torch").init(torch.ones(1, 2), rng=0)
        >>> bound = net.bind(net.params)
        >>> bound.replace(net.params.update({"linear/bias": torch.ones(3)})).params["linear/bias"].tolist()
        [1.0, 1.0, 1.0]
        """
        if not isinstance(params, Params):
            params = self.params.merge(params).pick(params)  # a dict says nothing of collections
        return type(self)(self.model, params)

    def reseed(self, seed: Any) -> "BoundModel[R]":
        """Return the model with random draws that start anew from `seed`, an integer or a key."""
        return self.replace(self.model.reseed(self.params, seed))

    @property
    def module(self) -> Any:
        """On torch, an `nn.Module` of its own with these variables; other frameworks have none."""
        return self.model._module_of(self.params)

    @property
    def _fn(self) -> Any:
        return self.model._fn

    def _repr_html_(self) -> str:
        from unified.core.notebook import html

        return html(self.params, repr(self.model))

    def __treescope_repr__(self, path: str | None, subtree_renderer: Any) -> Any:
        from unified.core.notebook import render_bound

        return render_bound(self, path, subtree_renderer)

    __setattr__ = __delattr__ = _refuse

    def __reduce__(self) -> Any:
        return type(self), (self.model, self.params)

    def __repr__(self) -> str:
        return f"BoundModel({self.model!r}, {self.params!r})"


class TransformedModel(Generic[R]):
    """A bound model whose calls are compiled or mapped, as `unified.jit(bound)` and `unified.vmap(bound)` return it.

    It is immutable, and a tree like the bound model itself. A call returns the output and the next model.
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
        """Return the same transformed model with other variables.

        Args:
            params: the variables, of the same paths.
        """
        return TransformedModel(self.inner.replace(params), self.kind, self.options)

    def reseed(self, seed: Any) -> "TransformedModel[R]":
        """Return the model with random draws that start anew from `seed`, an integer or a key."""
        return self.replace(self.model.reseed(self.params, seed))

    def transformed(self, kind: str, **options: Any) -> "TransformedModel[R]":
        """Return the model under a transform; see `unified.jit` and `unified.vmap`.

        Args:
            kind: the transform's name, `"jit"` or `"vmap"`.
            **options: its arguments.
        """
        return TransformedModel(self, kind, tuple(sorted(options.items())))

    def __call__(self, *args: Any, training: bool = False, **kwargs: Any) -> "tuple[R, TransformedModel[R]]":
        """Return `(output, model)`, as a bound model does."""
        _check_owned(self)
        backend, options = self.model._framework, dict(self.options)
        if self.kind == "jit":
            output, params = _jitted(backend, self.options)(self.inner, args, kwargs, training)
        else:
            if kwargs:
                raise TypeError("a mapped model takes positional arguments alone")
            out_axes = options.pop("out_axes")
            mapped = load(backend).function_transforms.vmap(
                lambda *args: _call(self.inner, args, {}, training), out_axes=(out_axes, None), **options
            )
            output, params = mapped(*args)
        return output, self.replace(params)

    __setattr__ = __delattr__ = _refuse

    def __reduce__(self) -> Any:
        return TransformedModel, (self.inner, self.kind, self.options)

    def __repr__(self) -> str:
        return f"unified.{self.kind}({self.inner!r})"


def _call(bound: Any, args: Any, kwargs: Any, training: bool) -> tuple[Any, Params]:
    output, new_bound = bound(*args, training=training, **kwargs)
    return output, new_bound.params


@functools.cache
def _jitted(backend: str, options: tuple[tuple[str, Any], ...]) -> Callable[..., Any]:
    """Return a jitted function that calls a bound model; each kind of arguments is compiled once."""
    return load(backend).function_transforms.jit(_call, dict(options))
