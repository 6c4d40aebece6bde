"""The subscripts of `einsum`: any character names an axis in JAX, where torch takes letters; and JAX's errors."""

import string
from collections.abc import Sequence

import torch

__all__ = ["in_letters", "mistake"]

PLAIN = frozenset(string.ascii_letters + ",->.")


def in_letters(subscripts: str) -> str:
    """Return subscripts without spaces in which letters alone name axes."""
    subscripts = "".join(subscripts.split())
    others = [c for c in dict.fromkeys(subscripts) if c not in PLAIN]
    if others:
        free = [c for c in string.ascii_letters if c not in subscripts]
        if len(free) < len(others):
            raise ValueError(f"einsum on torch names at most {len(string.ascii_letters)} axes, got {subscripts!r}")
        subscripts = subscripts.translate(str.maketrans("".join(others), "".join(free[: len(others)])))
    return subscripts


def mistake(subscripts: str, operands: Sequence[torch.Tensor]) -> str:
    """Return what is wrong with subscripts that torch did not accept; empty if nothing is."""
    parts = subscripts.split("->")
    if len(parts) > 2:
        return f"subscripts have one '->', got {subscripts!r}"
    inputs = parts[0].split(",")
    if len(inputs) != len(operands):
        return f"the subscripts {subscripts!r} are of {len(inputs)} operands, got {len(operands)}"
    sizes: dict[str, int] = {}
    for place, (labels, operand) in enumerate(zip(inputs, operands, strict=True)):
        before, dots, after = labels.partition("...")
        count = len(before) + len(after)
        if count > operand.dim() or (count < operand.dim() and not dots):
            return f"the subscripts {labels!r} are of {count} axes, operand {place} has {operand.dim()}"
        named = [*zip(before, operand.shape, strict=False)]
        named += zip(after, operand.shape[operand.dim() - len(after) :], strict=True)
        for label, size in named:
            if 1 not in (size, sizes.get(label, size)) and size != sizes.get(label, size):
                return f"the axis {label!r} of operand {place} has size {size}, and {sizes[label]} in others"
            sizes[label] = max(size, sizes.get(label, size))
    output = parts[1].replace("...", "") if len(parts) == 2 else ""
    for label in output:
        if label not in sizes:
            return f"the output's axis {label!r} is in no operand"
        if output.count(label) > 1:
            return f"the output has the axis {label!r} more than once"
    return ""
