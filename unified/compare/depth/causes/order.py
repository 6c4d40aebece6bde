"""The cause that both sides have the same numbers in another order."""

from __future__ import annotations

import numpy as np

from unified.compare.depth.agreement import nearest, same_numbers
from unified.compare.depth.causes.subject import Subject
from unified.compare.depth.first_difference import Cause

__all__ = ["order_cause"]

LEAST = 0.99  # of the difference; sorting brings numbers that differ a little nearer too, if there are many


def order_cause(subject: Subject) -> Cause | None:
    """Return the cause that outputs, or inputs, have the same numbers in another order."""
    if (part := _explained(subject.one, subject.two)) >= LEAST:
        return Cause("layout", "both outputs have the same numbers, in another order", part)
    one, two = subject.inputs
    if one is None or two is None or one.dtype.kind != "f" or one.shape != two.shape:
        return None
    if (part := _explained(one, two)) >= LEAST:
        return Cause(
            "flatten order", "both inputs have the same numbers, in another order: channels first beside last", part
        )
    return None


def _explained(one: np.ndarray, two: np.ndarray) -> float:
    """Return the part of the difference of two arrays, in the closest order, that is gone if both are sorted."""
    if one.size < 2 or not same_numbers(one, two, 1e-4, 1e-5) or (turned := nearest(one, two)) is None:
        return 0.0
    gap = float(np.linalg.norm(one - turned))
    left = float(np.linalg.norm(np.sort(one, axis=None) - np.sort(two, axis=None)))
    return 1 - left / gap if gap else 0.0
