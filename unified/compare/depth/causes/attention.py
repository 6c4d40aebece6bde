"""Forms of attention: its scale, its mask, the dtype of its softmax."""

from __future__ import annotations

import itertools

import numpy as np

from unified.compare.depth.causes.elementwise import softmax
from unified.compare.depth.causes.forms import Form
from unified.compare.depth.causes.subject import Subject
from unified.compare.depth.first_difference import Cause
from unified.compare.depth.rounding import HALVES

__all__ = ["attention_forms", "mask_cause"]

HIDDEN = -1e9  # a row that is all hidden attends to all alike


def attention_forms(subject: Subject) -> list[Form]:
    """Return the forms of an attention whose queries, keys and values of `(batch, heads, length, dim)` are known."""
    if "attention" not in subject.kinds or len(subject.given) < 3:
        return []
    q, k, v, *more = subject.given
    if not (q.ndim == k.ndim == v.ndim == 4) or q.shape[-1] != k.shape[-1] or k.shape[-2] != v.shape[-2]:
        return []
    dim, wide = q.shape[-1], q.shape[-1] * q.shape[1]
    products = q @ k.swapaxes(-1, -2)
    scales = {"1/sqrt(dim)": dim**-0.5, "1": 1.0, "1/dim": 1 / dim, "1/sqrt(heads * dim)": wide**-0.5}
    forms = []
    for scale_text, scale in scales.items():
        for mask_text, mask in _masks(products.shape, more).items():
            for dtype, steps in itertools.product(("float32", *HALVES), (True, False)):
                output = softmax(np.where(mask, products * scale, HIDDEN), -1, dtype, steps) @ v
                if np.isfinite(output).all():
                    names = (("attention scale", scale_text), ("mask", mask_text), ("dtype of softmax", dtype))
                    forms.append(Form(names, output))
    return forms


def _masks(shape: tuple[int, ...], more: list[np.ndarray]) -> dict[str, np.ndarray]:
    """Return what is shown, by what masks do."""
    lower = np.tril(np.ones(shape[-2:], bool))
    masks = {"none": np.ones((), bool), "causal": lower, "causal, inverted": ~lower}
    for mask in more:
        if _fits(mask.shape, shape):
            shown = mask > 0 if set(np.unique(mask)) <= {0.0, 1.0} else mask > -1e4
            masks |= {"as it is given": shown, "inverted": ~shown}
            break
    return masks


def _fits(shape: tuple[int, ...], wanted: tuple[int, ...]) -> bool:
    pairs = zip(reversed(shape), reversed(wanted), strict=False)
    return 1 < len(shape) <= len(wanted) and all(a in (1, b) for a, b in pairs)


def mask_cause(subject: Subject) -> Cause | None:
    """Return the cause that one side attends where the other does not."""
    if subject.one.shape != subject.two.shape or subject.one.ndim < 2:
        return None
    hidden = []
    for each in (subject.one, subject.two):
        probabilities = bool((each >= 0).all()) and bool(np.allclose(each.sum(-1), 1, atol=1e-2))
        hidden.append(each < 1e-12 if probabilities else each < -1e4)
    some = [mask.any(-1) & ~mask.all(-1) for mask in hidden]
    rows = some[0] & some[1]
    if not rows.any():
        return None
    opposite = float((hidden[0] != hidden[1])[rows].mean())
    return Cause("mask", "one side hides what the other shows: an inverted mask", opposite)
