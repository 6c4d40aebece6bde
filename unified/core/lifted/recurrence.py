"""Recurrent cells, and `unroll`, which runs a cell over a sequence."""

import operator
from collections.abc import Callable
from typing import Any

from unified.core.annotations import Array, PyTree
from unified.core.dtypes import dtype_name
from unified.core.lifted.checks import check_same_kind, common_size, is_same_kind, shapes_of
from unified.core.lifted.loops import run_scan
from unified.core.lifted.subfunction import Subfunction, next_number, scope_of
from unified.core.module import Module
from unified.core.scope import Scope
from unified.core.trees import Trees

__all__ = ["CellStep", "RecurrentCell", "as_cell", "unroll"]


class RecurrentCell(Module):
    """A module that computes one step: `y, state = cell(x, state)`. States and outputs may be any trees of arrays.

    ```python
    class Decay(u.RecurrentCell):
        def initial_state(self, x):                 # the state before the first step
            return 0 * x

        def __call__(self, x, state):
            state = 0.9 * state + x
            return state, state

    ys, state = u.unroll(Decay(), xs)               # (batch, time, ...) -> (batch, time, ...)
    ```

    Source: `haiku.RNNCore`; `initial_state` takes the inputs of a step instead of a batch size.
    """

    def initial_state(self, x: PyTree) -> PyTree:
        """Return the state before the first step, for the inputs `x` of one step."""
        raise NotImplementedError(f"{type(self).__name__} must implement initial_state")


class _TorchCell:
    """A `RecurrentCell` over a cell of `torch.nn`, which returns only its state."""

    def __init__(self, cell: Any, trees: Trees[Any]) -> None:
        self.cell = cell
        self.trees = trees

    def initial_state(self, x: Any) -> Any:
        if not hasattr(self.cell, "weight_ih"):
            self.cell(x)  # during init: creates the variables of a cell that takes its size from its input
        if not hasattr(self.cell, "weight_ih"):
            raise _no_cell("u.unroll", self.cell)
        size = self.cell.hidden_size
        zeros = self.trees.zeros((*x.shape[:-1], size), x)
        return (zeros, zeros) if self.cell.weight_ih.shape[0] == 4 * size else zeros

    def __call__(self, x: Any, state: Any) -> tuple[PyTree, PyTree]:
        state = self.cell(x, state)
        return (state[0] if type(state) is tuple else state), state


class CellStep:
    """The step of a loop over a cell of `torch.nn`, a layer: the body of a scan.

    Attributes:
        cell: the layer, whose state is an array or a pair of them.
        initial: the state whose rows are taken where the mask of a step, the second of its inputs, is true; `None`
            without resets.
        where: `Trees.where`.
    """

    __slots__ = ("cell", "initial", "where")

    def __init__(self, cell: Any, initial: Any, where: Callable[[Any, Any, Any], Any]) -> None:
        self.cell, self.initial, self.where = cell, initial, where

    def __call__(self, state: Any, inputs: Any) -> tuple[Any, Any]:
        initial, where = self.initial, self.where
        if initial is not None:
            inputs, mask = inputs
            if type(initial) is tuple:
                state = where(mask, initial[0], state[0]), where(mask, initial[1], state[1])
            else:
                state = where(mask, initial, state)
        state = self.cell(inputs, state)
        return state, (state[0] if type(state) is tuple else state)


def _no_cell(what: str, cell: Any) -> TypeError:
    return TypeError(
        f"{what} takes a RecurrentCell, or an LSTMCell, GRUCell or RNNCell, got {type(cell).__name__}: "
        "for a function of (carry, x) use u.scan"
    )


def as_cell(cell: Any, what: str) -> Any:
    """Return a cell as a `RecurrentCell`; `LSTMCell`, `GRUCell` and `RNNCell` of `torch.nn` are wrapped."""
    if isinstance(cell, RecurrentCell) or hasattr(cell, "initial_state"):
        return cell
    scope = scope_of(what)
    if scope.frame.path_of(cell) is None:
        raise _no_cell(what, cell)
    return _TorchCell(cell, scope.frame.backend.trees)


