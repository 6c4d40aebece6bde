"""Running calls on JAX and on torch, and comparing what comes of them."""

import functools
from collections.abc import Sequence
from typing import Any, NamedTuple

import jax as oracle
import numpy as np

import unified.compat.jax as jax
from conformance_tests.compat.differential import on
from conformance_tests.compat.every_name.calls import Call, function_of
from conformance_tests.compat.every_name.operands import Operand

__all__ = ["Case", "difference", "on_jax", "on_torch"]


class Case(NamedTuple):
    """A call of a name with operands."""

    name: str
    call: Call
    operands: tuple[Operand, ...]

    def __str__(self) -> str:
        return f"{self.name} {self.call.text} ({', '.join(map(str, self.operands))})"


class Leaf(NamedTuple):
    """An array of what a call returns, or any other value."""

    dtype: str
    weak: bool
    shape: tuple[int, ...]
    values: Any


Outcome = list[Leaf] | BaseException


@functools.cache
def _array(backend: str, operand: Operand, place: int) -> Any:
    with on(backend):
        return operand.make(place)


def _run(case: Case, operands: Sequence[Any]) -> Any:
    with np.errstate(all="ignore"):
        return case.call.run(function_of(jax, case.name), *operands)


def _leaf(value: Any) -> Leaf:
    if not hasattr(value, "weak_type"):
        return Leaf(type(value).__name__, False, (), value)
    dtype = np.dtype(value.dtype)
    values = None if isinstance(value, oracle.ShapeDtypeStruct) else np.asarray(value)
    return Leaf(dtype.name, bool(value.weak_type) and dtype.kind != "b", tuple(value.shape), values)


def on_torch(case: Case) -> Outcome:
    """Return the outcome of a call on torch."""
    with on("torch"):
        try:
            value = _run(case, [_array("torch", operand, place) for place, operand in enumerate(case.operands)])
            return [_leaf(leaf) for leaf in jax.tree_util.tree_leaves(value)]
        except Exception as error:
            return error


def _eager(case: Case) -> Outcome:
    with on("jax"):
        try:
            value = _run(case, [_array("jax", operand, place) for place, operand in enumerate(case.operands)])
            return [_leaf(leaf) for leaf in oracle.tree.leaves(value)]
        except Exception as error:
            return error


NEEDS_VALUES = (
    oracle.errors.ConcretizationTypeError, oracle.errors.NonConcreteBooleanIndexError,
    oracle.errors.TracerArrayConversionError, oracle.errors.TracerBoolConversionError,
    oracle.errors.TracerIntegerConversionError,
)  # fmt: skip


def on_jax(cases: Sequence[Case], values: bool) -> list[Outcome | None]:
    """Return the outcomes of calls on JAX: compiled together, a tenth of the time, or traced without values.

    Calls that read values are run one by one; without values, `None` is what comes of them.
    """
    keys = sorted({(o, place) for case in cases for place, o in enumerate(case.operands) if not o.is_number})
    places = {key: number for number, key in enumerate(keys)}
    outcomes: list[Any] = [None] * len(cases)

    def every(arrays: list[Any]) -> Any:
        traced = []
        for number, case in enumerate(cases):
            operands = [
                o.make(place) if o.is_number else arrays[places[o, place]] for place, o in enumerate(case.operands)
            ]
            try:
                leaves = oracle.tree.leaves(_run(case, operands))
            except NEEDS_VALUES:
                continue
            except Exception as error:
                outcomes[number] = error
                continue
            outcomes[number] = [None if isinstance(leaf, oracle.Array) else _leaf(leaf) for leaf in leaves]
            traced.append([leaf for leaf in leaves if isinstance(leaf, oracle.Array)])
        return traced

    with on("jax"):
        arrays = [_array("jax", *key) for key in keys]
        if values:
            try:
                results = oracle.jit(every)(arrays)
            except Exception:  # of the compiler, at one of the calls
                return [_eager(case) for case in cases]
        else:
            results = oracle.eval_shape(every, arrays)
        rest = iter(results)
        for number, case in enumerate(cases):
            if outcomes[number] is None and values:
                outcomes[number] = _eager(case)
            elif isinstance(outcomes[number], list):
                traced_leaves = iter(next(rest))
                outcomes[number] = [_leaf(next(traced_leaves)) if leaf is None else leaf for leaf in outcomes[number]]
    return outcomes


NOT_OFFERED = (AttributeError, KeyError, NotImplementedError)  # by JAX, which does not refuse it either
# A few times the distance of neighbours: XLA keeps the halves of several steps in 32 bits.
TOLERANCE = {"bfloat16": 2.0**-6, "float16": 2.0**-8, "float32": 2e-5, "complex64": 2e-5}


def difference(case: Case, theirs: Outcome | None, ours: Outcome) -> str | None:
    """Return how an outcome on torch differs from JAX's, in words; `None` if it does not."""
    if theirs is None:
        return None
    narrowest = max([TOLERANCE.get(operand.kind, 0.0) for operand in case.operands], default=0.0)
    if isinstance(theirs, NOT_OFFERED):
        return None
    if isinstance(theirs, BaseException) or isinstance(ours, BaseException):
        if isinstance(theirs, BaseException) and isinstance(ours, BaseException):
            return None
        return f"JAX: {_shown(theirs)}, torch: {_shown(ours)}"
    if len(theirs) != len(ours):
        return f"JAX: {_shown(theirs)}, torch: {_shown(ours)}"
    for expected, leaf in zip(theirs, ours, strict=True):
        if expected[:3] != leaf[:3] or not _close(expected, leaf, narrowest):
            return f"JAX: {_shown([expected])}, torch: {_shown([leaf])}"
    return None


def _close(theirs: Leaf, ours: Leaf, least: float) -> bool:
    if theirs.values is None:  # traced alone
        return True
    if not isinstance(theirs.values, np.ndarray):
        return bool(theirs.values == ours.values)
    tolerance = TOLERANCE.get(theirs.dtype)
    if tolerance is None:
        return bool(np.array_equal(theirs.values, ours.values))
    tolerance = max(tolerance, least)
    wide = np.complex128 if theirs.dtype == "complex64" else np.float64
    return bool(
        np.allclose(ours.values.astype(wide), theirs.values.astype(wide), tolerance, tolerance / 4, equal_nan=True)
    )


def _shown(outcome: Outcome) -> str:
    if isinstance(outcome, BaseException):
        return f"{type(outcome).__name__}: {' '.join(str(outcome).split())[:90]}"
    texts = []
    for leaf in outcome:
        values = leaf.values.reshape(-1)[:4] if isinstance(leaf.values, np.ndarray) else leaf.values
        texts.append(f"{leaf.dtype}{' weak' if leaf.weak else ''}{list(leaf.shape)} {values}")
    return "; ".join(texts)
