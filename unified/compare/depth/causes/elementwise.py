"""Forms of activations and softmax, and dropout that is on in one side."""

from __future__ import annotations

import math

import numpy as np

from unified.compare.depth.causes.forms import Form, size
from unified.compare.depth.causes.subject import Subject
from unified.compare.depth.first_difference import Cause
from unified.compare.depth.rounding import HALVES, rounded

__all__ = ["activation_forms", "dropout_cause", "softmax", "softmax_forms"]


def activation_forms(subject: Subject) -> list[Form]:
    """Return the forms of an activation."""
    x = next((each for each in reversed(subject.given) if each.shape == subject.one.shape), None)
    if x is None or any(each not in ("activation", "") for each in subject.kinds):
        return []
    with np.errstate(over="ignore"):
        sigmoid = 1 / (1 + np.exp(-x))
        quick = x / (1 + np.exp(-1.702 * x))
        elu = np.where(x > 0, x, np.expm1(np.minimum(x, 0)))
    erf = np.vectorize(math.erf, otypes=[float])(x / math.sqrt(2))
    tanh = np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3))
    found = [
        ("no activation", "none", x),
        ("gelu", "none", x * (1 + erf) / 2),
        ("gelu", "tanh", x * (1 + tanh) / 2),
        ("gelu", "sigmoid", quick),
        ("relu", "none", np.maximum(x, 0)),
        ("leaky relu of 0.01", "none", np.where(x > 0, x, 0.01 * x)),
        ("leaky relu of 0.2", "none", np.where(x > 0, x, 0.2 * x)),
        ("silu", "none", x * sigmoid),
        ("elu", "none", elu),
        ("tanh", "none", np.tanh(x)),
        ("sigmoid", "none", sigmoid),
    ]
    return [Form((("activation", name), ("gelu's approximate", how)), output) for name, how, output in found]


def softmax_forms(subject: Subject) -> list[Form]:
    """Return the forms of a softmax: over an axis, in a dtype."""
    x = next((each for each in reversed(subject.given) if each.shape == subject.one.shape), None)
    if x is None or x.ndim < 1 or any(each not in ("softmax", "") for each in subject.kinds):
        return []
    return [
        Form((("dtype of softmax", dtype), ("axis of softmax", str(axis))), softmax(x, axis, dtype, steps))
        for axis in range(-x.ndim, 0)
        for dtype in ("float32", *HALVES)
        for steps in (True, False)
    ]


def softmax(x: np.ndarray, axis: int = -1, dtype: str = "float32", steps: bool = True) -> np.ndarray:
    """Return the softmax of a dtype, with each step rounded or the result alone; rows that are all masked are NaN."""
    x = rounded(x, dtype)
    with np.errstate(invalid="ignore"):
        within = dtype if steps else "float32"
        powers = rounded(np.exp(rounded(x - x.max(axis, keepdims=True), within)), within)
        return rounded(powers / rounded(powers.sum(axis, keepdims=True), within), dtype)


def dropout_cause(subject: Subject) -> Cause | None:
    """Return the cause that one output is the other with numbers dropped, and the rest scaled."""
    if subject.one.shape != subject.two.shape:
        return None
    for name, whole, dropped in (("second", subject.one, subject.two), ("first", subject.two, subject.one)):
        known = np.abs(whole) > 1e-6
        lost = known & (dropped == 0)
        kept = known & (dropped != 0)
        share = lost.sum() / max(known.sum(), 1)
        if not 0.01 < share < 0.99 or not kept.any():
            continue
        scale = float(np.median(dropped[kept] / whole[kept]))
        rest = 1 - size(np.where(lost, 0, whole * scale) - dropped) / size(whole - dropped)
        if scale > 1.001 and rest > 0:  # a relu drops as well, and scales nothing
            text = f"the {name} side dropped {share:.2g} of the numbers and scaled the rest by {scale:.4g}"
            return Cause("dropout left on", text, rest)
    return None