def unroll(
    cell: Callable[..., Any],
    xs: PyTree,
    state: PyTree = None,
    reset: Array | None = None,
    reverse: bool = False,
    time_major: bool = False,
    static: bool = False,
    unroll: int | bool = 1,
) -> tuple[PyTree, PyTree]:
    """Run a cell over a sequence, and return `(ys, state)`: the outputs of all steps and the last state.

    The loop is `jax.lax.scan` on JAX and a Python loop on torch.

    Args:
        cell: a `RecurrentCell`, or a cell of `torch.nn`.
        xs: a tree of arrays of shape `(batch, time, ...)`.
        state: the initial state; `None` for `cell.initial_state(...)`.
        reset: booleans of shape `(batch, time)`: rows for which it is true start that step from the initial state.
        reverse: whether to run from the last step to the first; `ys` are in the order of `xs`.
        time_major: whether `xs`, `ys` and `reset` are `(time, batch, ...)`.
        static: whether the loop is a Python loop also on JAX, which takes long to compile and lets the cell branch on
            values that are not traced.
        unroll: on JAX, the number of steps that are compiled into one iteration of the loop.

    Raises:
        ValueError: if there is no step, sequences differ in length, `reset` has the wrong shape, or a part of the
            state that it would start again has no axis of examples.
        TypeError: if the state changes its structure, shapes or dtypes, and the error names the leaf; if `cell` is no
            cell, or `reset` no array.

    Sources: `haiku.dynamic_unroll`, `haiku.static_unroll`, `haiku.ResetCore`.

    >>> import torch, unified as u
    >>> forward = lambda xs: u.unroll(u.LSTMCell(None, 3), xs)
    >>> ys, (h, c) = u.transform(forward, backend="torch").init(torch.ones(2, 5, 4), rng=0)(torch.ones(2, 5, 4))
    >>> ys.shape, h.shape
    (torch.Size([2, 5, 3]), torch.Size([2, 3]))
    """
    scope = scope_of("unroll")
    trees = scope.frame.backend.trees
    recurrent: Any = as_cell(cell, "u.unroll")

    def swap(tree: Any) -> Any:
        return tree if time_major else trees.map(_swap_axes, tree)

    shapes = shapes_of(trees, "xs", xs)
    axis = 0 if time_major else 1
    if any(len(shape) < 2 for _, shape in shapes):
        raise ValueError(f"u.unroll: inputs are (batch, time, ...) or (time, batch, ...), got {dict(shapes)}")
    if not shapes:
        raise ValueError("u.unroll: there is no array in xs to take the number of steps from")
    length = common_size("u.unroll", [(label, shape[axis]) for label, shape in shapes], None, "length")
    if length < 1:
        raise ValueError("u.unroll: there is no step to run, because the time axis of xs has size 0")
    if reset is not None and trees.kind(reset) is None:
        raise TypeError(f"u.unroll: reset is an array of booleans, got {reset!r}")
    if reset is not None and tuple(reset.shape) != tuple(shapes[0][1][:2]):
        layout = "(time, batch)" if time_major else "(batch, time)"
        raise ValueError(
            f"u.unroll: reset has shape {tuple(reset.shape)}, and these inputs take {layout}: {tuple(shapes[0][1][:2])}"
        )
    if reset is not None:
        reset = swap(reset if dtype_name(reset.dtype) == "bool" else reset != 0)
    xs = swap(xs)
    initial = None
    if state is None or reset is not None:
        initial = recurrent.initial_state(trees.map(_first, xs))
        state = initial if state is None else state

    run, inputs = _step_of(trees, recurrent, xs, state, reset, initial)
    if static:
        state, ys = _run_static(scope, run, state, inputs, length, reverse)
    else:
        options: dict[str, Any] = {"reverse": reverse, "unroll": unroll, "what": "u.unroll", "returns_pairs": True}
        state, ys = run_scan(scope, run, state, inputs, length, None, **options)
    return swap(ys), state


def _swap_axes(leaf: Any) -> Any:
    return leaf.swapaxes(0, 1)


