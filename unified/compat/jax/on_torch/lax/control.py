"""`jax.lax`'s loops and choices, by Python's, and `stop_gradient`: functions of trees of `Array`s.

torch runs each step as it comes.

A choice by the value of an array is made at once. Under `torch.compile` and `jax.vmap`, where the value is not known,
all branches run and their results are chosen from. A loop whose end differs along an axis of `jax.vmap` runs until all
elements are done.
"""

from collections.abc import Callable
from typing import Any

import torch

from unified.backends.torch import lanes
from unified.compat.jax.on_torch import tree_util as tree
from unified.compat.jax.on_torch.array import Array, WeakArray, as_array, tensor, unwrap
from unified.compat.jax.on_torch.behaviour import Behaviour
from unified.compat.jax.on_torch.dtypes import KINDS, category, default_int, result_dtype, torch_dtype

__all__ = ["associative_scan", "cond", "fori_loop", "map", "scan", "stop_gradient", "switch", "while_loop"]

BEHAVIOUR = Behaviour(on_arrays=True)


def _like(kind: type[Array], value: torch.Tensor) -> Array:
    return kind(value) if value.dtype is not torch.bool else Array(value)


def _stepped(what: str, step: Callable[[Any], Any], init: Any, carried: Callable[[Any], Any]) -> tuple[Any, Any, Any]:
    """Return the first carry, the result of the first step, and a function that keeps later carries to its types.

    `carried` is the carry in what a step returns. A carry that is weak takes the dtype that a step makes of it, and the
    first step is done once more.
    """
    carry = tree.tree_map(as_array, init)
    while True:
        result = step(carry)
        old, structure = tree.tree_flatten(carry)
        new, other = tree.tree_flatten(carried(result))
        if structure != other:
            raise TypeError(
                f"{what}: the carry must keep its structure, and it went in as {structure} and came out as {other}"
            )
        new = [as_array(leaf) for leaf in new]
        met = [_met(what, one, two) for one, two in zip(old, new, strict=True)]
        if all(one is two for one, two in zip(old, met, strict=True)):
            break
        carry = structure.unflatten(met)
    kinds = [type(one) for one in old]
    if kinds == [type(two) for two in new]:
        return carry, result, lambda later: later

    def kept(later: Any) -> Any:
        leaves = tree.tree_leaves(later)
        return structure.unflatten([_like(kind, tensor(unwrap(x))) for kind, x in zip(kinds, leaves, strict=True)])

    return carry, result, kept


def _met(what: str, old: Array, new: Array) -> Array:
    """Return a leaf of the carry in the dtype that it keeps."""
    a, b = old.tensor, new.tensor
    if a.shape == b.shape and a.dtype is b.dtype:
        return old
    if a.shape == b.shape and type(old) is WeakArray:
        dtype = result_dtype(b, KINDS[category(a.dtype)](0))
        if dtype is not a.dtype:
            return Array(a.to(dtype))
    raise TypeError(
        f"{what}: the carry must keep shapes and dtypes, and {a.dtype}{list(a.shape)} came out as "
        f"{b.dtype}{list(b.shape)}"
    )


def _slices(value: Any) -> Callable[[int], Array]:
    """Return the row of each step, which is as weak as the array."""
    array = as_array(value)
    kind, rows = type(array), array.tensor.unbind(0)
    return lambda step: kind(rows[step])


def _stack(values: Any) -> Array:
    arrays = [as_array(value) for value in values]
    return type(arrays[0])(torch.stack([array.tensor for array in arrays]))


def scan(
    f: Callable[[Any, Any], Any], init: Any, xs: Any = None, length: int | None = None, reverse: bool = False,
    unroll: Any = 1, _split_transpose: bool = False,
) -> tuple[Any, Any]:  # fmt: skip
    leaves, structure = tree.tree_flatten(xs)
    counts = {tensor(unwrap(leaf)).shape[0] for leaf in leaves} | (set() if length is None else {length})
    if len(counts) != 1:
        raise ValueError(
            f"scan: the leading axes must have one size (and be length, if it is given), got {sorted(counts)}"
        )
    count = counts.pop()
    if not count:
        return _no_steps(f, init, structure, leaves)
    rows = [_slices(leaf) for leaf in leaves]
    steps = [structure.unflatten([row(step) for row in rows]) for step in range(count)]
    order = range(count)[::-1] if reverse else range(count)
    _, (carry, first), kept = _stepped(
        "scan", lambda carry: f(carry, steps[order[0]]), init, lambda outputs: outputs[0]
    )
    results: list[Any] = [first] * count
    for step in order[1:]:
        carry, results[step] = f(kept(carry), steps[step])
    _, results_structure = tree.tree_flatten(first)
    columns = zip(*(tree.tree_leaves(result) for result in results), strict=True)
    return tree.tree_map(as_array, carry), results_structure.unflatten([_stack(column) for column in columns])


