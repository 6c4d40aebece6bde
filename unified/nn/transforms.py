"""Transforms of functions that take objects: `jit`, `grad`, `value_and_grad`, `vmap`, `scan`, `remat`.

An object is passed as an argument like an array. What the function writes into it (statistics of a norm, `self.count`,
the number of draws) is carried out of the transform and kept in the object, on both frameworks.

>>> import numpy as np, unified as u, unified.nn as nn
>>> net = u.build(nn.Linear, 3, 1, backend="jax", rng=0)
>>> @nn.jit
... def step(net, x, y):
...     grads = nn.grad(lambda net: ((net(x) - y) ** 2).mean())(net)
...     nn.update(net, {path: net.params[path] - 0.1 * g for path, g in grads.items()})
>>> x = np.ones((4, 3), np.float32)
>>> before = float(net(x).sum())
>>> step(net, x, np.zeros((4, 1), np.float32))
>>> bool(abs(net(x).sum()) < abs(before))
True
"""

import functools
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from unified.core.filters import Filter
from unified.core.lifted import outside
from unified.nn.construction import objects_of
from unified.nn.module import Module
from unified.nn.summary import calls

__all__ = ["grad", "has_objects", "jit", "remat", "scan", "value_and_grad", "vmap"]

F = TypeVar("F", bound=Callable[..., Any])


def _within(value: Any) -> Iterator[Any]:
    """Yield the objects in tuples, lists and dicts."""
    if isinstance(value, Module):
        yield value
    elif isinstance(value, (tuple, list)):
        for item in value:
            yield from _within(item)
    elif isinstance(value, dict):
        for item in value.values():
            yield from _within(item)


def has_objects(*values: Any) -> bool:
    """Return whether there are objects of `unified.nn` in these values, or a value is a method of one."""
    return any(True for value in values for _ in _within(getattr(value, "__self__", value)))


def _transforms(what: str, args: Any, kwargs: Any) -> Any:
    """Return the transforms of the framework of the objects among the arguments."""
    first = next(_within((args, kwargs)), None)
    if first is None:
        raise TypeError(
            f"unified.nn.{what} transforms a function that takes an object of unified.nn, and none is among the "
            f"arguments: pass the network, or use unified.{what} for functions of arrays"
        )
    return next(objects_of(first)).transforms


def _with_owner(fn: Callable[..., Any]) -> tuple[Callable[..., Any], tuple[Any, ...]]:
    """Return a function that takes the object first of which `fn` is one, or a method, and that object."""
    if isinstance(fn, Module):
        return _call, (fn,)
    owner = getattr(fn, "__self__", None)
    if isinstance(owner, Module):
        return fn.__func__, (owner,)  # type: ignore[attr-defined]
    return fn, ()


def _call(module: Any, *args: Any, **kwargs: Any) -> Any:
    return module(*args, **kwargs)


def _transform(what: str, fn: Any, options: dict[str, Any]) -> Any:
    """Return `fn` transformed by the framework of the objects that it is called with."""
    function, owner = _with_owner(fn)
    by_framework: dict[int, Callable[..., Any]] = {}

    @functools.wraps(function, updated=())
    def transformed(*args: Any, **kwargs: Any) -> Any:
        args = (*owner, *args)
        transforms = _transforms(what, args, kwargs)
        run = by_framework.get(id(transforms))
        if run is None:
            run = by_framework[id(transforms)] = getattr(transforms, what)(function, **options)
        return run(*args, **kwargs)

    return transformed


def jit(fn: F, **options: Any) -> F:
    """Return `fn`, which takes objects, compiled once for each kind of arguments: `jax.jit` on JAX, `fn` on torch.

    Objects with equal classes, attributes, modes and shapes are of one kind, and run what was compiled for the first.
    On torch use `torch.compile` on the network or on the function. `options` are those of `jax.jit`; text, `None`,
    booleans and other values that are no arrays or numbers are static.

    A function that sets an attribute which is no variable raises: what it sets would be kept once, when it is compiled.

    Args:
        fn: the function.
        **options: see above.

    >>> import torch, unified as u, unified.nn as nn
    >>> net = u.build(nn.Linear, 2, 1, backend="torch", rng=0)
    >>> list(nn.jit(lambda net, x: net(x))(net, torch.ones(3, 2)).shape)
    [3, 1]
    """
    return _transform("jit", fn, options)