def _first(leaf: Any) -> Any:
    return leaf[0]


def _step_of(
    trees: Trees[Any], recurrent: Any, xs: Any, state: Any, reset: Any, initial: Any
) -> tuple[Callable[[Any, Any], tuple[Any, Any]], Any]:
    """Return the body of the scan over a cell, and the inputs of its steps."""
    if isinstance(recurrent, _TorchCell):
        if reset is None:
            return CellStep(recurrent.cell, None, trees.where), xs
        if is_same_kind(trees, initial, state) and len(xs.shape) == 3:
            return CellStep(recurrent.cell, initial, trees.where), (xs, reset[..., None])
    start_rows = None
    if reset is not None:
        _check_rows(trees, initial)
        start_rows = _row_starter(trees, initial, state)

    def step(state: Any, inputs: Any) -> tuple[Any, Any]:
        if start_rows is not None:
            inputs, masks = inputs
            state = start_rows(masks, state)
        y, state = recurrent(inputs, state)
        return state, y

    return step, xs if reset is None else (xs, _masks(trees, reset, initial))


def _check_rows(trees: Trees[Any], initial: Any) -> None:
    """Raise unless each array of a state has an axis of examples, along which `reset` chooses."""
    for position, leaf in enumerate(trees.flatten(initial)[0]):
        if leaf is not None and not getattr(leaf, "shape", ()):
            raise ValueError(
                f"u.unroll: the initial state{trees.labels(initial)[position]} has no axis of examples, some of which "
                f"reset would start again, got {'a scalar' if hasattr(leaf, 'shape') else repr(leaf)}: make it an "
                "array with a row for each, as 0 * x is"
            )


def _masks(trees: Trees[Any], reset: Any, initial: Any) -> tuple[Any, ...]:
    """Return `reset` with axes of size 1 at its end for the leaves of a state, by their number of axes from 1 on."""
    kinds = map(trees.kind, trees.flatten(initial)[0])
    ranks = [len(kind[0]) for kind in kinds if kind is not None]
    return tuple([reset.reshape(reset.shape + (1,) * axes) for axes in range(max(ranks, default=1))])


def _row_starter(trees: Trees[Any], initial: Any, state: Any) -> Callable[[tuple[Any, ...], Any], Any]:
    """Return a function of masks and a state, which returns that with the rows of `initial` where masks are true."""
    where = trees.where
    if trees.is_array(initial) and is_same_kind(trees, initial, state):
        axes = len(initial.shape) - 1
        return lambda masks, state: where(masks[axes], initial, state)
    if type(initial) is tuple and all(map(trees.is_array, initial)) and is_same_kind(trees, initial, state):
        pairs = [(len(first.shape) - 1, first) for first in initial]
        return lambda masks, state: tuple(
            [where(masks[axes], first, leaf) for (axes, first), leaf in zip(pairs, state, strict=True)]
        )
    initial_leaves, structure = trees.flatten(initial)

    def start_rows(masks: tuple[Any, ...], state: Any) -> Any:
        leaves, _ = trees.flatten(state)
        new = [
            leaf if trees.kind(leaf) is None else where(masks[len(leaf.shape) - 1], first, leaf)
            for first, leaf in zip(initial_leaves, leaves, strict=True)
        ]
        return trees.unflatten(structure, new)

    return start_rows


def _run_static(
    scope: Scope, step: Callable[[Any, Any], Any], state: Any, xs: Any, length: int, reverse: bool
) -> tuple[Any, Any]:
    """Return what `run_scan` returns, computed by a Python loop with the same random numbers."""
    frame = scope.frame
    trees = frame.backend.trees
    number = next_number(scope)
    subfunction = Subfunction(scope, step)
    ys: list[Any] = [None] * length
    for at in reversed(range(length)) if reverse else range(length):
        before = state
        with frame.stepping(number, at):
            state, ys[at] = subfunction(state, trees.map(operator.itemgetter(at), xs))
        state = check_same_kind(trees, "u.unroll", "the state", before, state)
    return state, trees.stack(ys)
