"""Forms of linear layers: a square weight used as it is or transposed, with and without the bias."""

from __future__ import annotations

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
    for text, matrix in (("weight", weight), ("weight.T", weight.T)):
        if x.shape[-1] != matrix.shape[0]:
            continue
        product = x @ matrix
        forms.append(Form((("transposed weight", f"x @ {text}"), ("bias", "no bias")), product))
        if bias is not None and bias.shape == product.shape[-1:]:
            forms.append(Form((("transposed weight", f"x @ {text}"), ("bias", "a bias")), product + bias))
    return forms
