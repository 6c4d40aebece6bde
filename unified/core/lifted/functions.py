"""Transforms of a function that runs once: `remat`, `jit`, `grad`, `value_and_grad`, `eval_shape`."""

import functools
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

from unified.core.annotations import PyTree
from unified.core.lifted.piece import Piece, scope_of
from unified.core.lifted.trees import map_leaves
from unified.core.scope import current

__all__ = ["eval_shape", "grad", "jit", "remat", "value_and_grad"]

P = ParamSpec("P")
R = TypeVar("R")
F = TypeVar("F", bound=Callable[..., Any])


def remat(
    fun: Callable[P, R], *, policy: Callable[..., bool] | None = None, prevent_cse: bool = True
) -> Callable[P, R]:
    """`fun`, whose intermediate values the gradient computes again instead of keeping them.

    `jax.checkpoint` on JAX, `torch.utils.checkpoint` on torch. State that it sets is set once, and what is computed
    again draws the same random numbers.

    Args:
        fun: a part of the body.
        policy: on JAX, which values are kept after all (`jax.checkpoint_policies`).
        prevent_cse: `jax.checkpoint`'s.

    >>> import torch, unified as u
    >>> forward = lambda x: u.remat(lambda x: u.Linear(2, 3)(x).relu())(x).sum()
    >>> net = u.transform(forward, backend="torch").init(torch.ones(1, 2), rng=0)
    >>> net(torch.ones(1, 2)).backward()
    """

    @functools.wraps(fun, updated=())
    def again(*args: P.args, **kwargs: P.kwargs) -> R:
        scope = scope_of("remat")
        frame = scope.frame
        if frame.initializing:
            return fun(*args, **kwargs)
        output: R = frame.backend.transforms.remat(frame, Piece(scope, fun).marked(), args, kwargs, policy, prevent_cse)
        return output

    return again


def jit(fun: F, **options: Any) -> F:
    """`fun` as one compiled function: `jax.jit` on JAX; on torch, where `torch.compile` takes the whole model, itself.

    Of the arguments only arrays are traced; all else stays static, so that `static_argnums` and `static_argnames` have
    no effect. Other options are `inline` and `keep_unused` of `jax.jit`.

    A model bound to its variables (`net.bind(params)`) may be given outside a body: on JAX it becomes such a model
    whose calls are compiled, and on torch `torch.compile` is applied to it.
    """
    if current.scope is None and hasattr(fun, "transformed"):
        model: F = fun.transformed("jit", **options)
        return model
    if unknown := options.keys() - {"inline", "keep_unused", "static_argnums", "static_argnames"}:
        raise TypeError(f"u.jit in a body does not take {', '.join(sorted(unknown))}")
    options = {name: value for name, value in options.items() if not name.startswith("static_")}

    @functools.wraps(fun, updated=())
    def compiled(*args: Any, **kwargs: Any) -> Any:
        scope = scope_of("jit")
        frame = scope.frame
        if frame.initializing:
            return fun(*args, **kwargs)
        return frame.backend.transforms.jit(frame, Piece(scope, fun).marked(), args, kwargs, options)

    return compiled  # type: ignore[return-value]  # takes and returns what `fun` does


def value_and_grad(
    fun: Callable[P, R], argnums: int | tuple[int, ...] = 0, has_aux: bool = False, **options: Any
) -> Callable[P, tuple[R, PyTree]]:
    """A function that returns the value of `fun` and its gradients by arguments: `jax.value_and_grad`.

    `fun` is a part of the body that returns a scalar, or `(scalar, auxiliary)` with `has_aux`. Gradients are by its
    arguments, not by its variables. `options` are `jax.value_and_grad`'s. On torch it is `torch.func.grad_and_value`.
    In init, which needs shapes alone, the gradients are zeros.

    >>> import torch, unified as u
    >>> force = lambda x: -u.grad(lambda x: u.Linear(2, 1)(x).sum())(x)
    >>> net = u.transform(force, backend="torch").init(torch.ones(4, 2), rng=0)
    >>> net(torch.ones(4, 2)).shape
    torch.Size([4, 2])
    """

    @functools.wraps(fun, updated=())
    def differentiated(*args: P.args, **kwargs: P.kwargs) -> tuple[R, PyTree]:
        scope = scope_of("value_and_grad")
        frame = scope.frame
        transforms = frame.backend.transforms
        if frame.initializing:
            output = fun(*args, **kwargs)
            chosen = tuple(args[n] for n in argnums) if isinstance(argnums, tuple) else args[argnums]
            return output, map_leaves(transforms, transforms.zeros_like, chosen)
        piece = Piece(scope, fun).marked()
        value, aux, gradients = transforms.value_and_grad(frame, piece, args, kwargs, argnums, has_aux, options)
        result: Any = (value, aux) if has_aux else value
        return result, gradients

    return differentiated


def grad(
    fun: Callable[P, Any], argnums: int | tuple[int, ...] = 0, has_aux: bool = False, **options: Any
) -> Callable[P, PyTree]:
    """A function that returns the gradients of `fun` by arguments: `jax.grad`; see `value_and_grad`."""
    both = value_and_grad(fun, argnums, has_aux, **options)

    @functools.wraps(fun, updated=())
    def gradients(*args: P.args, **kwargs: P.kwargs) -> PyTree:
        output, found = both(*args, **kwargs)
        return (found, output[1]) if has_aux else found

    return gradients


def eval_shape(fun: Callable[..., Any], *args: PyTree, **kwargs: PyTree) -> PyTree:
    """What `fun(*args, **kwargs)`, a part of the body, returns, as shapes and dtypes; computes nothing.

    The leaves are `jax.ShapeDtypeStruct`s, and on torch tensors on the device `meta`. In init it makes the variables.
    """
    scope = scope_of("eval_shape")
    frame = scope.frame
    transforms = frame.backend.transforms
    if frame.initializing:
        return map_leaves(transforms, transforms.shape_of, fun(*args, **kwargs))
    return transforms.eval_shape(frame, Piece(scope, fun).marked(), args, kwargs)
