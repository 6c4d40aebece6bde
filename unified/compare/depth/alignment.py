"""Which intermediate value of one implementation stands beside which of the other: by order, size, kind and value."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from unified.compare.depth.agreement import agree, arrangements, like, moments, nearest
from unified.compare.depth.kinds import kind
from unified.compare.depth.recovery import numbers_of, recovered
from unified.compare.side import Intermediate

__all__ = ["Place", "aligned"]

Tolerance = Callable[[str], tuple[float, float]]
INPUT = " (input)"
LARGEST = 1 << 12  # numbers of an array of which all are compared to see how near another is
CLOSE = 0.9  # likeness of values that differ a little
SEEN = 1 << 9  # numbers of a larger one that are compared, at places in no order that an axis could have


@dataclass(frozen=True)
class Place:
    """A value of each side at one place of the depth.

    Attributes:
        first, second: the values.
        turned: the second's array in the first's layout; `None` if their sizes differ.
        agrees: whether all numbers agree.
    """

    first: Intermediate
    second: Intermediate
    turned: np.ndarray | None
    agrees: bool

    @property
    def largest(self) -> float:
        """The largest difference; infinite where sizes differ, or where one number alone is finite."""
        if self.turned is None:
            return float("inf")
        one, two = self.first.value.astype(np.float64), self.turned.astype(np.float64)
        with np.errstate(invalid="ignore"):
            gaps = np.where((one == two) | (np.isnan(one) & np.isnan(two)), 0, np.abs(one - two))
        return float(np.where(np.isnan(gaps), np.inf, gaps).max()) if gaps.size else 0.0


def aligned(first: Sequence[Intermediate], second: Sequence[Intermediate], tolerance: Tolerance) -> list[Place]:
    """Return the pairs of values that stand at one place, in order: the best monotone alignment of both sequences.

    Pairs whose difference is gone again, on either side, are steps of two ways to compute one thing, and left out.
    """
    one, two = with_inputs(first), with_inputs(second)
    places: dict[tuple[int, int], tuple[float, Place]] = {}
    measured = [[moments(each.value) for each in values] for values in (one, two)]
    for i, a in enumerate(one):
        for j, b in enumerate(two):
            rtol, atol = tolerance(a.name)
            found = _scored(a, b, rtol, atol, like(measured[0][i], measured[1][j], rtol, atol))
            if found is not None:
                places[i, j] = found
    best = np.zeros((len(one) + 1, len(two) + 1))
    for i in range(len(one) - 1, -1, -1):
        for j in range(len(two) - 1, -1, -1):
            score = places[i, j][0] + best[i + 1, j + 1] if (i, j) in places else 0
            best[i, j] = max(score, best[i + 1, j], best[i, j + 1])
    path: dict[tuple[int, int], Place] = {}
    i, j = 0, 0
    while i < len(one) and j < len(two):
        if (i, j) in places and best[i, j] == places[i, j][0] + best[i + 1, j + 1]:
            place = places[i, j][1]
            path[i, j] = (
                place if place.agrees else replace(place, turned=nearest(place.first.value, place.second.value))
            )
            i, j = i + 1, j + 1
        elif best[i, j] == best[i + 1, j]:
            i += 1
        else:
            j += 1
    if all(place.agrees for place in path.values()):
        return list(path.values())
    gone = [
        recovered(values, {numbers[side]: (place.agrees, place.largest) for numbers, place in path.items()})
        for side, values in enumerate((one, two))
    ]
    return [place for (i, j), place in path.items() if i not in gone[0] and j not in gone[1]]


def with_inputs(values: Sequence[Intermediate]) -> list[Intermediate]:
    """Return the values, and before a layer's those that it is given and no other returned: functions made them."""
    known: set[bytes] = set()
    result = []
    for each in map(_in_floats, values):
        for number, array in enumerate(each.inputs):
            key = numbers_of(array)
            if array.dtype.kind == "f" and array.size > 1 and key not in known:
                known.add(key)
                suffix = f"{INPUT[:-1]} {number})" if number else INPUT
                result.append(Intermediate(each.name + suffix, "", {}, array))
        if each.value.dtype.kind == "f" and each.value.size:
            known.add(numbers_of(each.value))
            result.append(each)
    return result


def _in_floats(each: Intermediate) -> Intermediate:
    """Return the value with arrays of bfloat16, which NumPy does not count as floating, in float32."""
    value, *inputs = (
        array.astype(np.float32) if array.dtype.name == "bfloat16" else array for array in (each.value, *each.inputs)
    )
    return replace(each, value=value, inputs=tuple(inputs))


def _scored(a: Intermediate, b: Intermediate, rtol: float, atol: float, alike: bool) -> tuple[float, Place] | None:
    """Return how well two values fit, and the pair; `None` if they cannot stand at one place.

    `alike` says whether their moments let them agree. Values that differ are turned once they are on the path.
    """
    kinds = (kind(a.layer), kind(b.layer))
    same = kinds[0] != "" and kinds[0] == kinds[1]
    turned = agree(a.value, b.value, rtol, atol) if alike else None
    if turned is not None:
        telling = a.value.size > 1 and float(np.ptp(a.value)) > 0
        return (4.0 if telling else 0.5) + 0.5 * same, Place(a, b, turned, True)
    if a.value.size == b.value.size and (same or "" in kinds or set(kinds) == {"attention", "linear"}):
        return _near(kinds, _likeness(a.value, b.value)), Place(a, b, None, False)
    if same and a.value.ndim == b.value.ndim:
        return 1.0, Place(a, b, None, False)
    return None


def _near(kinds: tuple[str, str], likeness: float) -> float:
    """Return how well two values fit that differ: by their kinds, unless their numbers tell more.

    The sum that ends a layer in plain JAX, or the product that ends its gelu, is nearer than its inner `dot_general` or
    `tanh`, whose kind is the layer's.
    """
    close = 1.0 if likeness > CLOSE else 0.0
    if kinds[0] != kinds[1] or not kinds[0]:
        return 0.3 + likeness + close
    return (1.5 + 0.5 * likeness if kinds[0] == "activation" else 2.0) + 0.5 * close


def _likeness(one: np.ndarray, other: np.ndarray) -> float:
    """Return 1 for arrays that are nearly equal, 0 for those as far apart as their numbers are large."""
    if one.size <= LARGEST:
        turns = [turned.reshape(-1) for turned in arrangements(other, one.shape)]
        seen = one.reshape(-1)
    else:
        places = np.unravel_index(np.random.default_rng(0).integers(0, one.size, SEEN), one.shape)
        turns = [turned[places] for turned in arrangements(other, one.shape)]
        seen = one[places]
    finite = [turned for turned in turns if np.isfinite(turned).all()]
    size = float(np.linalg.norm(seen))
    if not finite or not size or not np.isfinite(size):
        return 0.0
    return max(0.0, 1 - min(float(np.linalg.norm(seen - turned)) for turned in finite) / size)
