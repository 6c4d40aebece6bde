"""Loops: `scan`, `map`, `fori_loop`, `while_loop`."""

from collections.abc import Callable
from typing import Any, TypeVar

from unified.core.annotations import Array, PyTree
from unified.core.lanes import Lanes
from unified.core.lifted.piece import Piece, next_number, scope_of
from unified.core.lifted.sequence import Pieces
from unified.core.lifted.stacking import Stacking
from unified.core.lifted.trees import check_same_kind, common_size, first_sizes, map_leaves
from unified.core.scope import Scope

__all__ = ["Scan", "fori_loop", "map", "run_scan", "scan", "while_loop"]

C = TypeVar("C")
Y = TypeVar("Y")


class Scan(Stacking):
    """The scope of a `scan` that has `variable_axes`."""


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
    """Runs `carry, y = body(carry, x)` for each `x` along the first axis of `xs`: `(carry, ys)`.

    `jax.lax.scan` on JAX, a loop on torch. The body may have layers, set state and draw random numbers. All steps
    share its variables, each draws anew, and each sees the state that the one before it left.

    Args:
        body: takes the carry and a slice of `xs`, and returns the next carry, which keeps its structure, shapes and
            dtypes, and an output.
        init: the first carry, any tree of arrays.
        xs: a tree of arrays whose first axes are of one size, or `None`, and then `length` says how many steps.
        length: number of steps, at least 1.
        reverse: goes from the last slice to the first; `ys` keep the order of `xs`.
        unroll: on JAX, how many steps are compiled into one round of the loop.
        variable_axes: collections whose variables are stacked along an axis, a step each, such as `{"params": 0}`;
            `...` stands for all others. The loop then has a scope of its own, `scan`.
        split_rngs: whether each step draws numbers of its own; if not, all draw the same. On torch that takes
            `rng="portable"`.
        name: of the scope that `variable_axes` makes.

    Raises:
        TypeError: a carry that changes, with the path of the leaf.
        ValueError: first axes of different sizes, or no step.

    >>> import torch, unified as u
    >>> def running_mean(xs):
    ...     cell = u.GRUCell(2, 3)
    ...     return u.scan(lambda h, x: (cell(x, h), h), torch.zeros(1, 3), xs)
    >>> net = u.transform(running_mean, backend="torch").init(torch.ones(5, 1, 2), rng=0)
    >>> [tuple(part.shape) for part in net(torch.ones(5, 1, 2))]
    [(1, 3), (5, 1, 3)]
    """
    scope = scope_of("scan")
    transforms = scope.frame.backend.transforms
    steps = common_size("u.scan", first_sizes(transforms, "xs", xs), length, "length")
    if steps < 1:
        raise ValueError("u.scan: there is no step to run, for xs have a first axis of size 0")

    def run(scope: Scope, lanes: Lanes | None) -> tuple[Any, Any]:
        return run_scan(scope, body, init, xs, steps, lanes, reverse=reverse, unroll=unroll, split=split_rngs)

    return run(scope, None) if variable_axes is None else Scan(name=name)(run, steps, variable_axes)


def run_scan(
    scope: Scope,
    body: Callable[[Any, Any], tuple[Any, Any]],
    init: Any,
    xs: Any,
    length: int,
    lanes: Lanes | None,
    *,
    reverse: bool = False,
    unroll: int | bool = 1,
    split: bool = True,
    what: str = "u.scan",
) -> tuple[Any, Any]:
    """`scan` in a scope, once its arguments are known to be good."""
    frame = scope.frame
    transforms = frame.backend.transforms
    checked = False

    def step(carry: Any, x: Any) -> tuple[Any, Any]:
        nonlocal checked
        output = body(carry, x)
        if not isinstance(output, tuple) or len(output) != 2:
            raise TypeError(f"{what}: the body returns (carry, y), and returned a {type(output).__name__}")
        if not checked:  # the others are compiled from the first, or alike
            check_same_kind(transforms, what, "the carry", carry, output[0])
            checked = True
        return output

    number = next_number(scope)
    piece = Piece(scope, step)
    if frame.initializing:
        first = map_leaves(transforms, lambda leaf: leaf[-1 if reverse else 0], xs)
        with frame.stepping(number):
            carry, y = piece(init, first)
        return carry, map_leaves(transforms, lambda leaf: transforms.repeat(leaf, length), y)
    with frame.counted(length):
        return transforms.scan(
            frame, piece, init, xs, length, reverse=reverse, unroll=unroll, lanes=lanes, split=split, number=number
        )


def map(f: Callable[[Any], Y], xs: PyTree) -> Y:
    """`f(x)` for each `x` along the first axis of `xs`, one after the other: `jax.lax.map`.

    >>> import torch, unified as u
    >>> net = u.transform(lambda xs: u.map(lambda x: u.Linear(2, 3)(x), xs), backend="torch")
    >>> net.init(torch.ones(4, 2), rng=0)(torch.ones(4, 2)).shape
    torch.Size([4, 3])
    """
    ys: Y = scan(lambda _, x: (None, f(x)), None, xs)[1]
    return ys


def fori_loop(lower: int | Array, upper: int | Array, body_fun: Callable[[Any, Any], C], init_val: PyTree) -> C:
    """`value = body_fun(i, value)` for each integer from `lower` up to and without `upper`: `jax.lax.fori_loop`.

    With bounds that are Python integers it has gradients; with traced ones, on JAX, it is a `while_loop`.

    >>> import torch, unified as u
    >>> net = u.transform(lambda x: u.fori_loop(0, 3, lambda i, x: u.Linear(2, 2)(x) + i, x), backend="torch")
    >>> len(net.init(torch.ones(1, 2), rng=0).state_dict())
    2
    """
    transforms = scope_of("fori_loop").frame.backend.transforms
    if isinstance(lower, int) and isinstance(upper, int):
        if upper <= lower:
            unchanged: C = init_val
            return unchanged
        indices = transforms.arange(lower, upper)
        return scan(lambda value, i: (body_fun(i, value), None), init_val, indices)[0]
    state = while_loop(lambda s: s[0] < upper, lambda s: (s[0] + 1, body_fun(s[0], s[1])), (lower, init_val))
    return state[1]


def while_loop(cond_fun: Callable[[Any], Array], body_fun: Callable[[Any], C], init_val: PyTree) -> C:
    """`value = body_fun(value)` as long as `cond_fun(value)` is true: `jax.lax.while_loop`.

    The body may have layers, set state and draw; the condition may read variables. On JAX it has no gradients but
    those of forward mode. What the body sows is not captured. Init runs the body once, whatever the condition says.

    Raises `TypeError` for a value that does not keep its structure, shapes and dtypes, with the path of the leaf.

    >>> import torch, unified as u
    >>> double = lambda x: u.while_loop(lambda x: x.sum() < 100, lambda x: 2 * x, x)
    >>> u.transform(double, backend="torch").init(torch.ones(2), rng=0)(torch.ones(2))
    tensor([64., 64.])
    """
    scope = scope_of("while_loop")
    frame = scope.frame
    transforms = frame.backend.transforms
    number = next_number(scope)
    pieces = Pieces(scope, [cond_fun, body_fun])
    if frame.initializing:
        with frame.stepping(number):
            _, after = pieces.run_all((init_val,))
        check_same_kind(transforms, "u.while_loop", "the value", init_val, after)
        first: C = after
        return first
    test, body = pieces.pieces
    output: C = transforms.while_loop(frame, test, body, init_val, number)
    pieces.finish()
    return output
