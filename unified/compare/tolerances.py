"""`Tolerances`: how far two numbers may be apart, for all values and for those of some layers."""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatchcase

__all__ = ["Tolerances"]


class Tolerances:
    """The tolerances of a comparison.

    Args:
        rtol, atol: of what no pattern names.
        patterns: `(rtol, atol)` by pattern, as `"encoder.*"`; the last that matches a name counts.

    Raises:
        ValueError: a tolerance is no pair of numbers from 0 on.

    >>> Tolerances(1e-4, 1e-5, {"*.norm": (1e-3, 1e-4)})("block.norm")
    (0.001, 0.0001)
    """

    def __init__(self, rtol: float, atol: float, patterns: Mapping[str, tuple[float, float]] | None = None) -> None:
        self.default = (rtol, atol)
        self.patterns = {pattern: tuple(pair) for pattern, pair in (patterns or {}).items()}
        for pattern, pair in {"": self.default, **self.patterns}.items():
            if len(pair) != 2 or not all(isinstance(each, int | float) and each >= 0 for each in pair):
                raise ValueError(
                    f"the tolerances of {pattern or 'all'!r} must be (rtol, atol), from 0 on; got {pair!r}"
                )

    def __call__(self, name: str) -> tuple[float, float]:
        """Return `(rtol, atol)` for the layer, output or weight of a name."""
        found = self.default
        for pattern, (rtol, atol) in self.patterns.items():
            if fnmatchcase(name, pattern):
                found = (rtol, atol)
        return found
