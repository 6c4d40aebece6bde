"""The cause that both sides have the same numbers in another order."""

from __future__ import annotations

from unified.compare.depth.agreement import agree, same_numbers
from unified.compare.depth.causes.subject import Subject
from unified.compare.depth.first_difference import Cause

__all__ = ["order_cause"]


def order_cause(subject: Subject) -> Cause | None:
    """Return the cause that outputs, or inputs, have the same numbers in another order."""
    if subject.one.size > 1 and same_numbers(subject.one, subject.two, 1e-4, 1e-5):
        return Cause("layout", "both outputs have the same numbers, in another order", 1.0)
    one, two = subject.inputs
    if one is None or two is None or one.dtype.kind != "f" or one.shape != two.shape or one.size < 2:
        return None
    if agree(one, two, 1e-4, 1e-5) is None and same_numbers(one, two, 1e-4, 1e-5):
        return Cause(
            "flatten order", "both inputs have the same numbers, in another order: channels first beside last", 1.0
        )
    return None
