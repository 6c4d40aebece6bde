"""Recurrence: cells, and `unroll`, which runs one over a sequence."""

import operator
from collections.abc import Callable
from typing import Any

from unified.core.annotations import Array, PyTree
from unified.core.lifted.loops import run_scan
from unified.core.lifted.piece import Piece, next_number, scope_of
from unified.core.lifted.trees import check_same_kind, common_size, map_leaves, shapes_of
from unified.core.module import Module
from unified.core.protocol import Transforms
from unified.core.scope import Scope

__all__ = ["RecurrentCell", "as_cell", "unroll"]


class RecurrentCell(Module):
    """A module that takes a step: `y, state = cell(x, state)`. States and outputs may be any trees of arrays.

    ```python
    class Decay(u.RecurrentCell):
        def initial_state(self, x):                 # what comes before the first step
            return 0 * x

        def __call__(self, x, state):
            state = 0.9 * state + x
            return state, state

    ys, state = u.unroll(Decay(), xs)               # (batch, time, ...) -> (batch, time, ...)
    ```

    Source: `haiku.RNNCore`; `initial_state` is given the inputs of a step in place of a batch size.
    """

    def initial_state(self, x: PyTree) -> PyTree:
        """The state before the first step, for inputs like `x`, which are those of one step."""
        raise NotImplementedError(f"{type(self).__name__} must implement initial_state")


class _TorchCell:
    """A cell of `torch.nn`, which returns its state alone, as a `RecurrentCell`."""

    def __init__(self, cell: Any, transforms: Transforms) -> None:
        self.cell = cell
        self.transforms = transforms

    def initial_state(self, x: Any) -> Any:
        if not hasattr(self.cell, "weight_ih"):
            self.cell(x)  # in init, of a cell that takes its size from its input
        size = self.cell.hidden_size
        zeros = self.transforms.zeros((*x.shape[:-1], size), x)
        return (zeros, zeros) if self.cell.weight_ih.shape[0] == 4 * size else zeros

    def __call__(self, x: Any, state: Any) -> tuple[Any, Any]:
        state = self.cell(x, state)
        return (state[0] if isinstance(state, tuple) else state), state


def as_cell(cell: Any, what: str) -> Any:
    """A cell as a `RecurrentCell`, also one of `torch.nn`'s (`LSTMCell`, `GRUCell`, `RNNCell`)."""
    if hasattr(cell, "initial_state"):
        return cell
    scope = scope_of(what)
    if scope.frame.path_of(cell) is None:
        raise TypeError(
            f"{what} takes a RecurrentCell, or an LSTMCell, GRUCell or RNNCell, got {type(cell).__name__}: "
            "for a function of (carry, x) there is u.scan"
        )
    return _TorchCell(cell, scope.frame.backend.transforms)


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
    """Runs a cell over a sequence: `(ys, state)`, the outputs of all steps and the last state.

    `jax.lax.scan` on JAX, a loop on torch.

    Args:
        cell: a `RecurrentCell`, or one of `torch.nn`'s cells as it is.
        xs: a tree of arrays of shape `(batch, time, ...)`.
        state: the first state; `cell.initial_state` gives it if `None`.
        reset: booleans of shape `(batch, time)`: a row for which it is true takes that step from the initial state.
        reverse: goes from the last step to the first; `ys` keep the order of `xs`.
        time_major: whether `xs`, `ys` and `reset` are `(time, batch, ...)`.
        static: whether the loop is written out in Python, which takes long to compile and lets the cell branch on
            values that are not traced.
        unroll: on JAX, how many steps are compiled into one round of the loop.

    Raises:
        ValueError: no step, sequences of different lengths, or a `reset` of another shape.
        TypeError: a state that changes its structure, a shape or dtype, with the path of the leaf.

    Sources: `haiku.dynamic_unroll`, `haiku.static_unroll`, `haiku.ResetCore`.

    >>> import torch, unified as u
    >>> forward = lambda xs: u.unroll(u.LSTMCell(None, 3), xs)
    >>> ys, (h, c) = u.transform(forward, backend="torch").init(torch.ones(2, 5, 4), rng=0)(torch.ones(2, 5, 4))
    >>> ys.shape, h.shape
    (torch.Size([2, 5, 3]), torch.Size([2, 3]))
    """
    scope = scope_of("unroll")
    transforms = scope.frame.backend.transforms
    step_of: Any = as_cell(cell, "u.unroll")

    def swap(tree: Any) -> Any:
        return tree if time_major else map_leaves(transforms, lambda leaf: leaf.swapaxes(0, 1), tree)

    shapes = shapes_of(transforms, "xs", xs)
    axis = 0 if time_major else 1
    if any(len(shape) < 2 for _, shape in shapes):
        raise ValueError(f"u.unroll: inputs are (batch, time, ...) or (time, batch, ...), got {dict(shapes)}")
    length = common_size("u.unroll", [(label, shape[axis]) for label, shape in shapes], None, "length")
    if length < 1:
        raise ValueError("u.unroll: there is no step to run, for the time axis of xs has size 0")
    if reset is not None and tuple(reset.shape) != tuple(shapes[0][1][:2]):
        wanted = "(time, batch)" if time_major else "(batch, time)"
        raise ValueError(
            f"u.unroll: reset has shape {tuple(reset.shape)}, and these inputs take {wanted}: {tuple(shapes[0][1][:2])}"
        )
    xs, reset = swap(xs), swap(reset)
    initial = None
    if state is None or reset is not None:
        initial = step_of.initial_state(map_leaves(transforms, lambda leaf: leaf[0], xs))
        state = initial if state is None else state

    def step(state: Any, inputs: Any) -> tuple[Any, Any]:
        x, restarted = inputs
        if restarted is not None:
            _, first, structure = transforms.flatten(initial)
            now = transforms.flatten(state)[1]
            chosen = [_choose(transforms, restarted, new, old) for new, old in zip(first, now, strict=True)]
            state = transforms.unflatten(structure, chosen)
        y, state = step_of(x, state)
        return state, y

    if static:
        state, ys = _written_out(scope, step, state, (xs, reset), length, reverse)
    else:
        state, ys = run_scan(
            scope, step, state, (xs, reset), length, None, reverse=reverse, unroll=unroll, what="u.unroll"
        )
    return swap(ys), state


def _choose(transforms: Transforms, restarted: Any, new: Any, old: Any) -> Any:
    """The rows of `new` that start again, and those of `old` that do not."""
    if transforms.kind(old) is None:
        return old
    return transforms.where(restarted.reshape(restarted.shape + (1,) * (len(old.shape) - 1)), new, old)


def _written_out(
    scope: Scope, step: Callable[[Any, Any], Any], state: Any, xs: Any, length: int, reverse: bool
) -> tuple[Any, Any]:
    """What `scan` gives, by a loop in Python, with the same random numbers."""
    frame = scope.frame
    transforms = frame.backend.transforms
    number = next_number(scope)
    piece = Piece(scope, step)
    ys: list[Any] = [None] * length
    for at in reversed(range(length)) if reverse else range(length):
        before = state
        with frame.stepping(number, at):
            state, ys[at] = piece(state, map_leaves(transforms, operator.itemgetter(at), xs))
        check_same_kind(transforms, "u.unroll", "the state", before, state)
    return state, transforms.stack(ys)
