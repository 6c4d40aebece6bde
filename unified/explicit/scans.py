"""Steps over a sequence, with the params in and out of each: `static_scan` and `dynamic_scan`."""

from collections.abc import Callable
from typing import Any, TypeAlias

from unified.core import backends
from unified.core.annotations import PyTree
from unified.core.lifted.checks import check_same_kind, common_size, shapes_of
from unified.core.params import Params
from unified.core.trees import Trees
from unified.explicit.frameworks import backend_of

__all__ = ["Step", "dynamic_scan", "static_scan"]

# A step: `(params, inputs, state, is_reset, is_training) -> ((output, state), params)`.
Step: TypeAlias = Callable[[Params, PyTree, PyTree, PyTree, bool], tuple[tuple[PyTree, PyTree], Params]]


def static_scan(
    step: Step, params: Params, inputs: PyTree, prev_state: PyTree, is_reset: PyTree = None, is_training: bool = False
) -> tuple[tuple[PyTree, PyTree], Params]:
    """Return `((outputs, state), params)` of a step over a sequence, by a Python loop on every framework.

    A step may branch on values, and add variables to unlocked params.

    Args:
        step: a `RecurrenceBase`, or a function `(params, inputs, state, is_reset, is_training)` that returns
            `((output, state), params)`.
        params: the params that the first step gets; each next gets those of the one before.
        inputs: a tree of arrays of shape `(batch, time, ...)`.
        prev_state: the state before the first step, a tree of arrays.
        is_reset: a tree of booleans of shape `(batch, time)`, or `None`; steps get theirs.
        is_training: what the step gets.

    Outputs are `(batch, time, ...)` again.

    Raises:
        ValueError: there is no step to run, or sequences differ in length.
        TypeError: the state changes its structure, shapes or dtypes; the error names the leaf.

    Source: `blox.static_scan`.

    >>> import torch, unified.explicit as bx
    >>> def step(params, x, state, is_reset, is_training):
    ...     return (state + x, state + x), params
    >>> (outputs, state), _ = bx.static_scan(step, bx.params(), torch.ones(1, 3), torch.zeros(1))
    >>> outputs.tolist(), state.tolist()
    ([[1.0, 2.0, 3.0]], [3.0])
    """
    return _scan("static_scan", step, params, inputs, prev_state, is_reset, is_training, is_static=True)


def dynamic_scan(
    step: Step, params: Params, inputs: PyTree, prev_state: PyTree, is_reset: PyTree = None, is_training: bool = False
) -> tuple[tuple[PyTree, PyTree], Params]:
    """Return what `static_scan` returns, by one compiled loop where the framework has one: `jax.lax.scan` on JAX.

    The params are part of its carry, so that steps may write state. Where the params are unlocked, the first step runs
    before the loop, and may add variables; later ones may not.

    Source: `blox.dynamic_scan`.

    Args:
        step: a `RecurrenceBase`, or a function, as of `static_scan`.
        params: the params that the first step gets.
        inputs: a tree of arrays of shape `(batch, time, ...)`.
        prev_state: the state before the first step, a tree of arrays.
        is_reset: a tree of booleans of shape `(batch, time)`, or `None`; steps get theirs.
        is_training: what the step gets.

    >>> import torch, unified.explicit as bx
    >>> def step(params, x, state, is_reset, is_training):
    ...     return (state + x, state + x), params
    >>> (outputs, state), _ = bx.dynamic_scan(step, bx.params(), torch.ones(1, 3), torch.zeros(1))
    >>> outputs.tolist(), state.tolist()
    ([[1.0, 2.0, 3.0]], [3.0])
    """
    return _scan("dynamic_scan", step, params, inputs, prev_state, is_reset, is_training, is_static=False)


def _scan(
    what: str,
    step: Step,
    params: Params,
    inputs: PyTree,
    prev_state: PyTree,
    is_reset: PyTree,
    is_training: bool,
    is_static: bool,
) -> tuple[tuple[PyTree, PyTree], Params]:
    backend = backend_of(params, (inputs,) if backends.of_array(inputs) else _leaves(inputs))
    trees = backend.trees
    length = _length(what, trees, inputs, is_reset)

    def run(carry: Any, slices: Any) -> Any:
        params, state = carry
        inputs, resets = slices
        (output, after), params = step(params, inputs, state, resets, is_training)
        check_same_kind(trees, what, "the state", state, after)
        return (params, after), output

    time_major = trees.map(lambda leaf: leaf.swapaxes(0, 1), (inputs, is_reset))
    carry = params, prev_state
    if is_static:
        carry, outputs = trees.loop(run, carry, time_major, length)
    elif params.is_locked:
        carry, outputs = trees.scan(run, carry, time_major, length)
    else:
        first = trees.map(lambda leaf: leaf[:1], time_major)
        carry, outputs = trees.loop(run, carry, first, 1)
        if length > 1:
            rest = trees.map(lambda leaf: leaf[1:], time_major)
            carry, more = trees.scan(run, carry, rest, length - 1)
            outputs = trees.join([outputs, more])
    params, state = carry
    return (trees.map(lambda leaf: leaf.swapaxes(0, 1), outputs), state), params


def _leaves(tree: PyTree) -> tuple[Any, ...]:
    """Return the arrays in tuples, lists and dicts."""
    if isinstance(tree, (tuple, list)):
        return tuple(leaf for item in tree for leaf in _leaves(item))
    return tuple(leaf for item in tree.values() for leaf in _leaves(item)) if isinstance(tree, dict) else (tree,)


def _length(what: str, trees: Trees[Any], inputs: PyTree, is_reset: PyTree) -> int:
    """Return the number of steps; raise `ValueError` for trees that have none, or several."""
    shapes = shapes_of(trees, "inputs", inputs) + shapes_of(trees, "is_reset", is_reset)
    if any(len(shape) < 2 for _, shape in shapes):
        raise ValueError(f"{what}: inputs and is_reset are (batch, time, ...), got {dict(shapes)}")
    length = common_size(what, [(label, shape[1]) for label, shape in shapes], None, "inputs")
    if length < 1:
        raise ValueError(f"{what}: there is no step to run, because the time axis of the inputs has size 0")
    return length
