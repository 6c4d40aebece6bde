"""Branches: `cond` and `switch`."""

from collections.abc import Callable, Sequence
from typing import Any

from unified.core.lifted.checks import check_same_kind
from unified.core.lifted.subfunction import next_number, scope_of
from unified.core.lifted.subfunctions import Subfunctions

__all__ = ["cond", "switch"]


def cond(pred: Any, true_fun: Callable[..., Any], false_fun: Callable[..., Any], *operands: Any) -> Any:
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
    return _choose("cond", pred, [true_fun, false_fun], operands)


def switch(index: Any, branches: Sequence[Callable[..., Any]], *operands: Any) -> Any:
    """`branches[index](*operands)`, with `index` held within them: `jax.lax.switch`.

    See `cond` for names, state and random numbers.
    """
    if not branches:
        raise ValueError("u.switch: there is no branch to choose")
    return _choose("switch", index, branches, operands)


def _choose(what: str, choice: Any, branches: Sequence[Callable[..., Any]], operands: Any) -> Any:
    scope = scope_of(what)
    frame = scope.frame
    transforms, trees = frame.backend.transforms, frame.backend.trees
    number = next_number(scope)
    subfunctions = Subfunctions(scope, branches)
    if frame.initializing:
        with frame.stepping(number):
            outputs = subfunctions.run_all(operands)
        for position, output in enumerate(outputs[1:], 1):
            check_same_kind(trees, f"u.{what}", f"the output of branch {position}", outputs[0], output)
        return outputs[0]
    output = getattr(transforms, what)(frame, choice, subfunctions.subfunctions, operands, number)
    subfunctions.finish()
    return output
