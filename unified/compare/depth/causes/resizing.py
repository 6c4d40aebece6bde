"""Forms of interpolation: linear or nearest, and where the corners are."""

from __future__ import annotations

import numpy as np

from unified.compare.depth.causes.forms import Form
from unified.compare.depth.causes.subject import Subject

__all__ = ["resize_forms"]


def resize_forms(subject: Subject) -> list[Form]:
    """Return the forms of an interpolation of the spatial axes."""
    target = subject.one.shape
    x = next((each for each in subject.given if each.ndim == len(target) and each.shape != target), None)
    if x is None or x.ndim < 3 or any(each not in ("interpolation", "") for each in subject.kinds):
        return []
    axes = [axis for axis in range(x.ndim) if x.shape[axis] != target[axis]]
    forms = []
    for corners in ("half pixels", "aligned", "not aligned, from 0"):
        for how in ("linear", "nearest"):
            output = x
            for axis in axes:
                output = _resized(output, axis, target[axis], corners, how)
            forms.append(Form((("interpolation corners", corners), ("interpolation", how)), output))
    return forms


def _resized(x: np.ndarray, axis: int, wanted: int, corners: str, how: str) -> np.ndarray:
    have = x.shape[axis]
    numbers = np.arange(wanted)
    if corners == "half pixels":
        places = (numbers + 0.5) * have / wanted - 0.5
    elif corners == "aligned":
        places = numbers * (have - 1) / max(wanted - 1, 1)
    else:
        places = numbers * have / wanted
    places = np.clip(places, 0, have - 1)
    if how == "nearest":
        return np.take(x, np.floor(places + (0.5 if corners != "not aligned, from 0" else 0)).astype(int), axis)
    low = np.floor(places).astype(int)
    high = np.minimum(low + 1, have - 1)
    shape = [1] * x.ndim
    shape[axis] = wanted
    share = (places - low).reshape(shape)
    return np.take(x, low, axis) * (1 - share) + np.take(x, high, axis) * share
