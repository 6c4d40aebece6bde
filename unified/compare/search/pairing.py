"""Pairing: which atoms are matched so far."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from unified.compare.axes import Axes

__all__ = ["Match", "Pairing"]


@dataclass(frozen=True)
class Match:
    """Atoms of the first side, by number, that are one or more of the second; of several, the values are summed."""

    first: tuple[int, ...]
    second: tuple[int, ...]
    axes: Axes
    evidence: str
    alternatives: tuple[str, ...] = ()
    again: bool = False  # whether the first side's atom is in an earlier match too, as a tied weight is


@dataclass
class Pairing:
    """Matches of atoms, each of which is in one at most."""

    matches: list[Match] = field(default_factory=list)
    _used: tuple[set[int], set[int]] = field(default_factory=lambda: (set(), set()))

    def has(self, side: int, number: int) -> bool:
        """Return whether an atom is matched."""
        return number in self._used[side]

    def add(self, match: Match) -> None:
        """Add a match of atoms that are in none."""
        self.matches.append(match)
        self._used[0].update(match.first)
        self._used[1].update(match.second)

    def join(self, position: int, side: int, number: int) -> None:
        """Add one more atom to a match, whose sum it is a part of."""
        match = self.matches[position]
        atoms = match.first if side == 0 else match.second
        more = (*atoms, number)
        self.matches[position] = replace(match, first=more) if side == 0 else replace(match, second=more)
        self._used[side].add(number)