def value_and_grad(
    fn: Callable[..., Any], wrt: Filter | None = None, has_aux: bool = False
) -> Callable[..., tuple[Any, Any]]:
    """Return a function that computes the value of `fn(object, ...)`, and its gradients by the object's variables.

    Args:
        fn: takes an object first, and returns a scalar, or `(scalar, auxiliary)` with `has_aux`.
        wrt: a filter of the variables, such as `"params"` or `"encoder/*"`; by default the trainable ones.
        has_aux: whether `fn` returns an auxiliary value too.

    Returns:
        `(value, gradients)`, or `((value, auxiliary), gradients)`. The gradients are `Params` with the paths of the
        variables, zero where the value does not depend on one.

    >>> import numpy as np, unified as u, unified.nn as nn
    >>> net = u.build(nn.Linear, 3, 1, backend="torch", rng=0)
    >>> import torch
    >>> value, grads = nn.value_and_grad(lambda net: net(torch.ones(2, 3)).sum())(net)
    >>> grads["bias"]
    tensor([2.])
    """
    return _transform("value_and_grad", fn, {"wrt": wrt, "has_aux": has_aux})


def grad(fn: Callable[..., Any], wrt: Filter | None = None, has_aux: bool = False) -> Callable[..., Any]:
    """Return a function that computes the gradients of `fn(object, ...)` with respect to the object's variables.

    Args:
        fn: a function whose first argument is an object, and which returns a scalar.
        wrt: a filter of the variables; the trainable ones if `None`.
        has_aux: whether `fn` returns `(scalar, auxiliary)`.

    Returns:
        A function with the arguments of `fn`: `Params`, or `(Params, auxiliary)` with `has_aux`.

    >>> import torch, unified as u, unified.nn as nn
    >>> net = u.build(nn.Linear, 2, 1, backend="torch", rng=0)
    >>> nn.grad(lambda net, x: net(x).sum())(net, torch.ones(3, 2))["bias"].tolist()
    [3.0]
    """
    function = value_and_grad(fn, wrt, has_aux)

    @functools.wraps(function)
    def gradients(*args: Any, **kwargs: Any) -> Any:
        value, grads = function(*args, **kwargs)
        return (grads, value[1]) if has_aux else grads

    return gradients


def vmap(fn: F, in_axes: Any = 0, out_axes: Any = 0, axis_name: Any = None, split_rngs: bool = False) -> F:
    """Return `fn`, which takes objects, mapped over an axis of its arrays. All elements share the objects.

    Args:
        fn: the function.
        in_axes: the axis of each argument, `None` for one that is not mapped; what stands for an object is ignored.
        out_axes: the position of the mapped axis in the outputs.
        axis_name: the name of the axis, such as a norm's `axis_name=`.
        split_rngs: whether each element draws different random numbers.

    Raises:
        TransformBoundaryError: the elements write different values into a variable that they share.

    >>> import torch, unified as u, unified.nn as nn
    >>> net = u.build(nn.Linear, 2, 1, backend="torch", rng=0)
    >>> list(nn.vmap(lambda net, x: net(x), in_axes=(None, 0))(net, torch.ones(5, 2)).shape)
    [5, 1]
    """
    options = {"in_axes": in_axes, "out_axes": out_axes, "axis_name": axis_name, "split_rngs": split_rngs}
    return _transform("vmap", fn, options)


def scan(fn: Callable[..., tuple[Any, Any]], length: int | None = None, reverse: bool = False) -> Callable[..., Any]:
    """Return `run(object, init, xs)`, which calls `carry, y = fn(object, carry, x)` for each `x`: `(carry, ys)`.

    `jax.lax.scan` on JAX, a loop on torch. Each step sees what the one before wrote into the object, and draws other
    random numbers.

    Args:
        fn: the step.
        length: the number of steps, where `xs` is `None`.
        reverse: whether to begin with the last step.

    >>> import torch, unified as u, unified.nn as nn
    >>> net = u.build(nn.Linear, 2, 2, backend="torch", rng=0)
    >>> carry, ys = nn.scan(lambda net, carry, x: (net(carry) + x, carry))(net, torch.zeros(2), torch.ones(3, 2))
    >>> list(carry.shape), list(ys.shape)
    ([2], [3, 2])
    """
    return _transform("scan", fn, {"length": length, "reverse": reverse})


