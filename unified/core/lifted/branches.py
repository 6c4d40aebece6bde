"""Branches: `cond` and `switch`."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from unified.core.annotations import Array, PyTree
from unified.core.lifted.checks import check_choice, check_functions, check_same_kind
from unified.core.lifted.outside import without_body
from unified.core.lifted.subfunction import next_number, scope_of
from unified.core.lifted.subfunctions import Subfunctions

__all__ = ["cond", "switch"]

R = TypeVar("R")


@without_body
def cond(pred: Array, true_fun: Callable[..., R], false_fun: Callable[..., R], *operands: PyTree) -> R:
    """Return `true_fun(*operands)` if `pred`, a boolean scalar, is true, else `false_fun(*operands)`.

    This is `jax.lax.cond` for parts of a body. Both branches may have layers, which are named as in a body that runs
    `true_fun` and then `false_fun`; init creates the layers of both. Only the selected branch sets state and draws
    random numbers. Values that a branch sows are not captured.

    On torch only the selected branch runs; under `torch.compile` and `torch.export`, and within `vmap` where `pred`
    differs from lane to lane, both run, and output, state and draws are selected.

    >>> import torch, unified as u
    >>> def forward(x):
    ...     return u.cond(x.sum() > 0, lambda x: u.Linear(2, 3)(x), lambda x: u.Linear(2, 3)(-x), x)
    >>> list(u.transform(forward, backend="torch").init(torch.ones(1, 2), rng=0).state_dict())
    ['linear.weight', 'linear.bias', 'linear_1.weight', 'linear_1.bias']
    """
    check_functions("u.cond", true_fun=true_fun, false_fun=false_fun)
    output: R = _run_branch("cond", pred, [true_fun, false_fun], operands)
    return output


@without_body
def switch(index: Array, branches: Sequence[Callable[..., R]], *operands: PyTree) -> R:
    """Return `branches[index](*operands)`, with `index` clamped to a valid position: `jax.lax.switch`.

    See `cond` for names, state and random numbers.

    Args:
        index: an integer or an array of one.
        branches: functions of the operands, whose results have one structure, shapes and dtypes.
        *operands: their arguments.

    >>> import torch, unified as u
    >>> net = u.transform(lambda x: u.switch(7, [lambda x: x, lambda x: -x], x), backend="torch")
    >>> net.init(torch.ones(1), rng=0)(torch.ones(1)).tolist()
    [-1.0]
    """
    if not branches:
        raise ValueError("u.switch: there is no branch to choose")
    check_functions("u.switch", **{f"branches[{number}]": branch for number, branch in enumerate(branches)})
    output: R = _run_branch("switch", index, branches, operands)
    return output


def _run_branch(name: str, choice: Any, branches: Sequence[Callable[..., Any]], operands: Any) -> Any:
    scope = scope_of(name)
    frame = scope.frame
    transforms, trees = frame.backend.transforms, frame.backend.trees
    check_choice(trees, name, choice)
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