def _no_steps(f: Callable[[Any, Any], Any], init: Any, structure: Any, leaves: list[Any]) -> tuple[Any, Any]:
    from unified.compat.jax.on_torch.transforms import eval_shape

    rows = [tensor(unwrap(leaf)) for leaf in leaves]
    carry = tree.tree_map(as_array, init)
    x = structure.unflatten([Array(row.new_zeros(row.shape[1:])) for row in rows])
    _, shapes = eval_shape(f, carry, x)
    return carry, tree.tree_map(lambda s: Array(torch.zeros((0, *s.shape), dtype=s.torch_dtype)), shapes)


def map(f: Callable[[Any], Any], xs: Any, *, batch_size: int | None = None) -> Any:
    return scan(lambda _, x: (None, f(x)), None, xs)[1]


def fori_loop(lower: Any, upper: Any, body_fun: Callable[[Any, Any], Any], init_val: Any, *, unroll: Any = None) -> Any:
    if _has_values_by_lane(unwrap(lower)) or _has_values_by_lane(unwrap(upper)):
        start = as_array(lower), tree.tree_map(as_array, init_val)
        return while_loop(lambda c: c[0] < upper, lambda c: (c[0] + 1, body_fun(*c)), start)[1]
    low, high = int(lower), int(upper)
    kind = WeakArray if isinstance(lower, int | WeakArray) and isinstance(upper, int | WeakArray) else Array

    def body(step: int, value: Any) -> Any:
        return body_fun(kind(torch.tensor(step, dtype=default_int())), value)

    if low >= high:
        return _without_steps(lambda value: body(low, value), tree.tree_map(as_array, init_val))
    _, value, kept = _stepped("fori_loop", lambda value: body(low, value), init_val, lambda value: value)
    for step in range(low + 1, high):
        value = body(step, kept(value))
    return tree.tree_map(as_array, value)


def _without_steps(body: Callable[[Any], Any], value: Any) -> Any:
    """Return the carry of a loop without steps, weak leaves in the dtype that a step would make of them."""
    from unified.compat.jax.on_torch.transforms import eval_shape

    if not any(isinstance(leaf, WeakArray) for leaf in tree.tree_leaves(value)) or torch.compiler.is_compiling():
        return value

    def adapted(old: Any, new: Any) -> Any:
        dtype = torch_dtype(new.dtype)
        return old if dtype is old.tensor.dtype or type(old) is Array else Array(old.tensor.to(dtype))

    return tree.tree_map(adapted, value, eval_shape(body, value))


def while_loop(cond_fun: Callable[[Any], Any], body_fun: Callable[[Any], Any], init_val: Any) -> Any:
    value = tree.tree_map(as_array, init_val)
    condition = tensor(unwrap(cond_fun(value)))
    if _has_values_by_lane(condition):
        return _while_any(condition, cond_fun, body_fun, value)
    if not bool(condition):
        return _without_steps(body_fun, value)
    _, value, kept = _stepped("while_loop", body_fun, value, lambda value: value)
    while bool(unwrap(cond_fun(kept(value)))):
        value = body_fun(kept(value))
    return tree.tree_map(as_array, value)


def _has_values_by_lane(value: Any) -> bool:
    """Return whether a value has no one number that Python could read; compiled code is read as it runs."""
    return isinstance(value, torch.Tensor) and not torch.compiler.is_compiling() and lanes.has_values_by_lane(value)


