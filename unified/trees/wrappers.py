"""Transforms as modules: `VMap`, `Jit`, `Checkpoint`, `Grad` and `ValueAndGrad` wrap a module or a function.

A wrapper is a tree like the module in it, whose variables keep their paths, and is saved with it. In a call of `apply`
it runs its module by `apply` too, inside of the transform, and the new module leaves the transform as an output.
"""

from collections.abc import Callable
from typing import Any

from unified.core.filters import Filter
from unified.trees import registry
from unified.trees.applying import run_part
from unified.trees.fields import field
from unified.trees.module import Module, array_text
from unified.trees.nodes import child_items, leaves
from unified.trees.running import Placed, current
from unified.trees.variables import combine, layers_of, partition, variables

__all__ = ["Checkpoint", "Grad", "Jit", "VMap", "ValueAndGrad"]


class _Wrapper(Placed, Module):
    """A module around another, or around a function."""

    inner: Callable[..., Any]

    _inner = "inner"

    def __check_init__(self) -> None:
        if not callable(self.inner):
            raise TypeError(f"{type(self).__name__} takes a module or a function, got {array_text(self.inner)}")

    def _backend(self, args: Any) -> Any:
        arrays = (value for _, value, _ in variables(self.inner))
        return registry.backend_of((*arrays, *leaves(args)), self)

    def _wraps_module(self) -> bool:
        return child_items(self.inner) is not None

    def _key(self, run: Any, path: str) -> Any:
        """Return the key of this call, another one for each call of the wrapper in a run."""
        if run.rng is None:
            return None
        count = run.calls.get(path, 0)
        run.calls[path] = count + 1
        key, counter = run.rng
        return (key if count == 0 else run.backend.fold_in(key, count)), counter

    def _keep(self, run: Any, path: str, inner: Any) -> None:
        """Keep the wrapper with its new module, for the tree that `apply` returns."""
        if child_items(inner) is not None:
            run.store(path, self._with({**self._children(), "inner": inner}))

    def _misplaced(self) -> ValueError:
        return ValueError(
            f"{self!r} was called with training or rng, and is none of the modules that apply was given: a transform "
            "has put it together anew, or the call made it. Call it there as `y, module = unified.trees.apply(module, "
            "x, training=True, rng=key)`"
        )

    def _through(self, args: tuple[Any, ...], kwargs: dict[str, Any], call: Callable[..., Any]) -> Any:
        """Return the output of `call(backend, fn, inner, args, kwargs)`, where `fn(inner, *args)` is the module's."""
        run = current.run
        if run is not None and run.first_values is not None:
            return self._first_call(args, kwargs)
        backend = self._backend((args, kwargs)) if run is None else run.backend
        if run is None or not (run.training or run.rng is not None) or not self._wraps_module():
            return call(backend, _evaluate, self.inner, args, kwargs)
        path = self._place(run)
        if path is None:
            raise self._misplaced()
        current_self = run.new.get(path, self)
        part = _Part(backend, path, run.training)
        output, inner = call(backend, part, (current_self.inner, self._key(run, path)), args, kwargs)
        self._keep(run, path, inner)
        return output

    def _first_call(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Return the output of a call that completes layers, whose new arrays must not be those of a transform."""
        return self.inner(*args, **kwargs)


def _evaluate(inner: Any, *args: Any, **kwargs: Any) -> Any:
    return inner(*args, **kwargs)


class _Part:
    """The function of a module and a key that returns the output and the new module; equal for equal paths."""

    def __init__(self, backend: Any, path: str, training: bool) -> None:
        self.backend = backend
        self.path = path
        self.training = training

    def __call__(self, state: Any, *args: Any, **kwargs: Any) -> Any:
        inner, key = state
        return run_part(self.backend, inner, self.path, args, kwargs, self.training, key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Part) and vars(self) == vars(other)

    def __hash__(self) -> int:
        return hash(self.path)


class Jit(_Wrapper):
    """A module or a function whose calls JAX compiles, once for each kind of arguments; what is no array is static.

    On torch a call runs as it is: `torch.compile` compiles a step as a whole, with the wrapper in it.

    >>> import jax.numpy as jnp, unified.trees as ut
    >>> fast = ut.Jit(ut.fill(ut.Linear(2, 3), backend="jax"))
    >>> fast(jnp.ones((4, 2))).shape
    (4, 3)
    """

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._through(args, kwargs, _jitted)


def _jitted(backend: Any, fn: Any, inner: Any, args: Any, kwargs: Any) -> Any:
    return backend.calls.jit(fn, (inner, *args), kwargs)


class Checkpoint(_Wrapper):
    """A module or a function whose gradient computes the intermediate values again, instead of keeping them.

    >>> import torch, unified.trees as ut
    >>> ut.Checkpoint(ut.fill(ut.Linear(2, 3), backend="torch"))(torch.ones(4, 2)).shape
    torch.Size([4, 3])
    """

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._through(args, kwargs, _recomputed)


def _recomputed(backend: Any, fn: Any, inner: Any, args: Any, kwargs: Any) -> Any:
    return backend.calls.remat(lambda inner, *args: fn(inner, *args, **kwargs))(inner, *args)


class VMap(_Wrapper):
    """A module or a function mapped over an axis of its inputs.

    Args:
        inner: the module or the function.
        in_axes: the axis of each input, as of `jax.vmap`: a number for all, or a tuple with one for each.
        out_axes: the axis of the output.
        module_axis: the axis of the module's own arrays, for a module whose arrays are stacked; `None` if all elements
            share it.
        axis_name: the name of the mapped axis, on JAX.

    In training each element draws its own numbers. State that layers write is stacked along `module_axis`; a module
    that all elements share can keep none.

    >>> import torch, unified.trees as ut
    >>> ut.VMap(ut.fill(ut.Linear(2, 3), backend="torch"))(torch.ones(4, 5, 2)).shape
    torch.Size([4, 5, 3])
    """

    in_axes: Any = field(static=True, default=0)
    out_axes: Any = field(static=True, default=0)
    module_axis: int | None = field(static=True, default=None)
    axis_name: Any = field(static=True, default=None)

    def __call__(self, *args: Any) -> Any:
        return self._through(args, {}, self._mapped)

    def _mapped(self, backend: Any, fn: Any, inner: Any, args: Any, kwargs: Any) -> Any:
        axes = self.in_axes if isinstance(self.in_axes, (tuple, list)) else (self.in_axes,) * len(args)
        if len(axes) != len(args):
            raise ValueError(f"{self!r} has {len(axes)} axes in in_axes, and was called with {len(args)} inputs")
        calls, axis = backend.calls, self.module_axis
        if not isinstance(fn, _Part):
            return calls.vmap(fn, (axis, *axes), self.out_axes, self.axis_name)(inner, *args)
        module, rng = inner
        if axis is None and fn.training:
            self._check_stateless(fn.path, module)
        size = next(iter(dict(backend.trees.sizes((module, *args), (axis, *axes))).values()))

        def one(module: Any, lane: Any, *args: Any) -> Any:
            key = None if rng is None else (backend.fold_in(rng[0], lane), rng[1])
            output, new = fn((module, key), *args)
            return output, () if axis is None else new

        in_axes, out_axes = (axis, 0, *axes), (self.out_axes, 0 if axis is None else axis)
        output, new = calls.vmap(one, in_axes, out_axes, self.axis_name)(module, backend.trees.arange(0, size), *args)
        return output, module if axis is None else new

    def _check_stateless(self, path: str, module: Any) -> None:
        """Raise if a layer would write state that all elements share."""
        for where, layer in layers_of(module, path):
            if layer._has_state:
                raise ValueError(
                    f"{where!r} writes state in training, and all elements of the axis that {type(self).__name__} maps "
                    "share it: pass module_axis= with a module of stacked arrays, or call that layer outside of it"
                )

    def _first_call(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        return self._mapped(self._backend(args), lambda _, *args: self.inner(*args), (), args, kwargs)


class _Differentiated(_Wrapper):
    wrt: Any = field(static=True, default=None)
    has_aux: bool = field(static=True, default=False)

    def _value_and_grad(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Any, Any]:
        if not args:
            raise TypeError(f"{self!r} differentiates with respect to its first argument, and was called with none")
        run = current.run
        if run is not None and run.training and self._wraps_module():
            raise ValueError(
                f"{self!r} was called inside of apply(training=True): its layers could keep no state. Call apply "
                "within the function that is differentiated, and return the new model as has_aux"
            )
        backend = self._backend((args, kwargs))
        first, *others = args
        if not isinstance(first, Module):
            if self.wrt is not None:
                raise TypeError(f"{self!r}: wrt= selects variables of a module, and the first argument is none")
            return backend.calls.value_and_grad(lambda first: self.inner(first, *others, **kwargs), self.has_aux)(first)
        filters: tuple[Filter, ...] = () if self.wrt is None else (self.wrt,)
        chosen, rest = partition(first, *filters)
        if not any(True for _ in variables(chosen)):
            raise ValueError(f"{self!r}: wrt={self.wrt!r} selects no variable of {type(first).__name__}")

        def loss(chosen: Any) -> Any:
            return self.inner(combine(chosen, rest), *others, **kwargs)

        return backend.calls.value_and_grad(loss, self.has_aux)(chosen)


class Grad(_Differentiated):
    """The gradient of a function or a module with respect to its first argument.

    For a module as the first argument these are its trainable variables, or those that the filter `wrt` accepts; the
    gradient is such a module, with `None` in place of all others. With `has_aux` the function returns a value and
    something else, and a call `(gradient, something else)`.

    >>> import torch, unified.trees as ut
    >>> model = ut.fill(ut.Sequential((ut.Linear(2, 3), ut.Linear(3, 1))), backend="torch")
    >>> gradient = ut.Grad(lambda model, x: model(x).sum(), wrt="layers/1/*")(model, torch.ones(4, 2))
    >>> list(ut.params(gradient))
    ['layers/1/weight', 'layers/1/bias']
    """

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        value, gradient = self._value_and_grad(args, kwargs)
        return (gradient, value[1]) if self.has_aux else gradient


class ValueAndGrad(_Differentiated):
    """The value of a function or a module and its gradient with respect to the first argument.

    Args:
        inner: a function or a module that returns a scalar.
        wrt: for a module as the first argument, a filter of its variables; the trainable ones if `None`.
        has_aux: whether `inner` returns `(scalar, something else)`; a call then returns `((scalar, something else),
            gradient)`.

    >>> import torch, unified.trees as ut
    >>> model = ut.fill(ut.Linear(2, 1), backend="torch")
    >>> value, gradient = ut.ValueAndGrad(lambda model, x: model(x).sum())(model, torch.ones(3, 2))
    >>> gradient.bias.tolist()
    [3.0]
    """

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._value_and_grad(args, kwargs)
