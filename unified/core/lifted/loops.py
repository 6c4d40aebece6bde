"""Loops: `scan`, `map`, `fori_loop`, `while_loop`."""

from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np

from unified.core.annotations import Array, PyTree
from unified.core.lifted.checks import check_functions, check_same_kind, common_size, first_sizes
from unified.core.lifted.outside import OBJECTS, is_outside, without_body, wrap_objects
from unified.core.lifted.stacked_module import Stacking
from unified.core.lifted.subfunction import Subfunction, next_number, scope_of
from unified.core.lifted.subfunctions import Subfunctions
from unified.core.scope import Scope
from unified.core.stacks import StackedScope
from unified.core.trees import in_order_of

__all__ = ["Scan", "fori_loop", "map", "run_scan", "scan", "while_loop"]

C = TypeVar("C")
Y = TypeVar("Y")


class Scan(Stacking):
    """The scope of a `scan` with `variable_axes`."""


@without_body
def scan(
    body: Callable[[Any, Any], tuple[C, Y]],
    init: PyTree,
    xs: PyTree = None,
    length: int | None = None,
    reverse: bool = False,
    unroll: int | bool = 1,
    *,
    variable_axes: dict[Any, int] | None = None,
    split_rngs: bool = True,
    name: str | None = None,
) -> tuple[C, Y]:
    """Run `carry, y = body(carry, x)` for each `x` along the first axis of `xs`, and return `(carry, ys)`.

    This is `jax.lax.scan` on JAX and a loop on torch. The body may have layers, set state and draw random numbers. All
    steps share its variables, each step draws different random numbers, and each sees the state that the previous step
    set.

    Args:
        body: takes the carry and a slice of `xs`, and returns an output and the next carry, which must keep its
            structure, shapes and dtypes.
        init: the initial carry, any tree of arrays.
        xs: a tree of arrays whose first axes have the same size, or `None` if `length` is the number of steps.
        length: the number of steps, at least 1.
        reverse: whether to run from the last slice to the first; `ys` are in the order of `xs`.
        unroll: on JAX, the number of steps that are compiled into one iteration of the loop.
        variable_axes: the axis along which each collection of variables is stacked, one slice per step, such as
            `{"params": 0}`; the key `...` means all other collections. The loop then has its own scope, `scan`.
        split_rngs: whether each step draws different random numbers; if false, all steps draw the same, which on torch
            needs `rng="portable"`.
        name: the name of the scope that `variable_axes` adds.

    Raises:
        TypeError: if the carry changes its structure, shapes or dtypes; the error names the leaf.
        ValueError: if first axes differ in size, or there is no step.

    >>> import torch, unified as u
    >>> def running_mean(xs):
    ...     cell = u.GRUCell(2, 3)
    ...     return u.scan(lambda h, x: (cell(x, h), h), torch.zeros(1, 3), xs)
    >>> net = u.transform(running_mean, backend="torch").init(torch.ones(5, 1, 2), rng=0)
    >>> [tuple(part.shape) for part in net(torch.ones(5, 1, 2))]
    [(1, 3), (5, 1, 3)]
    """
    if is_outside() and wrap_objects("scan", body, (init,), {}):
        return OBJECTS["scan"](body, init, xs, length=length, reverse=reverse, unroll=unroll)
    check_functions("u.scan", body=body)
    scope = scope_of("scan")
    trees = scope.frame.backend.trees
    if length is not None and not hasattr(length, "__index__"):
        raise TypeError(f"u.scan: length is the number of steps, an integer, got {length!r}")
    if length is not None and length < 1:
        raise ValueError(f"u.scan: length is at least 1, got {length}")
    steps = common_size("u.scan", first_sizes(trees, "u.scan", "xs", xs), length, "length")
    if steps < 1:
        raise ValueError("u.scan: there is no step to run, because the first axes of xs have size 0")

    def run(scope: Scope, stack: StackedScope | None) -> tuple[Any, Any]:
        return run_scan(scope, body, init, xs, steps, stack, reverse=reverse, unroll=unroll, split=split_rngs)

    return run(scope, None) if variable_axes is None else Scan(name=name)(run, steps, variable_axes)


