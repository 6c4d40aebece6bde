"""JAX's loops and branches for functions that use modules.

Source: https://dm-haiku.readthedocs.io/en/latest/api.html#jax-fundamentals
"""

import contextlib
import functools
from collections.abc import Iterator
from typing import Any

from unified.compat.haiku.frame import assert_inside, current
from unified.compat.haiku.internal_state import (
    StateChangedError,
    assert_no_new_parameters,
    assert_state_unchanged,
    check_running,
    fill_keys,
    internal_state,
    temporary_internal_state,
    update_internal_state,
)
from unified.compat.jax import lax, tree_util
from unified.compat.jax import numpy as jnp

__all__ = ["cond", "fori_loop", "map", "scan", "switch", "while_loop"]

HINT = (
    "Haiku's state has another structure after one branch than after the other. Run all branches in init, where "
    "variables are made:\n\n    if hk.running_init():\n        true_fun(x); out = false_fun(x)\n    else:\n        "
    "out = hk.cond(pred, true_fun, false_fun, x)\n"
)


@contextlib.contextmanager
def _add_hint() -> Iterator[None]:
    try:
        yield
    except TypeError as error:
        if not current().frozen and "structure" in str(error):
            raise TypeError(f"{error}\n{HINT}") from error
        raise


def _wrap_branch(fun: Any) -> Any:
    @functools.wraps(fun)
    def run(operand: Any) -> Any:
        state, operands = operand
        with temporary_internal_state(state):
            out = fun(*operands)
            fill_keys()
            return out, internal_state()

    return run


def cond(*args: Any, **kwargs: Any) -> Any:
    """Run one of two functions that use state, as `jax.lax.cond` does: `cond(pred, true_fun, false_fun, *operands)`.

    In `init` both run, so that both have their variables; the state that stays is that of the one that was chosen.

    Args:
        *args: the condition, two functions, and their operands.
        **kwargs: the same by name: `pred=`, `true_fun=`, `false_fun=`, `operand=`.

    >>> import torch, unified.compat.haiku as hk
    >>> net = hk.transform(lambda x: hk.cond(x.sum() > 0, lambda x: x + 1, lambda x: x - 1, x), backend="torch")
    >>> net.apply(net.init(0, torch.ones(2)), None, torch.ones(2))
    tensor([2., 2.])
    """
    check_running("cond", "jax.lax.cond")
    if len(args) == 5 and callable(args[2]) and callable(args[4]):  # the order of older JAX
        pred, true_operand, true_fun, false_operand, false_fun = args
        functions = (lambda pair: true_fun(pair[0])), (lambda pair: false_fun(pair[1]))
        return _cond(pred, *functions, ((true_operand, false_operand),))
    return _new_cond(*args, **kwargs)


_NONE = object()


def _new_cond(
    pred: Any, true_fun: Any, false_fun: Any, *operands: Any, operand: Any = _NONE, linear: Any = None
) -> Any:
    if operand is not _NONE:
        if operands:
            raise ValueError(
                f"hk.cond cannot take operand= beside {len(operands)} operands by position: pass all of them "
                "positionally"
            )
        operands = (operand,)
    return _cond(pred, true_fun, false_fun, operands)


def _cond(pred: Any, true_fun: Any, false_fun: Any, operands: tuple[Any, ...]) -> Any:
    fill_keys()
    first = _wrap_branch(true_fun)
    second = first if true_fun is false_fun else _wrap_branch(false_fun)
    with _add_hint():
        out, state = lax.cond(pred, first, second, (internal_state(), operands))
    update_internal_state(state)
    return out


def switch(index: Any, branches: Any, *operands: Any) -> Any:
    """Run one of several functions that use state, as `jax.lax.switch` does.

    Args:
        index: the number of the function; it is clipped to those that there are.
        branches: functions of the operands, whose results have one structure.
        *operands: their arguments.

    >>> import torch, unified.compat.haiku as hk
    >>> net = hk.transform(lambda x: hk.switch(1, [lambda x: x, lambda x: x + 1], x), backend="torch")
    >>> net.apply(net.init(0, torch.ones(2)), None, torch.ones(2))
    tensor([2., 2.])
    """
    check_running("switch", "jax.lax.switch")
    fill_keys()
    by_id = {id(branch): _wrap_branch(branch) for branch in branches}
    with _add_hint():
        out, state = lax.switch(index, tuple(by_id[id(branch)] for branch in branches), (internal_state(), operands))
    update_internal_state(state)
    return out


