"""Transforms of a subfunction that runs once: `remat`, `jit`, `grad`, `value_and_grad`, `eval_shape`."""

import functools
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

from unified.core.annotations import PyTree
from unified.core.filters import Filter
from unified.core.lifted import outside
from unified.core.lifted.checks import check_differentiable, check_functions
from unified.core.lifted.outside import OBJECTS, backend_of, is_outside, once, without_body, wrap_objects
from unified.core.lifted.subfunction import Subfunction, scope_of
from unified.core.scope import current

__all__ = ["eval_shape", "grad", "jit", "remat", "value_and_grad"]

P = ParamSpec("P")
R = TypeVar("R")
F = TypeVar("F", bound=Callable[..., Any])


def remat(
    fun: Callable[P, R], *, policy: Callable[..., bool] | None = None, prevent_cse: bool = True
) -> Callable[P, R]:
    """Return `fun` with intermediate values that the gradient recomputes instead of storing them.

    This is `jax.checkpoint` on JAX and `torch.utils.checkpoint` on torch. State that `fun` sets is set once, and the
    recomputation draws the same random numbers.

    Args:
        fun: a part of the body.
        policy: on JAX, the values that are stored nevertheless (`jax.checkpoint_policies`).
        prevent_cse: as for `jax.checkpoint`.

    >>> import torch, unified as u
    >>> forward = lambda x: u.remat(lambda x: u.Linear(2, 3)(x).relu())(x).sum()
    >>> net = u.transform(forward, backend="torch").init(torch.ones(1, 2), rng=0)
    >>> net(torch.ones(1, 2)).backward()
    """

    check_functions("u.remat", fun=fun)
    of_objects = once(lambda: OBJECTS["remat"](fun, policy=policy, prevent_cse=prevent_cse))

    @without_body
    @functools.wraps(fun, updated=())
    def remat_fun(*args: Any, **kwargs: Any) -> Any:  # dynamo guards what annotations evaluate to
        if is_outside() and wrap_objects("remat", fun, args, kwargs):
            return of_objects()(*args, **kwargs)
        scope = scope_of("remat")
        frame = scope.frame
        if frame.initializing:
            return Subfunction(scope, fun)(*args, **kwargs)
        subfunction = Subfunction(scope, fun).start_here()
        output: R = frame.backend.transforms.remat(frame, subfunction, args, kwargs, policy, prevent_cse)
        return output

    return remat_fun


def jit(fun: F, *, compile: bool = False, **options: Any) -> F:
    """Return `fun` as one compiled function: `jax.jit` on JAX.

    On torch, in a body, `fun` is not compiled by itself, because `torch.compile` compiles the whole model. Only the
    arrays among the arguments are traced; all other arguments are static, so `static_argnums` and `static_argnames`
    have no effect. Other options are `inline` and `keep_unused` of `jax.jit`.

    Outside of a body `fun` is a function of arrays, `Params` and trees of them, a training step for example. On JAX it
    is compiled once for each kind of arguments: arrays and numbers are traced, all else is static, and options are
    those of `jax.jit`. On torch it runs as it is, without a record for autograd unless an argument is a module, until
    a library of JAX is loaded (`unified.compat.load`). From then on its second call traces it, once for each kind of
    arguments, where all but tensors is static, and later calls replay what was traced: calls of torch, with those of
    optimizers fused. As with `jax.jit`, what `fun` does beside returning values, such as printing, is not repeated. It
    runs as it is where a replay would differ: if it reads values, closes over tensors that require gradients, turns
    gradients off in a part, seeds a generator, changes attributes, globals or lists that it names, or uses autocast,
    hooks, `unified.remat` or transforms of `torch.func`.

    Args:
        fun: a part of the body; or, outside of one, a function of trees of arrays.
        compile: on torch, outside of a body, whether `torch.compile` compiles what was traced (or `fun`, if no library
            of JAX is loaded). It needs a C++ compiler.
        **options: see above.

    A model bound to its variables (`net.bind(params)`) may be passed outside a body: on JAX the result is a bound model
    whose calls are compiled; on torch `torch.compile` is applied to the model.

    >>> import torch, unified as u
    >>> @u.jit
    ... def step(w, x):
    ...     return w - 0.5 * u.grad(lambda w: ((w * x - 1) ** 2).sum())(w)
    >>> step(torch.zeros(1), torch.ones(1)).tolist()
    [1.0]
    """
    if current.scope is None and hasattr(fun, "transformed"):
        model: F = fun.transformed("jit", **options)
        return model
    check_functions("u.jit", fun=fun)
    compiled: dict[str, Callable[..., Any]] = {}  # outside of a body, by framework
    of_objects = once(lambda: OBJECTS["jit"](fun, **options))

    @functools.wraps(fun, updated=())
    def jit_fun(*args: Any, **kwargs: Any) -> Any:
        if is_outside():
            if wrap_objects("jit", fun, args, kwargs):
                return of_objects()(*args, **kwargs)
            backend = backend_of(args, kwargs)
            if backend.name not in compiled:
                own = {"compile": True} if compile else {}
                compiled[backend.name] = backend.function_transforms.jit(fun, {**options, **own})
            return compiled[backend.name](*args, **kwargs)
        if unknown := options.keys() - {"inline", "keep_unused", "static_argnums", "static_argnames"}:
            raise TypeError(f"u.jit in a body does not take {', '.join(sorted(unknown))}")
        kept = {name: value for name, value in options.items() if not name.startswith("static_")}
        scope = scope_of("jit")
        frame = scope.frame
        if frame.initializing:
            return Subfunction(scope, fun)(*args, **kwargs)
        return frame.backend.transforms.jit(frame, Subfunction(scope, fun).start_here(), args, kwargs, kept)

    return jit_fun  # type: ignore[return-value]  # with the signature of `fun`


