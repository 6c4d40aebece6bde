"""`compare`: two implementations of one model, from the mapping of their weights to their outputs."""

from __future__ import annotations

import time
from collections.abc import Mapping as MappingABC
from typing import Any

import numpy as np

from unified.compare.beyond_rounding import beyond_rounding, first_beyond_rounding
from unified.compare.depth.causes.momentum import momentum_cause
from unified.compare.depth.first_difference import FirstDifference, Statistics, first_place
from unified.compare.errors import SideError
from unified.compare.layouts import LayoutRules, Layouts
from unified.compare.locate import locate, places
from unified.compare.mapping import Mapping
from unified.compare.report import Difference, Report
from unified.compare.search.find import Found, find
from unified.compare.side import Inputs, Run, Side, paired_outputs
from unified.compare.sides.dtypes import in_dtype
from unified.compare.tolerances import Tolerances
from unified.compare.training import compared_gradients, compared_steps
from unified.compare.trees import mapped

__all__ = ["compare"]

UNVERIFIED = (
    "the mapping was found while the sides differ, so it may itself be wrong, and the first difference that it leads "
    "to too: give mapping= where you know which weights are which, or find it again once the sides agree"
)
SMALL = (
    "no layer differs by more than its tolerance: the first difference is that of a run in float64, to far smaller ones"
)


def compare(
    first: Side,
    second: Side,
    *inputs: Any,
    kwargs: MappingABC[str, Any] | None = None,
    layouts: LayoutRules | None = None,
    mapping: Mapping | None = None,
    rtol: float = 1e-4,
    atol: float = 1e-5,
    training: bool = False,
    tolerances: MappingABC[str, tuple[float, float]] | None = None,
    gradients: bool = False,
    steps: int = 0,
    learning_rate: float = 0.01,
    dtype: str | None = None,
    depth: bool = False,
) -> Report:
    """Compare two implementations of one model, after giving the second the first's weights.

    Args:
        first, second: the implementations, made by a function of `unified.testing.sides`.
        *inputs: NumPy arrays, also nested in tuples, lists and dicts, in the first side's layout; other values are
            passed as they are.
        kwargs: inputs by keyword.
        layouts: by the number or name of an input, or `"output"`, how the second side's axes follow from the first's,
            such as `{0: "NCHW->NHWC"}`.
        mapping: which weights are which; found by default.
        rtol, atol: two numbers agree if they differ by at most `atol + rtol * |value|`.
        training: whether the models run in training, where their state is compared too.
        tolerances: `(rtol, atol)` by pattern, as `{"*.norm": (1e-3, 1e-4)}`: for layers by the first side's names, for
            gradients, weights and state by the second's, and for outputs.
        gradients: whether the gradients of the outputs' product with fixed random numbers are compared too.
        steps: after how many steps of SGD on that product weights and state are compared too.
        learning_rate: of these steps.
        dtype: `"float64"` to run both sides in float64; as they are by default.
        depth: whether the report has the differences along the depth even if the sides agree.

    Returns:
        A report: `agrees`, `largest_difference`, `mapping` and `first_difference`; `print(report)` is a table. If the
        sides agree within the tolerances, but differ by more than rounding, `notes` says where.

    Raises:
        SideError: a side raised, returned other outputs in a second call, or returned no arrays.
        ValueError: a tolerance, layout, number of steps or dtype is none.
        MappingError: the mapping that was given does not fit.

    >>> import numpy as np, torch
    >>> from unified.testing import compare, sides
    >>> def dense(params, x):
    ...     return x @ params["w"] + params["b"]
    >>> params = {"w": np.zeros((2, 3), "float32"), "b": np.zeros(3, "float32")}
    >>> report = compare(sides.torch(torch.nn.Linear(2, 3)), sides.function(dense, params), np.ones((4, 2), "float32"))
    >>> report.agrees
    True
    >>> print(report.mapping)
    weight = w  (a b -> b a)
    bias = b
    """
    turned = Layouts(layouts)
    within = Tolerances(rtol, atol, tolerances)
    if steps < 0:
        raise ValueError(f"steps must be a number from 0 on, got {steps}")
    first, second = in_dtype(first, dtype), in_dtype(second, dtype)
    seconds: dict[str, float] = {}
    call = Inputs(tuple(mapped(_as_array, inputs)), mapped(_as_array, dict(kwargs or {})))
    second_call = turned.second_inputs(call)
    problems = [
        *_repeated(first, call, training, "first"),
        *_repeated(second, second_call, training, "second"),
    ]
    is_found = mapping is None
    if mapping is None:
        start = time.perf_counter()
        found = find(first, second, call, turned)
        mapping = found.mapping
        problems += _unmatched(found, first, second)
        seconds["mapping"] = time.perf_counter() - start
    values = {path: value.array for path, value in first.values().items()}
    second = second.replaced(mapping.forward(values))
    start = time.perf_counter()
    one, two = first.run(call, training), second.run(second_call, training)
    seconds["runs"] = time.perf_counter() - start
    differences = _compared(turned.second_outputs(one.outputs), two.outputs, within)
    if training:
        differences += _state(mapping, first, one, two, within)
    sides, inputs_of_both = (first, second), (call, second_call)
    if gradients:
        differences += compared_gradients(sides, mapping, inputs_of_both, turned, within, training)
    if steps:
        differences += compared_steps(sides, mapping, inputs_of_both, turned, within, training, steps, learning_rate)
    report = Report(mapping, tuple(differences), tuple(problems), seconds, (first.library, second.library))
    if depth or not report.agrees:
        found_places = places(first, second, inputs_of_both, within, training)
        start_of_difference = None if report.agrees else first_place(found_places, within)
        report = report.at_depth(
            # Others that differ are steps of two ways to compute one thing.
            [
                place
                for number, place in enumerate(found_places)
                if place.agrees or (start_of_difference is not None and number >= start_of_difference)
            ]
        )
        if not report.agrees:
            located = locate(found_places, first, second, within, mapping)
            located = located or _located_state(mapping, first, one, two, differences)
            if located is None and not all(each.agrees for each in differences):
                located = first_beyond_rounding(sides, inputs_of_both, training)
                report = report if located is None else report.with_note(SMALL)
            report = report.located(located)
    if report.agrees:
        both = (turned.second_outputs(one.outputs), two.outputs)
        note = beyond_rounding(sides, inputs_of_both, both, turned, training)
        report = report if note is None else report.with_note(note)
    if is_found and not report.agrees:
        report = report.with_note(UNVERIFIED)
    return report