def scan(f: Any, init: Any, xs: Any, length: int | None = None, reverse: bool = False, unroll: Any = 1) -> Any:
    """Run a function that uses state over the first axis of arrays, as `jax.lax.scan` does.

    In init the first step runs alone and makes the variables.

    Args:
        f: `carry, y = f(carry, x)`.
        init: the first carry.
        xs: a tree of arrays `[steps, ...]`, or `None` with a `length`.
        length: the number of steps, where there are no `xs`.
        reverse: whether to begin with the last step.
        unroll: the number of steps in one iteration of the loop.

    Returns:
        The last carry, and the results stacked along a new first axis.

    >>> import torch, unified.compat.haiku as hk
    >>> def forward(x):
    ...     bias = hk.Bias()
    ...     step = lambda carry, row: (bias(carry + row), carry)
    ...     return hk.scan(step, torch.zeros(1, 2), x)
    >>> net = hk.transform(forward, backend="torch")
    >>> x = torch.ones(3, 1, 2)
    >>> carry, ys = net.apply(net.init(0, x), None, x)
    >>> carry.tolist(), list(ys.shape)
    ([[3.0, 3.0]], [3, 1, 2])
    """
    check_running("scan", "jax.lax.scan")
    if length is None:
        length = tree_util.tree_leaves(xs)[0].shape[0]
    initializing = not current().frozen
    first: Any = None
    if initializing:
        if not length:
            x = tree_util.tree_map(lambda leaf: jnp.zeros(leaf.shape[1:], leaf.dtype), xs)
            _, y = f(init, x)
            return init, tree_util.tree_map(lambda leaf: jnp.zeros((0, *leaf.shape), leaf.dtype), y)
        index, rest = (-1, slice(None, -1)) if reverse else (0, slice(1, None))
        x = tree_util.tree_map(lambda leaf: leaf[index], xs)
        xs = tree_util.tree_map(lambda leaf: leaf[rest], xs)
        init, first = f(init, x)
        first = tree_util.tree_map(lambda leaf: jnp.expand_dims(leaf, 0), first)
        length -= 1
        if not length:
            return init, first

    @functools.wraps(f)
    def step(carry: Any, x: Any) -> Any:
        carry, state = carry
        with temporary_internal_state(state):
            with assert_no_new_parameters():
                carry, out = f(carry, x)
            fill_keys()
            return (carry, internal_state(params=False)), out

    fill_keys()
    (carry, state), ys = lax.scan(step, (init, internal_state(params=False)), xs, length, reverse, unroll=unroll)
    update_internal_state(state)
    if initializing:
        order = (lambda a, b: jnp.concatenate([b, a])) if reverse else (lambda a, b: jnp.concatenate([a, b]))
        ys = tree_util.tree_map(order, first, ys)
    return carry, ys


def map(f: Any, xs: Any) -> Any:
    """Run a function that uses state on each element along the first axis, as `jax.lax.map` does.

    Args:
        f: a function of one element.
        xs: a tree of arrays `[steps, ...]`.

    Returns:
        The results, stacked along a new first axis.

    >>> import torch, unified.compat.haiku as hk
    >>> net = hk.transform(lambda x: hk.map(lambda one: one + 1, x), backend="torch")
    >>> net.apply(net.init(0, torch.ones(2)), None, torch.ones(2))
    tensor([2., 2.])
    """
    check_running("map", "jax.lax.map")
    return scan(lambda _, x: ((), f(x)), (), xs)[1]


def fori_loop(lower: Any, upper: Any, body_fun: Any, init_val: Any) -> Any:
    """Run a function that uses state for each integer from `lower` to below `upper`, as `jax.lax.fori_loop` does.

    Args:
        lower: the first integer.
        upper: the integer after the last one.
        body_fun: `value = body_fun(i, value)`.
        init_val: the first value.

    Returns:
        The last value.

    >>> import torch, unified.compat.haiku as hk
    >>> net = hk.transform(lambda x: hk.fori_loop(0, 3, lambda i, value: value + i, x), backend="torch")
    >>> net.apply(net.init(0, torch.ones(2)), None, torch.ones(2))
    tensor([4., 4.])
    """
    check_running("fori_loop", "jax.lax.fori_loop")

    @functools.wraps(body_fun)
    def step(i: Any, value: Any) -> Any:
        state, value = value
        with temporary_internal_state(state):
            value = body_fun(i, value)
            fill_keys()
            return internal_state(), value

    if not current().frozen:
        init_val = body_fun(lower, init_val)
        lower = lower + 1
        with contextlib.suppress(Exception):  # traced bounds have no value
            if int(upper - lower) == 0:
                return init_val
    fill_keys()
    state, value = lax.fori_loop(lower, upper, step, (internal_state(), init_val))
    update_internal_state(state)
    return value


def while_loop(cond_fun: Any, body_fun: Any, init_val: Any) -> Any:
    """Run a function that uses state while a condition holds, as `jax.lax.while_loop` does.

    Args:
        cond_fun: a function of the value that returns a truth, and changes no state.
        body_fun: `value = body_fun(value)`.
        init_val: the first value.

    Returns:
        The first value for which the condition fails.

    Raises `ValueError` in init, where nobody can say that a step runs: make the variables before, where
    `hk.running_init()`.

    >>> import torch, unified.compat.haiku as hk
    >>> net = hk.transform(
    ...     lambda x: x if hk.running_init() else hk.while_loop(lambda v: v[0] < 5, lambda v: 2 * v, x), backend="torch"
    ... )
    >>> net.apply(net.init(0, torch.ones(2)), None, torch.ones(2))
    tensor([8., 8.])
    """
    assert_inside("while_loop")
    if not current().frozen:
        raise ValueError(
            "hk.while_loop does not support initialization: variables are made by running the body, which the loop may "
            "not do even once. Call the body itself in init:\n\n    x = body_fun(x) if hk.running_init() else "
            "hk.while_loop(cond_fun, body_fun, x)\n"
        )

    @functools.wraps(cond_fun)
    def test(value: Any) -> Any:
        try:
            with assert_state_unchanged():
                return cond_fun(value[0])
        except StateChangedError as error:
            raise ValueError(
                "the condition of a loop cannot store anything: hk.while_loop does not support calls of hk.set_state, "
                "hk.next_rng_key and their like in `cond_fun`; move them into body_fun"
            ) from error

    @functools.wraps(body_fun)
    def step(value: Any) -> Any:
        value, state = value
        with temporary_internal_state(state):
            value = body_fun(value)
            fill_keys()
            return value, internal_state()

    fill_keys()
    value, state = lax.while_loop(test, step, (init_val, internal_state()))
    update_internal_state(state)
    return value
