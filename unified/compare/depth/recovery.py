"""Differences that are none: values that differ, where all that is computed of them agrees again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from unified.compare.side import Intermediate

__all__ = ["numbers_of", "recovered"]

REST = 0.05  # of a difference that may be left where it has gone: rounding, not a smaller share of it


def numbers_of(array: np.ndarray) -> bytes:
    """Return what is equal for arrays of the same numbers, in any layout."""
    return np.sort(array, axis=None).tobytes()


def recovered(values: Sequence[Intermediate], gaps: Mapping[int, tuple[bool, float]]) -> set[int]:
    """Return the numbers of the values of one side that differ, though all that follows from them agrees again.

    They are steps of another order in which both sides compute one thing, as `(x + p) + b` and `x + (p + b)`.

    Args:
        values: of the side, in their order.
        gaps: by the number of a value that has a counterpart, whether both agree, and their largest difference.
    """
    differing = {number for number, (agrees, _) in gaps.items() if not agrees}
    if not differing:
        return set()
    users = _users(values)
    found: set[int] = set()

    def is_gone(number: int, gap: float, seen: set[int]) -> bool:
        following = users.get(number, [])
        for user in following:
            agrees, rest = gaps.get(user, (False, 0.0))
            if (agrees and rest <= REST * gap) or user in seen:
                continue
            seen.add(user)
            if not is_gone(user, gap, seen):
                return False
        return bool(following)

    for number in sorted(differing):
        if is_gone(number, gaps[number][1], set()):
            found.add(number)
    return found


def _users(values: Sequence[Intermediate]) -> dict[int, list[int]]:
    """Return the numbers of the values that are computed of each, where their layers' inputs tell."""
    names = [each.name for each in values]
    users: dict[bytes, list[int]] = {}
    for number, each in enumerate(values):
        if each.inputs and not _contains(names, number):
            for key in {numbers_of(array) for array in each.inputs if _tells(array)}:
                users.setdefault(key, []).append(number)
    return {
        number: [user for user in users.get(numbers_of(each.value), []) if user > number]
        for number, each in enumerate(values)
        if _tells(each.value)
    }


def _contains(names: Sequence[str], number: int) -> bool:
    """Whether a layer has others in it, which are the ones that use what it is given."""
    name = names[number]
    return any(
        not name or each.startswith((f"{name}.", f"{name}/")) for each in names[:number] if not each.endswith(")")
    )


def _tells(array: np.ndarray) -> bool:
    """Whether an array is told from others by its numbers."""
    return array.dtype.kind == "f" and array.size > 1 and bool(np.ptp(array) > 0)