def value_and_grad(
    fun: Callable[P, R],
    argnums: int | tuple[int, ...] = 0,
    has_aux: bool = False,
    *,
    wrt: Filter | None = None,
    **options: Any,
) -> Callable[P, tuple[R, PyTree]]:
    """Return a function that computes the value of `fun` and its gradients: `jax.value_and_grad`.

    `fun` is a part of the body that returns a scalar, or `(scalar, auxiliary)` with `has_aux`. Gradients are with
    respect to its arguments, not its variables. `options` are those of `jax.value_and_grad`. On torch this is
    `torch.func.grad_and_value`. During init, which needs only shapes, the gradients are zeros.

    Outside of a body `fun` is a function of arrays, `Params`, bound models and trees of them, or of an object of
    `unified.nn`. Of a `Params`, a bound model or an object, gradients are those of the trainable variables, or of those
    that the filter `wrt` accepts: `Params` like the first half of `params.split()`. On torch
    they have a graph of autograd within another `grad`, or if arguments follow from tensors that need gradients.
    Gradients of complex arrays are JAX's on both frameworks, which torch's autograd conjugates.

    Raises `TypeError` unless `fun` returns a scalar of floating point and its arguments are of floating-point numbers.

    >>> import torch, unified as u
    >>> force = lambda x: -u.grad(lambda x: u.Linear(2, 1)(x).sum())(x)
    >>> net = u.transform(force, backend="torch").init(torch.ones(4, 2), rng=0)
    >>> net(torch.ones(4, 2)).shape
    torch.Size([4, 2])
    """

    check_functions("u.grad", fun=fun)
    positions = argnums if isinstance(argnums, tuple) else (argnums,)
    of_objects = once(lambda: OBJECTS["value_and_grad"](fun, argnums, has_aux, wrt, **options))

    @functools.wraps(fun, updated=())
    def value_and_grad_fun(*args: Any, **kwargs: Any) -> Any:
        if is_outside():
            differentiated = tuple(args[n] for n in positions if -len(args) <= n < len(args))
            if wrap_objects("value_and_grad", fun, differentiated, {}):
                return of_objects()(*args, **kwargs)
            return outside.value_and_grad(fun, argnums, has_aux, wrt, options, args, kwargs)
        if wrt is not None:
            raise TypeError("wrt= selects variables of params and objects, outside of a body")
        scope = scope_of("value_and_grad")
        frame = scope.frame
        transforms, trees = frame.backend.transforms, frame.backend.trees
        if frame.initializing:
            output = Subfunction(scope, fun)(*args, **kwargs)
            inputs = tuple(args[n] for n in argnums) if isinstance(argnums, tuple) else args[argnums]
            check_differentiable(trees, output[0] if has_aux else output, inputs)
            return output, trees.map(trees.zeros_like, inputs)
        subfunction = Subfunction(scope, fun).start_here()
        value, aux, gradients = transforms.value_and_grad(frame, subfunction, args, kwargs, argnums, has_aux, options)
        result: Any = (value, aux) if has_aux else value
        return result, gradients

    return value_and_grad_fun


def grad(
    fun: Callable[P, Any],
    argnums: int | tuple[int, ...] = 0,
    has_aux: bool = False,
    *,
    wrt: Filter | None = None,
    **options: Any,
) -> Callable[P, PyTree]:
    """Return a function that computes the gradients of `fun`: `jax.grad`; `value_and_grad` says more.

    Args:
        fun: a part of the body that returns a scalar; outside of a body, a function of trees of arrays.
        argnums: the arguments to differentiate with respect to.
        has_aux: whether `fun` returns `(scalar, auxiliary)`.
        wrt: outside of a body, a filter of the variables of `Params`, a bound model or an object; the trainable ones
            if `None`.
        **options: those of `jax.grad`.

    Returns:
        A function with the arguments of `fun`: the gradients, or `(gradients, auxiliary)` with `has_aux`.

    Raises:
        TypeError: `fun` returns no scalar of floating point, or its arguments are not of floating-point numbers.

    >>> import torch, unified as u
    >>> u.grad(lambda x: (x**2).sum())(torch.tensor([3.0])).tolist()
    [6.0]
    """
    value_and_grad_fun = value_and_grad(fun, argnums, has_aux, wrt=wrt, **options)

    @functools.wraps(fun, updated=())
    def grad_fun(*args: Any, **kwargs: Any) -> Any:
        output, gradients = value_and_grad_fun(*args, **kwargs)
        return (gradients, output[1]) if has_aux else gradients

    return grad_fun


@without_body
def eval_shape(fun: Callable[..., Any], *args: PyTree, **kwargs: PyTree) -> PyTree:
    """Return the shapes and dtypes of `fun(*args, **kwargs)`, a part of the body, without computing it.

    The leaves are `jax.ShapeDtypeStruct`s; on torch they are tensors on the device `meta`. During init the variables
    are created.

    Args:
        fun: a part of the body; outside of one, any function.
        *args, **kwargs: its arguments, arrays or such shapes.

    >>> import torch, unified as u
    >>> net = u.transform(lambda x: u.eval_shape(lambda x: u.Linear(2, 3)(x), x).shape, backend="torch")
    >>> net.init(torch.ones(4, 2), rng=0)(torch.ones(4, 2))
    torch.Size([4, 3])
    """
    check_functions("u.eval_shape", fun=fun)
    scope = scope_of("eval_shape")
    frame = scope.frame
    transforms, trees = frame.backend.transforms, frame.backend.trees
    if frame.initializing:
        return trees.map(trees.shape_of, Subfunction(scope, fun)(*args, **kwargs))
    return transforms.eval_shape(frame, Subfunction(scope, fun).start_here(), args, kwargs)
