"""`jax.lax`'s loops by Python's: each step runs the body anew.

It is the way under `torch.compile`, which traces the steps itself, and under `jax.disable_jit`. A loop whose end
differs along an axis of `jax.vmap` runs until all elements are done.
"""

from collections.abc import Callable
from typing import Any

import torch

from unified.backends.torch import lanes
from unified.compat.jax.on_torch import tree_util as tree
from unified.compat.jax.on_torch.array import Array, WeakArray, as_array, tensor, unwrap
from unified.compat.jax.on_torch.behaviour import Behaviour
from unified.compat.jax.on_torch.dtypes import KINDS, category, default_int, result_dtype, torch_dtype

__all__ = ["fori_loop", "scan", "while_loop"]

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


def fori_loop(lower: Any, upper: Any, body_fun: Callable[[Any, Any], Any], init_val: Any, *, unroll: Any = None) -> Any:
    if lanes.has_no_one_value(unwrap(lower)) or lanes.has_no_one_value(unwrap(upper)):
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
    if lanes.has_no_one_value(condition):
        return _while_any(condition, cond_fun, body_fun, value)
    if not bool(condition):
        return _without_steps(body_fun, value)
    _, value, kept = _stepped("while_loop", body_fun, value, lambda value: value)
    while bool(unwrap(cond_fun(kept(value)))):
        value = body_fun(kept(value))
    return tree.tree_map(as_array, value)


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
