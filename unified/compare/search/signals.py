"""Signals: the gradients of both sides at the same values, and how different two of them are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from unified.compare.axes import Axes
from unified.compare.errors import SideError
from unified.compare.layouts import Layouts
from unified.compare.search.atoms import Atom
from unified.compare.side import Inputs, Side

__all__ = ["AGREES", "EQUAL", "Probe", "Signals"]

AGREES = 1e-3  # how far apart the outputs of two frameworks with the same weights may be, relative to their size
EQUAL = 0.02  # gradients of two frameworks that are no further apart are the same
SILENT = 1e-7  # a gradient is none if it is this small beside the largest


@dataclass(frozen=True)
class Signals:
    """The gradients of atoms by number, for both sides, and how far the outputs are apart.

    Attributes:
        gradients: those of both sides.
        distance: the outputs' distance, relative to their size; 1 or so for outputs that have nothing in common.
        largest: the size of the largest gradient of both sides.
        sizes: those of gradients, as far as they were asked for.
    """

    gradients: tuple[dict[int, np.ndarray], dict[int, np.ndarray]]
    distance: float
    largest: float
    sizes: dict[tuple[int, int], float] = field(default_factory=dict)

    def silent(self, side: int, number: int) -> bool:
        """Return whether an atom has no gradient, because it is state or no output depends on it."""
        return self.size(side, number) <= SILENT * self.largest

    def gap(self, i: int, j: int, axes: Axes) -> float:
        """Return how different the gradients of two atoms are, relative to their size: 0 for equal ones."""
        one, two = self.gradients[0][i], self.gradients[1][j]
        size = max(self.size(0, i), self.size(1, j))
        return _size(axes.forward(one) - two) / size if size else 0.0

    def far(self, i: int, j: int) -> bool:
        """Return whether two gradients cannot be the same by their sizes, whichever axes are right."""
        one, two = self.size(0, i), self.size(1, j)
        return abs(one - two) > (EQUAL if self.distance <= AGREES else 0.3) * max(one, two)

    def size(self, side: int, number: int) -> float:
        """Return the size of an atom's gradient, zero without one."""
        if (side, number) not in self.sizes:
            gradient = self.gradients[side].get(number)
            self.sizes[side, number] = 0.0 if gradient is None else _size(gradient)
        return self.sizes[side, number]


class Probe:
    """Runs both sides at chosen values."""

    def __init__(
        self,
        sides: tuple[Side, Side],
        atoms: tuple[Sequence[Atom], Sequence[Atom]],
        inputs: tuple[Inputs, Inputs],
        layouts: Layouts,
    ) -> None:
        self.sides, self.atoms, self.inputs, self.layouts = sides, atoms, inputs, layouts
        self.originals = tuple({path: value.array for path, value in side.values().items()} for side in sides)
        self.runs = 0
        self.without_gradients = False
        self._cotangents: tuple[dict[str, np.ndarray], dict[str, np.ndarray]] | None = None

    def at(self, values: tuple[Mapping[int, np.ndarray], Mapping[int, np.ndarray]]) -> Signals:
        """Return the signals at these values of atoms; others keep their own."""
        sides = [self._with(number, values[number]) for number in (0, 1)]
        one, two = (side.run(inputs).outputs for side, inputs in zip(sides, self.inputs, strict=True))
        turned = self.layouts.second_outputs(one)
        gaps = [
            _size(a.astype(float) - b.astype(float)) / (max(_size(a), _size(b)) or 1.0)
            for a, b in zip(turned.values(), two.values(), strict=False)
            if a.shape == b.shape and a.dtype.kind == "f"
        ]
        if self._cotangents is None:
            self._cotangents = self._random_cotangents(one, two)
        gradients: list[dict[int, np.ndarray]] = []
        for number, side in enumerate(sides):
            found = self._gradients(side, number, self._cotangents[number])
            gradients.append(
                {
                    position: atom.piece.of(found[atom.piece.path])
                    for position, atom in enumerate(self.atoms[number])
                    if atom.piece.path in found
                }
            )
        self.runs += 1
        largest = max((_size(each) for side_gradients in gradients for each in side_gradients.values()), default=0.0)
        finite = [gap for gap in gaps if np.isfinite(gap)]
        return Signals((gradients[0], gradients[1]), max(finite, default=float("inf")), largest)

    def _gradients(self, side: Side, number: int, cotangents: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Return the gradients by path; none of a side that cannot be differentiated, such as one with a while loop."""
        if self.without_gradients:
            return {}
        try:
            return side.gradients(self.inputs[number], cotangents).parameters
        except SideError:
            self.without_gradients = True
            return {}

    def outputs(self, number: int, values: Mapping[int, np.ndarray]) -> list[np.ndarray]:
        """Return the outputs of one side at these values, in the second side's layout."""
        found = self._with(number, values).run(self.inputs[number]).outputs
        return list((self.layouts.second_outputs(found) if number == 0 else found).values())

    def _with(self, number: int, values: Mapping[int, np.ndarray]) -> Side:
        arrays: dict[str, np.ndarray] = {}
        for position, value in values.items():
            piece = self.atoms[number][position].piece
            if piece.path not in arrays:
                arrays[piece.path] = np.array(self.originals[number][piece.path])
            arrays[piece.path][piece.key] = value
        return self.sides[number].replaced(arrays)

    def _random_cotangents(
        self, one: Mapping[str, np.ndarray], two: Mapping[str, np.ndarray]
    ) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
        """Return the same random numbers for both sides' outputs, each in its layout."""
        rng = np.random.default_rng(1)
        random = {name: rng.standard_normal(array.shape).astype("float32") for name, array in one.items()}
        second = list(self.layouts.second_outputs(random).values())
        by_name = dict(zip(two, second, strict=False))
        return random, {name: array for name, array in by_name.items() if array.shape == two[name].shape}


def _size(array: np.ndarray) -> float:
    return float(np.sqrt(np.sum(np.square(array, dtype=np.float64)))) if array.dtype.kind == "f" else 0.0