def _while_any(condition: torch.Tensor, cond_fun: Any, body_fun: Any, value: Any) -> Any:
    """Run a loop until its condition is false for all elements of mapped axes; those that are done do not change."""

    def select(old: Any, new: Any) -> Array:
        before, after = tensor(unwrap(old)), tensor(unwrap(new))
        where = condition.reshape(condition.shape + (1,) * (before.dim() - condition.dim()))
        return Array(torch.where(where, after, before))

    while lanes.values_of_all(condition).any():
        value = tree.tree_map(select, value, body_fun(value))
        condition = torch.logical_and(condition, tensor(unwrap(cond_fun(value))))
    return value


def _is_known(value: Any) -> bool:
    if not isinstance(value, torch.Tensor):
        return True
    return not (torch.compiler.is_compiling() or value.is_meta or lanes.has_values_by_lane(value))


def _chosen(index: torch.Tensor, outputs: list[Any]) -> Any:
    leaves = [tree.tree_flatten(output) for output in outputs]
    structure = leaves[0][1]
    if any(other != structure for _, other in leaves[1:]):
        raise TypeError(f"the branches must give one structure, got {[str(s) for _, s in leaves]}")
    result = []
    for column in zip(*(values for values, _ in leaves), strict=True):
        chosen = tensor(unwrap(column[0]))
        for place, value in enumerate(column[1:], 1):
            chosen = torch.where(index == place, tensor(unwrap(value)), chosen)
        result.append(type(as_array(column[0]))(chosen))
    return structure.unflatten(result)


def switch(index: Any, branches: Any, *operands: Any, operand: Any = None) -> Any:
    operands = operands or (() if operand is None else (operand,))
    operands = tree.tree_map(as_array, operands)
    index = unwrap(index)
    if category(tensor(index).dtype) != 1:
        raise TypeError(f"switch chooses by an integer, got {tensor(index).dtype}: cond chooses by a boolean")
    last = len(branches) - 1
    if not _is_known(index):
        return _chosen(index.clamp(0, last), [branch(*operands) for branch in branches])
    return tree.tree_map(as_array, branches[min(max(int(index), 0), last)](*operands))


def cond(pred: Any, true_fun: Any, false_fun: Any, *operands: Any, operand: Any = None, linear: Any = None) -> Any:
    if not callable(false_fun) and len(operands) >= 2 and callable(operands[0]):
        return _old_cond(pred, true_fun, false_fun, *operands)
    if operand is not None:
        operands = (operand,)
    pred = unwrap(pred)
    index = torch.where(pred.to(torch.bool), 0, 1) if isinstance(pred, torch.Tensor) else 0 if pred else 1
    return switch(
        index if isinstance(pred, torch.Tensor) and not _is_known(pred) else int(index),
        (true_fun, false_fun),
        *operands,
    )


def _old_cond(pred: Any, true_operand: Any, true_fun: Any, false_operand: Any, false_fun: Any) -> Any:
    """`cond(pred, operand, function, operand, function)`, which older JAX had."""
    return cond(pred, lambda pair: true_fun(pair[0]), lambda pair: false_fun(pair[1]), (true_operand, false_operand))


def associative_scan(fn: Callable[..., Any], elems: Any, reverse: bool = False, axis: int = 0) -> Any:
    """One element after another, which gives what a tree of them gives, up to rounding."""
    leaves, structure = tree.tree_flatten(elems)
    rows = [tensor(unwrap(leaf)).movedim(axis, 0) for leaf in leaves]
    rows = [row.flip(0) for row in rows] if reverse else rows
    total = structure.unflatten([Array(row[0:1]) for row in rows])
    found = [tree.tree_leaves(total)]
    for step in range(1, rows[0].shape[0]):
        total = fn(total, structure.unflatten([Array(row[step : step + 1]) for row in rows]))
        found.append(tree.tree_leaves(total))
    joined = [torch.cat([unwrap(value) for value in column]) for column in zip(*found, strict=True)]
    return structure.unflatten([Array((x.flip(0) if reverse else x).movedim(0, axis)) for x in joined])


def stop_gradient(x: Any) -> Any:
    """The tree of values without gradients."""

    def stopped(leaf: Any) -> Any:
        if not isinstance(leaf, int | float | complex) and not hasattr(leaf, "dtype"):
            return leaf
        array = as_array(leaf)
        return type(array)(array.tensor.detach())

    return tree.tree_map(stopped, x)
