"""The widths that `unified.numpy.pad` is given."""

from collections.abc import Sequence
from typing import Any

__all__ = ["pad_widths"]

MODES = ("constant", "edge", "reflect", "wrap")


def pad_widths(pad_width: Any, shape: Sequence[int], mode: str) -> list[tuple[int, int]]:
    """Return what is added before and after each axis; raise `ValueError` for what the shape or mode does not allow."""
    if mode not in MODES:
        raise ValueError(f"pad: mode is one of {', '.join(map(repr, MODES))}, got {mode!r}")
    pairs = _pairs(pad_width, len(shape))
    for axis, (before, after) in enumerate(pairs):
        size = shape[axis]
        if before < 0 or after < 0:
            raise ValueError(f"pad: widths are at least 0, got {(before, after)} for axis {axis}")
        if mode != "constant" and (before or after) and size == 0:
            raise ValueError(f"pad: axis {axis} has no element that mode={mode!r} could take")
    return pairs


def _pairs(pad_width: Any, count: int) -> list[tuple[int, int]]:
    if hasattr(pad_width, "tolist"):
        pad_width = pad_width.tolist()
    if not isinstance(pad_width, (list, tuple)):
        return [(int(pad_width), int(pad_width))] * count
    if len(pad_width) == 2 and not any(isinstance(width, (list, tuple)) for width in pad_width):
        return [(int(pad_width[0]), int(pad_width[1]))] * count
    pairs = [tuple(map(int, pair)) if isinstance(pair, (list, tuple)) else () for pair in pad_width]
    if any(len(pair) != 2 for pair in pairs) or len(pairs) not in (1, count):
        raise ValueError(
            f"pad: pad_width is a pair (before, after) for each of {count} axes, one pair or one number, got "
            f"{pad_width}"
        )
    return [(pair[0], pair[1]) for pair in (pairs * count if len(pairs) == 1 else pairs)]