def run_scan(
    scope: Scope,
    body: Callable[[Any, Any], tuple[Any, Any]],
    init: Any,
    xs: Any,
    length: int,
    stack: StackedScope | None,
    *,
    reverse: bool = False,
    unroll: int | bool = 1,
    split: bool = True,
    what: str = "u.scan",
    returns_pairs: bool = False,
) -> tuple[Any, Any]:
    """Run a `scan` with checked arguments in a scope; `what` is its name in errors.

    With `returns_pairs` the body is known to return `(carry, y)`.
    """
    frame = scope.frame
    transforms, trees = frame.backend.transforms, frame.backend.trees
    checked, reorders = False, False

    def step(carry: Any, x: Any) -> tuple[Any, Any]:
        nonlocal checked, reorders
        output = body(carry, x)
        if not isinstance(output, tuple) or len(output) != 2:
            raise TypeError(f"{what}: the body returns (carry, y), and returned a {type(output).__name__}")
        if not checked:  # later steps run the same code
            kept = check_same_kind(trees, what, "the carry", carry, output[0])
            checked, reorders = True, kept is not output[0]
            if unchecked and not reorders:
                unchecked.pop().fn = body
        return (in_order_of(carry, output[0]), output[1]) if reorders else output

    number = next_number(scope)
    subfunction = Subfunction(scope, step, body)
    # Not by its name: a function and its closure in a cycle would keep the call's tensors until a garbage collection.
    unchecked = [subfunction] if returns_pairs else []
    if frame.initializing:
        first = trees.map(lambda leaf: leaf[-1 if reverse else 0], xs)
        with frame.looping(number) if stack is None else frame.stepping(number):
            carry, y = subfunction(init, first)
        return carry, trees.map(lambda leaf: trees.repeat(leaf, length), y)
    with frame.counted(length):
        return transforms.scan(
            frame,
            subfunction,
            init,
            xs,
            length,
            reverse=reverse,
            unroll=unroll,
            stack=stack,
            split=split,
            number=number,
        )


def map(f: Callable[[Any], Y], xs: PyTree) -> Y:
    """Return `f(x)` for each `x` along the first axis of `xs`, one after the other, as `jax.lax.map`.

    >>> import torch, unified as u
    >>> net = u.transform(lambda xs: u.map(lambda x: u.Linear(2, 3)(x), xs), backend="torch")
    >>> net.init(torch.ones(4, 2), rng=0)(torch.ones(4, 2)).shape
    torch.Size([4, 3])
    """
    check_functions("u.map", f=f)
    ys: Y = scan(lambda _, x: (None, f(x)), None, xs)[1]
    return ys


@without_body
def fori_loop(lower: int | Array, upper: int | Array, body_fun: Callable[[Any, Any], C], init_val: PyTree) -> C:
    """Run `value = body_fun(i, value)` for each `i` in `range(lower, upper)`, and return the last value.

    This is `jax.lax.fori_loop`. With bounds that are integers of Python or NumPy it can be differentiated; with traced
    bounds, on JAX, it is a `while_loop`.

    >>> import torch, unified as u
    >>> net = u.transform(lambda x: u.fori_loop(0, 3, lambda i, x: u.Linear(2, 2)(x) + i, x), backend="torch")
    >>> len(net.init(torch.ones(1, 2), rng=0).state_dict())
    2
    """
    check_functions("u.fori_loop", body_fun=body_fun)
    trees = scope_of("fori_loop").frame.backend.trees
    if isinstance(lower, (int, np.integer)) and isinstance(upper, (int, np.integer)):
        lower, upper = int(lower), int(upper)
        if upper <= lower:
            unchanged: C = init_val
            return unchanged
        indices = trees.arange(lower, upper)
        return scan(lambda value, i: (body_fun(i, value), None), init_val, indices)[0]
    state = while_loop(lambda s: s[0] < upper, lambda s: (s[0] + 1, body_fun(s[0], s[1])), (lower, init_val))
    return state[1]


@without_body
def while_loop(cond_fun: Callable[[Any], Array], body_fun: Callable[[Any], C], init_val: PyTree) -> C:
    """Run `value = body_fun(value)` while `cond_fun(value)` is true, and return the last value: `jax.lax.while_loop`.

    The body may have layers, set state and draw random numbers; the condition may read variables. On JAX only
    forward-mode gradients are defined. Values that the body sows are not captured. Init runs the body once, whatever
    the condition returns. Within `vmap` the condition may differ from lane to lane: the loop runs until all lanes are
    done, and each keeps the value and the state that it had when it was.

    Raises a `TypeError` that names the leaf if the value changes its structure, shapes or dtypes.

    >>> import torch, unified as u
    >>> double = lambda x: u.while_loop(lambda x: x.sum() < 100, lambda x: 2 * x, x)
    >>> u.transform(double, backend="torch").init(torch.ones(2), rng=0)(torch.ones(2))
    tensor([64., 64.])
    """
    check_functions("u.while_loop", cond_fun=cond_fun, body_fun=body_fun)
    scope = scope_of("while_loop")
    frame = scope.frame
    transforms, trees = frame.backend.transforms, frame.backend.trees
    number = next_number(scope)
    subfunctions = Subfunctions(scope, [cond_fun, body_fun])
    if frame.initializing:
        with frame.stepping(number):
            _, after = subfunctions.run_all((init_val,))
        first: C = check_same_kind(trees, "u.while_loop", "the value", init_val, after)
        return first
    test, body = subfunctions.subfunctions
    output: C = transforms.while_loop(frame, test, body, init_val, number)
    subfunctions.finish()
    return output
