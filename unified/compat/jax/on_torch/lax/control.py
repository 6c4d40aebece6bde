"""`jax.lax`'s loops and choices, by Python's, and `stop_gradient`: functions of trees of `Array`s.

torch runs each step as it comes.

A choice by the value of an array is made at once. Under `torch.compile` and `jax.vmap`, where the value is not known,
all branches run and their results are chosen from.
"""

from collections.abc import Callable
from typing import Any

import torch

from unified.compat.jax.on_torch import tree_util as tree
from unified.compat.jax.on_torch.array import Array, tensor, unwrap
from unified.compat.jax.on_torch.dtypes import default_int

__all__ = ["associative_scan", "cond", "fori_loop", "map", "scan", "stop_gradient", "switch", "while_loop"]


def _array(leaf: Any) -> Any:
    return Array(tensor(leaf))


def _same_kind(what: str, before: Any, after: Any) -> None:
    old, structure = tree.tree_flatten(before)
    new, other = tree.tree_flatten(after)
    if structure != other:
        raise TypeError(
            f"{what}: the carry must keep its structure, and it went in as {structure} and came out as {other}"
        )
    for one, two in zip(old, new, strict=True):
        a, b = tensor(unwrap(one)), tensor(unwrap(two))
        if a.shape != b.shape or a.dtype is not b.dtype:
            raise TypeError(
                f"{what}: the carry must keep shapes and dtypes, and {a.dtype}{list(a.shape)} came out as "
                f"{b.dtype}{list(b.shape)}"
            )


def scan(
    f: Callable[[Any, Any], Any], init: Any, xs: Any = None, length: int | None = None, reverse: bool = False,
    unroll: Any = 1, _split_transpose: bool = False,
) -> tuple[Any, Any]:  # fmt: skip
    leaves, structure = tree.tree_flatten(xs)
    rows = [tensor(unwrap(leaf)) for leaf in leaves]
    counts = {row.shape[0] for row in rows} | (set() if length is None else {length})
    if len(counts) != 1:
        raise ValueError(
            f"scan: the leading axes must have one size (and be length, if it is given), got {sorted(counts)}"
        )
    count = counts.pop()
    carry = tree.tree_map(_array, init)
    steps = [row.unbind(0) for row in rows]
    results: list[Any] = [None] * count
    order = range(count)[::-1] if reverse else range(count)
    for step in order:
        x = structure.unflatten([Array(row[step]) for row in steps])
        new, results[step] = f(carry, x)
        if step == order[0]:
            _same_kind("scan", carry, new)
        carry = new
    if not count:
        from unified.compat.jax.on_torch.transforms import eval_shape

        x = structure.unflatten([Array(row.new_zeros(row.shape[1:])) for row in rows])
        _, shapes = eval_shape(f, carry, x)
        return carry, tree.tree_map(lambda s: Array(torch.zeros((0, *s.shape), dtype=s.torch_dtype)), shapes)
    _, results_structure = tree.tree_flatten(results[0])
    columns = zip(*(tree.tree_leaves(result) for result in results), strict=True)
    stacked = [Array(torch.stack([tensor(unwrap(value)) for value in column])) for column in columns]
    return carry, results_structure.unflatten(stacked)


def map(f: Callable[[Any], Any], xs: Any, *, batch_size: int | None = None) -> Any:
    return scan(lambda _, x: (None, f(x)), None, xs)[1]


def fori_loop(lower: Any, upper: Any, body_fun: Callable[[Any, Any], Any], init_val: Any, *, unroll: Any = None) -> Any:
    value = tree.tree_map(_array, init_val)
    for step in range(int(lower), int(upper)):
        new = body_fun(Array(torch.tensor(step, dtype=default_int())), value)
        if step == int(lower):
            _same_kind("fori_loop", value, new)
        value = new
    return value


def while_loop(cond_fun: Callable[[Any], Any], body_fun: Callable[[Any], Any], init_val: Any) -> Any:
    value = tree.tree_map(_array, init_val)
    first = True
    while bool(unwrap(cond_fun(value))):
        new = body_fun(value)
        if first:
            _same_kind("while_loop", value, new)
        value, first = new, False
    return value


def _is_known(value: Any) -> bool:
    if not isinstance(value, torch.Tensor):
        return True
    return not (
        torch.compiler.is_compiling()
        or value.is_meta
        or (torch._C._functorch.is_functorch_wrapped_tensor(value) and torch._C._functorch.is_batchedtensor(value))
    )


def _chosen(index: torch.Tensor, outputs: list[Any]) -> Any:
    leaves = [tree.tree_flatten(output) for output in outputs]
    structure = leaves[0][1]
    if any(other != structure for _, other in leaves[1:]):
        raise TypeError(f"the branches must give one structure, got {[str(s) for _, s in leaves]}")
    found = []
    for column in zip(*(values for values, _ in leaves), strict=True):
        chosen = tensor(unwrap(column[0]))
        for place, value in enumerate(column[1:], 1):
            chosen = torch.where(index == place, tensor(unwrap(value)), chosen)
        found.append(Array(chosen))
    return structure.unflatten(found)


def switch(index: Any, branches: Any, *operands: Any, operand: Any = None) -> Any:
    operands = operands or (() if operand is None else (operand,))
    operands = tree.tree_map(_array, operands)
    index = unwrap(index)
    last = len(branches) - 1
    if not _is_known(index):
        return _chosen(index.clamp(0, last), [branch(*operands) for branch in branches])
    return tree.tree_map(_array, branches[min(max(int(index), 0), last)](*operands))


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
    return tree.tree_map(lambda leaf: Array(tensor(leaf).detach()) if hasattr(leaf, "dtype") else leaf, x)