def _as_array(_: str, leaf: Any) -> Any:
    return np.asarray(leaf) if hasattr(leaf, "__array__") and not isinstance(leaf, np.ndarray) else leaf


def _repeated(side: Side, inputs: Inputs, training: bool, name: str) -> list[str]:
    """Run a side twice; return what is wrong with its outputs.

    Raises:
        SideError: the outputs are no arrays, or differ between the two runs.
    """
    one, two = side.run(inputs, training), side.run(inputs, training)
    if not one.outputs:
        raise SideError(f"the {name} side, {side.library}, returned no arrays: give it a call or method that does")
    for key, array in one.outputs.items():
        if not np.array_equal(array, two.outputs[key], equal_nan=array.dtype.kind in "fc") and not np.allclose(
            array, two.outputs[key], rtol=1e-4, atol=1e-5, equal_nan=True
        ):
            raise SideError(
                f"the {name} side, {side.library}, returned another {key!r} in a second call with the same inputs: it "
                f"draws random numbers or keeps state. Compare in evaluation, take its dropout out, or fix its key"
            )
    problems = []
    for key, array in one.outputs.items():
        if array.dtype.kind in "fc" and not np.isfinite(array).all():
            count = int((~np.isfinite(array)).sum())
            problems.append(
                f"{key!r} of the {name} side has {count} of {array.size} numbers that are NaN or infinite, with its "
                f"own weights: check the inputs and the weights before the mapping"
            )
    return problems


def _compared(one: dict[str, np.ndarray], two: dict[str, np.ndarray], within: Tolerances) -> list[Difference]:
    found = [Difference.between(name, a, b, *within(name)) for name, a, b in paired_outputs(one, two)]
    if len(one) != len(two):
        found.append(
            Difference.missing("outputs", f"{len(one)} arrays ({', '.join(one)})", f"{len(two)} ({', '.join(two)})")
        )
    return found


def _state(mapping: Mapping, first: Side, one: Run, two: Run, within: Tolerances) -> list[Difference]:
    """Return the differences of the state that the mapping maps, after a call in training."""
    after = mapping.forward({path: one.state.get(path, value.array) for path, value in first.values().items()})
    return [
        Difference.between(f"state {path}", after[path], array, *within(path))
        for path, array in two.state.items()
        if path in after
    ]


def _located_state(
    mapping: Mapping, first: Side, one: Run, two: Run, differences: list[Difference]
) -> FirstDifference | None:
    """Return the first state that differs after a call whose layers all agree."""
    values = {path: value.array for path, value in first.values().items()}
    before, after = mapping.forward(values), mapping.forward({**values, **one.state})
    for each in differences:
        path = each.name.removeprefix("state ")
        if each.agrees or path == each.name or path not in two.state or not np.isfinite(each.largest):
            continue
        names = [piece.path for rule in mapping.rules for piece in rule.first if rule.second[0].path == path]
        cause = momentum_cause(before[path], after[path], two.state[path])
        statistics = (Statistics.of(after[path]), Statistics.of(two.state[path]))
        causes = () if cause is None else (cause,)
        return FirstDifference((names[0], path), None, each.largest, each.place, statistics, causes)
    return None


def _unmatched(found: Found, first: Side, second: Side) -> list[str]:
    """Return a line for each side's parameters that have no counterpart."""
    lines = []
    for side, name, paths in zip((first, second), ("first", "second"), found.mapping.left_over, strict=True):
        values = side.values()
        lost = [f"{path} {values[path].array.shape}" for path in paths if values[path].kind == "parameter"]
        if lost:
            lines.append(
                f"parameters of the {name} side, {side.library}, have no counterpart: {', '.join(lost)}; the other "
                f"side lacks them, or has them in a shape that fits nothing: write their rules into the mapping's file"
            )
    return lines
