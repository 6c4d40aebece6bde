"""`jax.lax`'s loops and choices, and `stop_gradient`: functions of trees of `Array`s.

The body of a loop is traced once, as in JAX, and its graph runs at each step (`stepwise.py` where nothing is traced).

All branches of a choice are traced, as in JAX, and the graph of one runs. Where the value that chooses is not known,
under `torch.compile` and `jax.vmap`, all of them run and their results are chosen from.
"""

import weakref
from collections.abc import Callable, Sequence
from typing import Any

import torch

from unified.compat.jax.on_torch import tree_util as tree
from unified.compat.jax.on_torch.array import Array, WeakArray, as_array, tensor, unwrap
from unified.compat.jax.on_torch.behaviour import Behaviour
from unified.compat.jax.on_torch.dtypes import KINDS, category, result_dtype
from unified.compat.jax.on_torch.lax import loops, stepwise
from unified.compat.jax.on_torch.tracing import current, staged
from unified.compat.jax.on_torch.tracing.abstract import Abstract
from unified.compat.jax.on_torch.tracing.staged import Staged, Type, type_of

__all__ = ["associative_scan", "cond", "fori_loop", "map", "scan", "stop_gradient", "switch", "while_loop"]

BEHAVIOUR = Behaviour(on_arrays=True)

_bodies: weakref.WeakKeyDictionary[Any, dict[Any, Staged]] = weakref.WeakKeyDictionary()


def _traced(
    what: str, fun: Any, types: Sequence[Type], structure: Any, call: Callable[..., Any] | None = None
) -> Staged:
    """Return the graph of `fun`, or of `call`, which calls it: one that captured nothing holds for later loops."""
    name = f"{staged.name_of(fun)} ({what})"
    key = what, tuple(types), structure, staged.environment()
    try:
        known = _bodies.get(fun)
        found = None if known is None else known.get(key)
    except TypeError:  # of a function without a hash, or that no weak reference can point to
        return staged.stage(call or fun, types, structure, name)
    if found is None:
        found = staged.stage(call or fun, types, structure, name)
        if not found.graph.captures and current() is None:
            _bodies.setdefault(fun, {})[key] = found
    return found


def _settled(
    what: str, init: Any, trace: Callable[[list[Type]], Staged], carried: Callable[[Staged], tuple[Any, list[Type]]]
) -> tuple[list[torch.Tensor], Any, list[Type], Staged]:
    """Return the first carry with its structure and types, and the graph of a step that keeps them.

    `carried` returns the structure and types of the carry among the results of a step. A carry that is weak takes the
    dtype that a step makes of it, and the step is traced once more.
    """
    leaves, structure = tree.tree_flatten(init)
    arrays = [as_array(leaf) for leaf in leaves]
    paths = [tree.keystr(path) for path, _ in tree.tree_leaves_with_path(init)]
    while True:
        types = [type_of(array) for array in arrays]
        step = trace(types)
        new_structure, new_types = carried(step)
        if structure != new_structure:
            raise TypeError(
                f"{what}: the carry must keep its structure, and it went in as {structure} and came out as "
                f"{new_structure}"
            )
        met = [_met(what, *each) for each in zip(paths, arrays, types, new_types, strict=True)]
        if all(one is two for one, two in zip(arrays, met, strict=True)):
            return [array.tensor for array in arrays], structure, types, step
        arrays = met


def _met(what: str, path: str, old: Array, old_type: Type, new_type: Type) -> Array:
    """Return a leaf of the carry in the dtype that it keeps."""
    a, b = old_type.abstract, new_type.abstract
    if a.shape == b.shape and a.dtype is b.dtype:
        return old
    if a.shape == b.shape and old_type.kind is WeakArray:
        number = KINDS[category(a.dtype)](0)
        beside = KINDS[category(b.dtype)](0) if new_type.kind is WeakArray else torch.empty(0, dtype=b.dtype)
        dtype = result_dtype(beside, number)
        if dtype is not a.dtype:
            return Array(old.tensor.to(dtype))
    raise TypeError(
        f"{what}: the carry must keep shapes and dtypes, and its leaf carry{path} went in as {old_type} and came out "
        f"as {new_type}"
    )


def _replayed(target: Callable[..., Any], args: Sequence[Any], result: Any) -> Any:
    """Return `target(*args)`; within a trace, record the call."""
    trace = current()
    return target(*args) if trace is None else trace.apply(target, args, result)


