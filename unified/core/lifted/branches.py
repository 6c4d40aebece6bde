"""Branches: `cond` and `switch`."""

from collections.abc import Callable, Sequence
from typing import Any

from unified.core.lifted.checks import check_same_kind
from unified.core.lifted.subfunction import next_number, scope_of
from unified.core.lifted.subfunctions import Subfunctions

__all__ = ["cond", "switch"]


def cond(pred: Any, true_fun: Callable[..., Any], false_fun: Callable[..., Any], *operands: Any) -> Any:
    """Return `true_fun(*operands)` if `pred`, a boolean scalar, is true, else `false_fun(*operands)`.

    This is `jax.lax.cond` for parts of a body. Both branches may have layers, which are named as in a body that runs
    `true_fun` and then `false_fun`; init creates the layers of both. Only the selected branch sets state and draws
    random numbers. Values that a branch sows are not captured.

    On torch only the selected branch runs; under `torch.compile` and `torch.export` both run, and the output is
    selected.

    >>> import torch, unified as u
    >>> def forward(x):
    ...     return u.cond(x.sum() > 0, lambda x: u.Linear(2, 3)(x), lambda x: u.Linear(2, 3)(-x), x)
    >>> list(u.transform(forward, backend="torch").init(torch.ones(1, 2), rng=0).state_dict())
    ['linear.weight', 'linear.bias', 'linear_1.weight', 'linear_1.bias']
    """
    return _run_branch("cond", pred, [true_fun, false_fun], operands)


def switch(index: Any, branches: Sequence[Callable[..., Any]], *operands: Any) -> Any:
    """Return `branches[index](*operands)`, with `index` clamped to a valid position: `jax.lax.switch`.

    See `cond` for names, state and random numbers.
    """
    if not branches:
        raise ValueError("u.switch: there is no branch to choose")
    return _run_branch("switch", index, branches, operands)


def _run_branch(name: str, choice: Any, branches: Sequence[Callable[..., Any]], operands: Any) -> Any:
    scope = scope_of(name)
    frame = scope.frame
    transforms, trees = frame.backend.transforms, frame.backend.trees
    number = next_number(scope)
    subfunctions = Subfunctions(scope, branches)
    if frame.initializing:
        with frame.stepping(number):
            outputs = subfunctions.run_all(operands)
        for position, output in enumerate(outputs[1:], 1):
            check_same_kind(trees, f"u.{name}", f"the output of branch {position}", outputs[0], output)
        return outputs[0]
    output = getattr(transforms, name)(frame, choice, subfunctions.subfunctions, operands, number)
    subfunctions.finish()
    return output