def remat(fn: F, policy: Any = None) -> F:
    """Return `fn`, which takes objects, with intermediate values that its gradient computes again instead of storing.

    `jax.checkpoint` on JAX, with its `policy`, and `torch.utils.checkpoint` on torch. What it writes is written once.

    Args:
        fn: the function.
        policy: what is stored all the same, as `jax.checkpoint` takes it; on torch `None`.

    >>> import torch, unified as u, unified.nn as nn
    >>> net = u.build(nn.Linear, 2, 1, backend="torch", rng=0)
    >>> list(nn.remat(lambda net, x: net(x))(net, torch.ones(3, 2)).shape)
    [3, 1]
    """
    return _transform("remat", fn, {"policy": policy})


def _take(tree: Any, objects: tuple[Any, ...]) -> Any:
    """Return a carry without these objects: a dict without arrays, which says its number, stands for each."""
    if isinstance(tree, Module):
        for number, value in enumerate(objects):
            if value is tree:
                return {_KEY: [()] * (number + 1)}
        raise TypeError("u.scan: the carry that a step returns has an object that it did not have: return the same one")
    if isinstance(tree, (tuple, list)) and not hasattr(tree, "_fields"):
        return type(tree)(_take(item, objects) for item in tree)
    return {name: _take(item, objects) for name, item in tree.items()} if type(tree) is dict else tree


_KEY = "an object of unified.nn"


def _put(tree: Any, objects: tuple[Any, ...]) -> Any:
    """Return a carry with the objects in their places: the inverse of `_take`."""
    if isinstance(tree, (tuple, list)) and not hasattr(tree, "_fields"):
        return type(tree)(_put(item, objects) for item in tree)
    if type(tree) is dict:
        if tree.keys() == {_KEY}:
            return objects[len(tree[_KEY]) - 1]
        return {name: _put(item, objects) for name, item in tree.items()}
    return tree


def _register() -> None:
    """Let the transforms of `unified` take objects: outside of a body they call these."""

    def with_wrt(
        fn: Callable[..., Any], argnums: Any = 0, has_aux: bool = False, wrt: Filter | None = None, **options: Any
    ) -> Callable[..., tuple[Any, Any]]:
        if argnums not in (0, (0,)) or options:
            given = sorted({*options, *(("argnums",) if argnums != 0 else ())})
            raise TypeError(f"gradients of an object are with respect to its variables, chosen by wrt=, not by {given}")
        return value_and_grad(fn, wrt, has_aux)

    def mapped(
        fn: Any, in_axes: Any = 0, out_axes: Any = 0, axis_name: Any = None, axis_size: Any = None
    ) -> Callable[..., Any]:
        if axis_size is not None:
            raise TypeError("u.vmap of a function of objects takes no axis_size: map over an argument")
        return vmap(fn, in_axes, out_axes, axis_name)

    def scanned(
        body: Callable[[Any, Any], Any], init: Any, xs: Any, length: Any = None, reverse: bool = False, unroll: Any = 1
    ) -> tuple[Any, Any]:
        objects = tuple({id(value): value for value in _within(init)}.values())

        def step(objects: tuple[Any, ...], carry: Any, x: Any) -> tuple[Any, Any]:
            output = body(_put(carry, objects), x)
            if not isinstance(output, tuple) or len(output) != 2:
                raise TypeError(f"u.scan: the body returns (carry, y), and returned a {type(output).__name__}")
            return _take(output[0], objects), output[1]

        carry, ys = scan(step, length, reverse)(objects, _take(init, objects), xs)
        return _put(carry, objects), ys

    def remat_fn(fn: Any, policy: Any = None, prevent_cse: bool = True) -> Any:
        return remat(fn, policy)

    outside.OBJECTS.update(
        {
            "has_objects": has_objects,
            "calls": calls,
            "jit": jit,
            "value_and_grad": with_wrt,
            "vmap": mapped,
            "scan": scanned,
            "remat": remat_fn,
        }
    )


_register()