def scan(
    f: Callable[[Any, Any], Any], init: Any, xs: Any = None, length: int | None = None, reverse: bool = False,
    unroll: Any = 1, _split_transpose: bool = False,
) -> tuple[Any, Any]:  # fmt: skip
    if not staged.is_staging():
        return stepwise.scan(f, init, xs, length, reverse, unroll, _split_transpose)
    leaves, structure = tree.tree_flatten(xs)
    arrays = [as_array(leaf) for leaf in leaves]
    counts = {array.tensor.shape[0] for array in arrays} | (set() if length is None else {int(length)})
    if len(counts) != 1:
        raise ValueError(
            f"scan: the leading axes must have one size (and be length, if it is given), got {sorted(counts)}"
        )
    count = counts.pop()
    rows = [_row(array) for array in arrays]

    def call(carry: Any, x: Any) -> Any:
        result = f(carry, x)
        if not isinstance(result, (tuple, list)) or len(result) != 2:
            raise TypeError(f"scan: the body returns a pair, the next carry and an output, got {type(result).__name__}")
        return tuple(result)

    _, carry_structure = tree.tree_flatten(init)

    def trace(types: list[Type]) -> Staged:
        return _traced("scan", f, [*types, *rows], tree.treedef_tuple([carry_structure, structure]), call)

    def carried(step: Staged) -> tuple[Any, list[Type]]:
        inner = step.structure.children()[0]
        return inner, step.types[: inner.num_leaves]

    carry, _, types, step = _settled("scan", init, trace, carried)
    loop = loops.Scan(step.graph.function, len(carry), count, bool(reverse), [each.abstract for each in step.types])
    outputs = step.types[len(carry) :]
    result = (
        [each.abstract for each in types],
        [Abstract((count, *each.abstract.shape), each.abstract.dtype, each.abstract.device) for each in outputs],
    )
    last, stacked = _replayed(loop, [step.graph.captures, carry, [array.tensor for array in arrays]], result)
    inner, outer = step.structure.children()
    kinds = [each.kind for each in (step.types if count else types)]
    return (
        inner.unflatten([kind(value) for kind, value in zip(kinds, last, strict=False)]),
        outer.unflatten([each.kind(value) for each, value in zip(outputs, stacked, strict=True)]),
    )


def _row(array: Array) -> Type:
    value = array.tensor
    return Type(type(array), Abstract(tuple(value.shape[1:]), value.dtype, value.device))


def map(f: Callable[[Any], Any], xs: Any, *, batch_size: int | None = None) -> Any:
    return scan(lambda _, x: (None, f(x)), None, xs)[1]


def fori_loop(lower: Any, upper: Any, body_fun: Callable[[Any, Any], Any], init_val: Any, *, unroll: Any = None) -> Any:
    if not staged.is_staging():
        return stepwise.fori_loop(lower, upper, body_fun, init_val, unroll=unroll)
    bounds = [as_array(lower), as_array(upper)]
    strong = [bound for bound in bounds if type(bound) is Array]
    index = type_of((strong or bounds)[0])
    if category(index.abstract.dtype) != 1 or index.abstract.shape:
        raise TypeError(f"fori_loop counts from an integer to an integer, got {index}")
    _, structure = tree.tree_flatten(init_val)

    def trace(types: list[Type]) -> Staged:
        parts = tree.treedef_tuple([tree.STAR, structure])
        return _traced("fori_loop", body_fun, [index, *types], parts)

    carry, _, types, step = _settled("fori_loop", init_val, trace, lambda step: (step.structure, step.types))
    numbers = [bound if isinstance(bound, int) else unwrap(bound) for bound in (lower, upper)]
    numbers = [value if isinstance(value, torch.Tensor) else int(value) for value in numbers]
    loop = loops.ForI(step.graph.function, index.abstract.dtype)
    last = _replayed(loop, [step.graph.captures, *numbers, carry], [each.abstract for each in types])
    kinds = [one.kind if one.kind is two.kind else Array for one, two in zip(types, step.types, strict=True)]
    return structure.unflatten([kind(value) for kind, value in zip(kinds, last, strict=True)])


def while_loop(cond_fun: Callable[[Any], Any], body_fun: Callable[[Any], Any], init_val: Any) -> Any:
    if not staged.is_staging():
        return stepwise.while_loop(cond_fun, body_fun, init_val)
    _, structure = tree.tree_flatten(init_val)
    parts = tree.treedef_tuple([structure])

    def trace(types: list[Type]) -> Staged:
        return _traced("while_loop", body_fun, types, parts)

    carry, _, types, step = _settled("while_loop", init_val, trace, lambda step: (step.structure, step.types))
    condition = _traced("while_loop, condition", cond_fun, types, parts)
    found = condition.types
    if condition.structure != tree.STAR or found[0].abstract.shape or found[0].abstract.dtype is not torch.bool:
        raise TypeError(f"while_loop: the condition returns one boolean, got {', '.join([str(t) for t in found])}")
    loop = loops.While(condition.graph.function, step.graph.function)
    args = [condition.graph.captures, step.graph.captures, carry]
    last = _replayed(loop, args, [each.abstract for each in types])
    kinds = [one.kind if one.kind is two.kind else Array for one, two in zip(types, step.types, strict=True)]
    return structure.unflatten([kind(value) for kind, value in zip(kinds, last, strict=True)])


