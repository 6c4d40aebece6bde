"""`Report`: what a comparison of two implementations found."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping as MappingABC
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from unified.compare.depth.alignment import Place
from unified.compare.depth.first_difference import FirstDifference
from unified.compare.mapping import Mapping

__all__ = ["Difference", "Report"]


@dataclass(frozen=True)
class Difference:
    """Two arrays of one name, compared.

    Attributes:
        name: the output's, or `state` with the path.
        agrees: whether all numbers are within the tolerances.
        largest: the largest difference; infinite where only one number is finite, or where shapes differ.
        place: where it is.
        kinds: the dtype and shape of both.
        numbers: both numbers at that place.
    """

    name: str
    agrees: bool
    largest: float
    place: tuple[int, ...] = ()
    kinds: tuple[str, str] = ("", "")
    numbers: tuple[Any, Any] = (None, None)

    @staticmethod
    def between(name: str, one: np.ndarray, two: np.ndarray, rtol: float, atol: float) -> Difference:
        """Return the difference of two arrays."""
        kinds = (f"{one.dtype}{list(one.shape)}", f"{two.dtype}{list(two.shape)}")
        if one.shape != two.shape:
            return Difference(name, False, float("inf"), kinds=kinds)
        if not one.size:
            return Difference(name, True, 0.0, kinds=kinds)
        wide = np.complex128 if "c" in (one.dtype.kind, two.dtype.kind) else np.float64
        left, right = one.astype(wide), two.astype(wide)
        with np.errstate(invalid="ignore"):
            gaps = np.where((left == right) | (np.isnan(left) & np.isnan(right)), 0, np.abs(left - right))
            bounds = atol + rtol * np.abs(right)
        gaps = np.where(np.isnan(gaps), np.inf, gaps)
        place = tuple(map(int, np.unravel_index(int(np.argmax(gaps)), gaps.shape)))
        agrees = bool(np.all((gaps == 0) | (gaps <= np.where(np.isfinite(bounds), bounds, 0))))
        return Difference(name, agrees, float(gaps[place]), place, kinds, (one[place], two[place]))

    @staticmethod
    def missing(name: str, one: str, two: str) -> Difference:
        """Return the difference of two sides that do not return the same arrays."""
        return Difference(name, False, float("inf"), kinds=(one, two))


@dataclass(frozen=True)
class Report:
    """The result of `compare`; `print(report)` is a table.

    Attributes:
        mapping: which weights are which.
        differences: the outputs, and in training the state, compared.
        problems: what is wrong besides, such as outputs that are NaN; with one the sides do not agree.
        seconds: how long the mapping and the runs took.
        libraries: what the two sides are written in.
        first_difference: where the sides first differ; `None` if they agree, or if it is not known.
        depth: the values of both sides that stand at one place, in order; empty if they agree and were not asked for.
        notes: what the reader should know whether or not the sides agree, such as a mapping that may be wrong.

    >>> import numpy as np, torch
    >>> from unified.testing import compare, sides
    >>> double = sides.function(lambda params, x: 2 * x @ params["w"].T, {"w": np.zeros((3, 2), "float32")})
    >>> layer = torch.nn.Linear(2, 3, bias=False)
    >>> report = compare(sides.torch(layer), double, np.ones((4, 2), "float32"))
    >>> report.agrees, [difference.name for difference in report.differences]
    (False, ['output'])
    """

    mapping: Mapping
    differences: tuple[Difference, ...]
    problems: tuple[str, ...] = ()
    seconds: MappingABC[str, float] = field(default_factory=dict)
    libraries: tuple[str, str] = ("", "")
    first_difference: FirstDifference | None = None
    depth: tuple[Place, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def agrees(self) -> bool:
        """Whether all outputs are within the tolerances, and finite."""
        return all(difference.agrees for difference in self.differences) and not self.problems

    @property
    def largest_difference(self) -> float:
        """The largest difference of two numbers in the outputs."""
        return max((difference.largest for difference in self.differences), default=0.0)

    def at_depth(self, places: Sequence[Place]) -> Report:
        """Return the report with the values along the depth."""
        return dataclasses.replace(self, depth=tuple(places))

    def located(self, first_difference: FirstDifference | None) -> Report:
        """Return the report with the place of the first difference."""
        return dataclasses.replace(self, first_difference=first_difference)

    def with_note(self, note: str) -> Report:
        """Return the report with one more note."""
        return dataclasses.replace(self, notes=(*self.notes, note))

    def __str__(self) -> str:
        one, two = self.libraries
        lines = [f"{one} and {two} {'agree' if self.agrees else 'differ'}"]
        rows = [("output", one, two, "largest difference", "at", "")]
        for each in self.differences:
            verdict = "agrees" if each.agrees else f"differs: {each.numbers[0]!s} and {each.numbers[1]!s}"
            rows.append((each.name, *each.kinds, f"{each.largest:.3g}", str(list(each.place)), verdict))
        widths = [max(len(row[column]) for row in rows) for column in range(6)]
        lines += ["  " + "  ".join(f"{c:<{w}}" for c, w in zip(row, widths, strict=True)).rstrip() for row in rows]
        lines += [f"  {problem}" for problem in self.problems]
        if self.first_difference is not None:
            lines.append(str(self.first_difference))
        lines += [f"  note: {note}" for note in self.notes]
        for side, paths in zip(self.libraries, self.mapping.left_over, strict=True):
            if paths:
                lines.append(f"  left over on the {side} side: {', '.join(paths)}")
        for rule in self.mapping.ambiguous:
            lines.append(f"  cannot be told apart: {rule}; or {', or '.join(rule.alternatives)}")
        took = ", ".join(f"{what} {seconds:.2f} s" for what, seconds in self.seconds.items())
        lines.append(f"  {len(self.mapping.rules)} rules; {took}")
        return "\n".join(lines)
