"""Forms: the ways in which a layer can compute its output; two sides that use different ones differ by that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from unified.compare.depth.first_difference import Cause

if TYPE_CHECKING:
    from unified.compare.depth.causes.subject import Subject

__all__ = ["Form", "explained", "size"]


@dataclass(frozen=True)
class Form:
    """One way: its choices by the name of the cause that another choice would be, and the output."""

    choices: tuple[tuple[str, str], ...]
    output: np.ndarray


def explained(subject: Subject, forms: Sequence[Form]) -> list[Cause]:
    """Return the causes by which forms of both sides' outputs differ, with how much of the difference they explain."""
    if len(forms) < 2:
        return []
    # Outputs of two shapes differ as a whole.
    gap = size(subject.one - subject.two if subject.one.shape == subject.two.shape else subject.two)
    near = []
    for target in (subject.one, subject.two):
        errors = [
            (size(form.output - target), number)
            for number, form in enumerate(forms)
            if form.output.shape == target.shape
        ]
        if not errors or not gap:
            return []
        near.append(min(errors))
    (error, one), (other, two) = near
    differing = [
        (name, choice, choice_two)
        for (name, choice), (_, choice_two) in zip(forms[one].choices, forms[two].choices, strict=True)
        if choice != choice_two
    ]
    rest = 1 - max(error, other) / gap
    if rest <= 0 and not any(subject.kinds):
        return _added(subject, forms, gap)
    return [Cause(name, f"{a} in the first, {b} in the second", rest) for name, a, b in differing] if rest > 0 else []


def _added(subject: Subject, forms: Sequence[Form], gap: float) -> list[Cause]:
    """Return the causes if both sides add different forms to the same, as residual connections do."""
    if subject.one.shape != subject.two.shape:
        return []
    alike = [form for form in forms if form.output.shape == subject.one.shape]
    pairs = [
        (size(b.output - a.output - (subject.two - subject.one)), number, other)
        for number, a in enumerate(alike)
        for other, b in enumerate(alike)
        if number != other
    ]
    if not pairs:
        return []
    error, one, two = min(pairs)
    differing = zip(alike[one].choices, alike[two].choices, strict=True)
    return [
        Cause(name, f"{a} in the first, {b} in the second", 1 - error / gap)
        for (name, a), (_, b) in differing
        if a != b and error < gap
    ]


def size(gaps: np.ndarray) -> float:
    """Return the root mean square of an array; infinite if it has a number that is."""
    if not gaps.size:
        return 0.0
    with np.errstate(over="ignore", invalid="ignore"):
        size = float(np.sqrt(np.mean(np.square(gaps))))
    return size if np.isfinite(size) else float("inf")
