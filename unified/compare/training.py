"""Gradients of two sides, and what k steps of training make of them, by the mapping."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import numpy as np

from unified.compare.layouts import Layouts
from unified.compare.mapping import Mapping
from unified.compare.report import Difference
from unified.compare.rule import Piece
from unified.compare.side import Inputs, Run, Side
from unified.compare.tolerances import Tolerances

__all__ = ["compared_gradients", "compared_steps"]

Both = tuple[Inputs, Inputs]


def compared_gradients(
    sides: tuple[Side, Side], mapping: Mapping, inputs: Both, layouts: Layouts, tolerances: Tolerances, training: bool
) -> list[Difference]:
    """Return the differences of the gradients of the outputs' product with fixed random numbers."""
    one, two = _gradients(sides, mapping, inputs, _cotangents(sides, inputs, layouts, training), training)
    expected = _gradient_mapping(mapping).forward({**_zeros(sides[0]), **one})
    return list(_differences("gradient", expected, two, tolerances))


def compared_steps(
    sides: tuple[Side, Side],
    mapping: Mapping,
    inputs: Both,
    layouts: Layouts,
    tolerances: Tolerances,
    training: bool,
    steps: int,
    rate: float,
) -> list[Difference]:
    """Return the differences of weights and state after steps of SGD on that product."""
    cotangents = _cotangents(sides, inputs, layouts, training)
    first, second = sides
    for _ in range(steps):
        gradients = _gradients((first, second), mapping, inputs, cotangents, training)
        first = _stepped(first, gradients[0], first.run(inputs[0], training), rate)
        second = _stepped(second, gradients[1], second.run(inputs[1], training), rate)
    expected = mapping.forward({path: value.array for path, value in first.values().items()})
    found = {path: value.array for path, value in second.values().items()}
    return list(_differences(f"after {steps} steps", expected, found, tolerances))


def _stepped(side: Side, gradients: dict[str, np.ndarray], run: Run, rate: float) -> Side:
    values = side.values()
    moved = {path: values[path].array - rate * gradient for path, gradient in gradients.items()}
    return side.replaced({**run.state, **moved})


def _gradients(
    sides: tuple[Side, Side],
    mapping: Mapping,
    inputs: Both,
    cotangents: tuple[dict[str, np.ndarray], dict[str, np.ndarray]],
    training: bool,
) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Return both sides' gradients; of several weights that the other side has as one sum, the first alone has one."""
    found = []
    for number, side in enumerate(sides):
        gradients = {
            path: np.array(array)
            for path, array in side.gradients(inputs[number], cotangents[number], training).parameters.items()
        }
        for rule in mapping.rules:
            for piece in (rule.first, rule.second)[number][1:]:
                _clear(gradients, piece)
        found.append(gradients)
    return found[0], found[1]


def _clear(gradients: dict[str, np.ndarray], piece: Piece) -> None:
    if piece.path in gradients:
        gradients[piece.path][piece.key if piece.index else ...] = 0


def _gradient_mapping(mapping: Mapping) -> Mapping:
    """Return the mapping without what it adds to values, which gradients do not have."""
    return dataclasses.replace(mapping, rules=tuple(dataclasses.replace(rule, add=0.0) for rule in mapping.rules))


def _zeros(side: Side) -> dict[str, np.ndarray]:
    return {path: np.zeros_like(value.array) for path, value in side.values().items()}


def _cotangents(
    sides: tuple[Side, Side], inputs: Both, layouts: Layouts, training: bool
) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Return one random array for each output that is floating, in both layouts, under each side's names."""
    outputs = sides[0].run(inputs[0], training).outputs
    rng = np.random.default_rng(7)
    one = {
        name: (rng.standard_normal(array.shape) / max(array.size, 1) ** 0.5).astype(array.dtype)
        for name, array in outputs.items()
        if array.dtype.kind == "f"
    }
    turned = layouts.second_outputs(one)
    others = sides[1].run(inputs[1], training).outputs
    if not set(one) <= set(others):  # containers of other kinds: by order
        turned = {other: turned[name] for name, other in zip(outputs, others, strict=False) if name in turned}
    return one, turned


def _differences(
    what: str, expected: dict[str, np.ndarray], found: dict[str, np.ndarray], tolerances: Tolerances
) -> Iterator[Difference]:
    for path, array in found.items():
        if path in expected:
            rtol, atol = tolerances(path)
            yield Difference.between(f"{what} {path}", expected[path], array, rtol, atol)
