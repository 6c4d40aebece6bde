"""Forms of linear layers: a square weight as it is or transposed, the order of a flattened input, the bias."""

from __future__ import annotations

import itertools

import numpy as np

from unified.compare.depth.causes.forms import Form
from unified.compare.depth.causes.subject import Subject

__all__ = ["affine_forms"]


def affine_forms(subject: Subject) -> list[Form]:
    """Return the forms of a linear layer."""
    if "linear" not in subject.kinds or not subject.given:
        return []
    x, weight = subject.given[0], subject.weight("weight", "kernel", "w")
    if weight is None or weight.ndim != 2 or not x.ndim:
        return []
    bias = subject.weight("bias", "b", number=2)
    forms = []
    for order, given in _flattened(x, subject.given[-1]).items():
        for text, matrix in (("weight", weight), ("weight.T", weight.T)):
            if given.shape[-1] != matrix.shape[0]:
                continue
            product = given @ matrix
            names = (("flatten order", order), ("transposed weight", f"x @ {text}"))
            forms.append(Form((*names, ("bias", "no bias")), product))
            if bias is not None and bias.shape == product.shape[-1:]:
                forms.append(Form((*names, ("bias", "a bias")), product + bias))
    return forms


def _flattened(x: np.ndarray, before: np.ndarray) -> dict[str, np.ndarray]:
    """Return the input, and the array before it flattened by each order of its axes."""
    found = {"as it is given": x}
    if x.ndim == 2 and 3 <= before.ndim <= 5 and before.shape[0] == x.shape[0] and before.size == x.size:
        for order in itertools.permutations(range(1, before.ndim)):
            flat = before.transpose(0, *order).reshape(x.shape)
            if not np.array_equal(flat, x):
                found[f"axes {', '.join(map(str, order))} of the layer before"] = flat
    return found
