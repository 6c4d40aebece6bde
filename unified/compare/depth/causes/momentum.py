"""Why state differs after a call in training: its momentum, or the variance that it averages."""

from __future__ import annotations

import numpy as np

from unified.compare.depth.causes.forms import size
from unified.compare.depth.first_difference import Cause

__all__ = ["momentum_cause"]


def momentum_cause(before: np.ndarray, one: np.ndarray, two: np.ndarray) -> Cause | None:
    """Return the cause that one side's state moved farther than the other's.

    Args:
        before: the state before the call.
        one, two: both sides' afterwards.
    """
    moves = [each.astype(np.float64) - before for each in (one, two)]
    square = float((moves[0] ** 2).sum())
    if one.shape != two.shape or not square:
        return None
    ratio = float((moves[0] * moves[1]).sum() / square)
    rest = 1 - size(ratio * moves[0] - moves[1]) / (size(moves[0] - moves[1]) or 1)
    if rest > 0.9:
        text = f"the second side's state moves {ratio:.4g} times as far as the first's"
        momentum = ratio / (1 + ratio)
        if abs(momentum - 0.5) > 0.1:
            text += f"; {1 - momentum:.3g} in the first and {momentum:.3g} in the second would: 1 - m for m"
        return Cause("momentum", text, rest)
    return None
