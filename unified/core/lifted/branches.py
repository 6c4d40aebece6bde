"""Branches: `cond` and `switch`."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from unified.core.annotations import Array, PyTree
from unified.core.lifted.piece import next_number, scope_of
from unified.core.lifted.sequence import Pieces
from unified.core.lifted.trees import check_same_kind

__all__ = ["cond", "switch"]

R = TypeVar("R")


def cond(pred: Array, true_fun: Callable[..., R], false_fun: Callable[..., R], *operands: PyTree) -> R:
    """`true_fun(*operands)` if `pred`, a boolean scalar, is true, else `false_fun(*operands)`: `jax.lax.cond`.

    Both may have layers, whose names are those of a body that runs the first and then the second; init makes those of
    both. Each sets state and draws only if it is chosen. What they sow is not captured.

    On torch the chosen one alone runs; under `torch.compile` and `torch.export` both do, and the output is selected.

    >>> import torch, unified as u
    >>> def forward(x):
    ...     return u.cond(x.sum() > 0, lambda x: u.Linear(2, 3)(x), lambda x: u.Linear(2, 3)(-x), x)
    >>> list(u.transform(forward, backend="torch").init(torch.ones(1, 2), rng=0).state_dict())
    ['linear.weight', 'linear.bias', 'linear_1.weight', 'linear_1.bias']
    """
    output: R = _choose("cond", pred, [true_fun, false_fun], operands)
    return output


def switch(index: Array, branches: Sequence[Callable[..., R]], *operands: PyTree) -> R:
    """`branches[index](*operands)`, with `index` held within them: `jax.lax.switch`.

    See `cond` for names, state and random numbers.
    """
    if not branches:
        raise ValueError("u.switch: there is no branch to choose")
    output: R = _choose("switch", index, branches, operands)
    return output


def _choose(what: str, choice: Any, branches: Sequence[Callable[..., Any]], operands: Any) -> Any:
    scope = scope_of(what)
    frame = scope.frame
    transforms = frame.backend.transforms
    number = next_number(scope)
    pieces = Pieces(scope, branches)
    if frame.initializing:
        with frame.stepping(number):
            outputs = pieces.run_all(operands)
        for position, output in enumerate(outputs[1:], 1):
            check_same_kind(transforms, f"u.{what}", f"the output of branch {position}", outputs[0], output)
        return outputs[0]
    output = getattr(transforms, what)(frame, choice, pieces.pieces, operands, number)
    pieces.finish()
    return output
