"""`FirstDifference`: the last layer of two implementations that agrees, the first that does not, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from unified.compare.depth.agreement import agree, same_numbers
from unified.compare.depth.alignment import Place, Tolerance
from unified.compare.depth.kinds import kind
from unified.compare.depth.recovery import numbers_of
from unified.compare.depth.rounding import HALVES, rounded

__all__ = ["Cause", "FirstDifference", "Statistics", "first_place", "follows", "given_same"]

NEAR = 0.1  # of a value's size


@dataclass(frozen=True)
class Cause:
    """A likely cause of a difference.

    Attributes:
        name: one of the known causes, such as `epsilon`; `settings` if only settings differ.
        text: what each side does.
        explained: the part of the difference that is gone where the cause is applied, from 0 to 1; `None` if it was
            not tried.
    """

    name: str
    text: str
    explained: float | None = None

    def __str__(self) -> str:
        tried = "" if self.explained is None else f" (explains {100 * self.explained:.4g} % of the difference)"
        return f"{self.name}: {self.text}{tried}"


@dataclass(frozen=True)
class Statistics:
    """An array in a line."""

    shape: tuple[int, ...]
    dtype: str
    mean: float
    deviation: float
    least: float
    most: float

    @staticmethod
    def of(array: np.ndarray) -> Statistics:
        """Return the statistics of an array's finite numbers."""
        finite = array[np.isfinite(array)].astype(np.float64)
        numbers = (finite.mean(), finite.std(), finite.min(), finite.max()) if finite.size else (float("nan"),) * 4
        return Statistics(array.shape, str(array.dtype), *map(float, numbers))

    def __str__(self) -> str:
        return (
            f"{self.dtype}{list(self.shape)}, mean {self.mean:.4g}, deviation {self.deviation:.4g}, "
            f"from {self.least:.4g} to {self.most:.4g}"
        )


@dataclass(frozen=True)
class FirstDifference:
    """Where two implementations first differ.

    Attributes:
        names: the layer, or the value, of each side that differs first.
        last: those that agree last before it; `None` if none does.
        largest: the largest difference, infinite where shapes differ.
        place: where it is, in the first side's array.
        statistics: of both sides' values.
        causes: what may explain it, the likeliest first.
        inputs_agree: whether both layers were given the same; if not, the difference arises before them, after `last`.
    """

    names: tuple[str, str]
    last: tuple[str, str] | None
    largest: float
    place: tuple[int, ...]
    statistics: tuple[Statistics, Statistics]
    causes: tuple[Cause, ...] = ()
    inputs_agree: bool = True

    @property
    def cause(self) -> Cause | None:
        """The likeliest cause; `None` if none is known."""
        return self.causes[0] if self.causes else None

    def __str__(self) -> str:
        last = "none, the inputs" if self.last is None else " and ".join(name or "the model" for name in self.last)
        where = f" at {list(self.place)}" if np.isfinite(self.largest) else ""
        lines = [
            f"  last that agrees: {last}",
            f"  first that differs: {self.names[0] or 'the model'} and {self.names[1] or 'the model'}, "
            f"by {self.largest:.3g}{where}",
            *(f"    {name or 'the model'}: {each}" for name, each in zip(self.names, self.statistics, strict=True)),
        ]
        if not self.inputs_agree:
            lines.append("    their inputs differ already: the difference arises between the two")
        lines += [
            f"    {'likeliest cause' if number == 0 else 'or'}: {cause}" for number, cause in enumerate(self.causes[:3])
        ]
        return "\n".join(lines)


def first_place(places: Sequence[Place], tolerance: Tolerance) -> int | None:
    """Return the number of the first place at which the sides differ; `None` if they agree wherever they meet.

    A place before others that agree counts if both sides have a layer of one kind there, which were given the same, or
    one side has a layer, given what agrees, and the other nearly its numbers: it may stand on a branch, or what follows
    may agree within the tolerance. Others are steps of two ways to compute one thing.
    """
    after = max((number for number, place in enumerate(places) if place.agrees), default=-1) + 1
    for number, place in enumerate(places):
        if place.agrees or (not place.first.value.size):
            continue
        layers = (place.first.layer, place.second.layer)
        kinds = (kind(layers[0]), kind(layers[1]))
        alike = (kinds[0] or layers[0]) and (kinds[0] == kinds[1] if any(kinds) else layers[0] == layers[1])
        if number >= after or (alike and given_same(place, tolerance)):
            return number
        if any(kinds) and not all(kinds) and _is_near(place) and follows(place, places[:number]):
            return number
    return None


def _is_near(place: Place) -> bool:
    """Whether the values of a place differ by little of their size."""
    if place.turned is None:
        return False
    one = place.first.value.astype(np.float64)
    return float(np.linalg.norm(one - place.turned)) < NEAR * float(np.linalg.norm(one))


def follows(place: Place, before: Sequence[Place], both: bool = False) -> bool:
    """Whether a known layer of a place is given a value that agrees: the difference arises within it.

    Of two known layers one is enough, unless `both` shall be.
    """
    given = [
        numbers_of(layer.inputs[0]) in {numbers_of((p.first, p.second)[n].value) for p in before if p.agrees}
        for n, layer in enumerate((place.first, place.second))
        if kind(layer.layer) and layer.inputs
    ]
    return bool(given) and (all(given) if both else any(given))


def given_same(place: Place, tolerance: Tolerance) -> bool:
    """Whether the layers of a place were given the same numbers; a flattened input may have them in another order."""
    one, two = place.first.inputs, place.second.inputs
    if not one or not two:
        return False
    rtol, atol = tolerance(place.first.name)
    given = [one[0], *(rounded(one[0], dtype) for dtype in HALVES)]  # a cast before the layer is a part of it
    return any(
        agree(a, b, rtol, atol) is not None or same_numbers(a, b, rtol, atol)
        for array in two
        for a, b in [*((each, array) for each in given), *((one[0], rounded(array, dtype)) for dtype in HALVES)]
    )