def _staged_switch(index: Any, branches: Any, operands: Any) -> Any:
    """Choose between the graphs of all branches, each traced once; within a trace, record the choice."""
    leaves, structure = tree.tree_flatten(operands)
    types = [type_of(leaf) for leaf in leaves]
    traces = {id(branch): _traced("branch", branch, types, structure) for branch in branches}
    steps = [traces[id(branch)] for branch in branches]
    if any(step.structure != steps[0].structure for step in steps[1:]):
        raise TypeError(f"the branches must give one structure, got {[str(step.structure) for step in steps]}")
    met = [_joined(column) for column in zip(*[step.types for step in steps], strict=True)]
    choice = loops.Switch([step.graph.function for step in steps], [each.abstract.dtype for each in met])
    captures = [step.graph.captures for step in steps]
    args = [captures, index, [as_array(leaf).tensor for leaf in leaves]]
    values = _replayed(choice, args, [each.abstract for each in met])
    return steps[0].structure.unflatten([each.kind(value) for each, value in zip(met, values, strict=True)])


def _joined(types: Sequence[Type]) -> Type:
    """Return the type of a leaf of all branches, of which weak ones take the dtype of the others."""
    first, strong = types[0], [each for each in types if each.kind is not WeakArray]
    dtypes = {each.abstract.dtype for each in strong or types}
    if len(dtypes) > 1 or any(each.abstract.shape != first.abstract.shape for each in types):
        raise TypeError(f"the branches must give one shape and dtype for each output, got {[str(t) for t in types]}")
    target = strong[0] if strong else first
    for each in types:
        number = KINDS[category(each.abstract.dtype)](0)
        if each.kind is WeakArray and result_dtype(torch.empty(0, dtype=target.abstract.dtype), number) not in dtypes:
            raise TypeError(f"the branches must give one dtype for each output, got {[str(t) for t in types]}")
    return target


def _chosen(index: torch.Tensor, outputs: list[Any]) -> Any:
    leaves = [tree.tree_flatten(output) for output in outputs]
    structure = leaves[0][1]
    if any(other != structure for _, other in leaves[1:]):
        raise TypeError(f"the branches must give one structure, got {[str(s) for _, s in leaves]}")
    result = []
    for column in zip(*(values for values, _ in leaves), strict=True):
        chosen = tensor(unwrap(column[0]))
        for place, value in enumerate([tensor(unwrap(value)) for value in column[1:]], 1):
            if value is not chosen:  # what all branches pass on is the same in each lane, as in JAX
                chosen = torch.where(index == place, value, chosen)
        result.append(type(as_array(column[0]))(chosen))
    return structure.unflatten(result)


class _NONE:
    """The class that is no operand, since `None` is one."""


def switch(index: Any, branches: Any, *operands: Any, operand: Any = _NONE) -> Any:
    operands = operands or (() if operand is _NONE else (operand,))
    operands = tree.tree_map(as_array, operands)
    index = unwrap(index)
    if category(tensor(index).dtype) != 1:
        raise TypeError(f"switch chooses by an integer, got {tensor(index).dtype}: cond chooses by a boolean")
    last = len(branches) - 1
    if staged.is_staging():
        return _staged_switch(index, branches, operands)
    if not loops.is_known(index):
        return _chosen(index.clamp(0, last), [branch(*operands) for branch in branches])
    return tree.tree_map(as_array, branches[min(max(int(index), 0), last)](*operands))


def cond(pred: Any, true_fun: Any, false_fun: Any, *operands: Any, operand: Any = _NONE, linear: Any = None) -> Any:
    if not callable(false_fun) and len(operands) >= 2 and callable(operands[0]):
        return _old_cond(pred, true_fun, false_fun, *operands)
    if operand is not _NONE:
        operands = (operand,)
    pred = unwrap(pred)
    index = torch.where(pred.to(torch.bool), 0, 1) if isinstance(pred, torch.Tensor) else 0 if pred else 1
    return switch(
        index if current() is not None or not loops.is_known(pred) else int(index),
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
