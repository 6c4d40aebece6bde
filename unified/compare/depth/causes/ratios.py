"""Causes that two outputs tell by themselves: one has a bias more, or another scale."""

from __future__ import annotations

import numpy as np

from unified.compare.depth.causes.elementwise import softmax
from unified.compare.depth.causes.forms import size
from unified.compare.depth.causes.subject import Subject
from unified.compare.depth.first_difference import Cause

__all__ = ["bias_cause", "scale_cause"]


def bias_cause(subject: Subject) -> Cause | None:
    """Return the cause that the difference is one number for each channel."""
    if subject.one.shape != subject.two.shape or subject.one.ndim < 2:
        return None
    gaps = subject.two - subject.one
    best: tuple[float, int] | None = None
    for axis in {1, gaps.ndim - 1}:
        others = tuple(each for each in range(gaps.ndim) if each != axis)
        if gaps.size == gaps.shape[axis]:
            continue
        rest = size(gaps - gaps.mean(others, keepdims=True)) / (size(gaps) or 1)
        best = min(best, (rest, axis)) if best is not None else (rest, axis)
    if best is None or best[0] > 0.05:
        return None
    return Cause("bias", f"the sides differ by one number for each index of axis {best[1]}", 1 - best[0])


def scale_cause(subject: Subject) -> Cause | None:
    """Return the cause that one output is the other times a number, or a softmax of logits times a number."""
    one, two = subject.one, subject.two
    if one.shape != two.shape or not one.size or not np.isfinite(one).all() or not np.isfinite(two).all():
        return None
    gap, name = size(one - two), "scale"
    if _is_softmax(one) and _is_softmax(two):
        live = (one > 0) & (two > 0)
        if not live.any():
            return None
        logits = [np.where(live, np.log(np.where(live, each, 1)), 0) for each in (one, two)]
        counts = np.maximum(live.sum(-1, keepdims=True), 1)
        centred = [np.where(live, each - each.sum(-1, keepdims=True) / counts, 0) for each in logits]
        factor = float((centred[0] * centred[1]).sum() / ((centred[0] ** 2).sum() or 1))
        expected, name = softmax(np.where(live, factor * centred[0], -np.inf)), "attention scale"
    else:
        factor = float((one * two).sum() / ((one**2).sum() or 1))
        expected = factor * one
        of_logits = subject.before == "linear" and one.ndim > 2
        if of_logits or set(subject.kinds) & {"attention", "linear", "softmax"}:
            name = "attention scale"
    rest = 1 - size(expected - two) / (gap or 1)
    what = "numbers before the softmax" if _is_softmax(one) else "numbers"
    text = f"the second side's {what} are {factor:.4g} times the first's"
    return Cause(name, text, rest) if np.isfinite(rest) and rest > 0.99 else None


def _is_softmax(array: np.ndarray) -> bool:
    return array.ndim > 0 and bool((array >= 0).all()) and bool(np.allclose(array.sum(-1), 1, atol=1e-2))
