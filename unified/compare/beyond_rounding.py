"""Differences that the tolerances let pass though rounding does not explain them, such as another form of gelu."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from unified.compare.depth.first_difference import FirstDifference
from unified.compare.errors import SideError
from unified.compare.layouts import Layouts
from unified.compare.locate import locate, places
from unified.compare.side import Inputs, Side, paired_outputs
from unified.compare.sides.dtypes import in_dtype
from unified.compare.tolerances import Tolerances

__all__ = ["beyond_rounding", "first_beyond_rounding"]

ROUNDING = 32 * float(np.finfo(np.float32).eps)  # of the outputs' size: below it, no run in float64 is worth its time
STAYS = (0.25, 4.0)  # times the difference in float32 that one in float64 is, where it is no rounding
TOLERANCES = Tolerances(1e-6, 1e-8)  # of values in float64, some of which a model may compute in float32


def beyond_rounding(
    sides: tuple[Side, Side],
    inputs: tuple[Inputs, Inputs],
    outputs: tuple[Mapping[str, np.ndarray], Mapping[str, np.ndarray]],
    layouts: Layouts,
    training: bool,
) -> str | None:
    """Return what to say of outputs that agree within the tolerances if their difference is more than rounding.

    Both sides run in float64 where the difference is larger than rounding in float32 usually is: there, rounding is
    gone, and a difference between the models stays.

    Args:
        sides: with the same weights.
        inputs: of both.
        outputs: of both, by name, in the second side's layout.
        layouts: as `compare` takes them.
        training: whether they run in training.

    Returns:
        `None` if rounding explains it, if outputs are in half precision, or if a side cannot run in float64.
    """
    largest, name = _largest(*outputs)
    if largest <= ROUNDING:
        return None
    try:
        wide = (in_dtype(sides[0], "float64"), in_dtype(sides[1], "float64"))
        runs = [side.run(given, training) for side, given in zip(wide, inputs, strict=True)]
        stays, _ = _largest(layouts.second_outputs(runs[0].outputs), runs[1].outputs)
        if not STAYS[0] * largest <= stays <= STAYS[1] * largest:
            return None
    except SideError:
        return None
    found = first_beyond_rounding(sides, inputs, training)
    where = ""
    if found is not None:
        one, two = (each or "the model" for each in found.names)
        why = "" if found.cause is None else f"; likeliest cause: {found.cause}"
        where = f". There {one} and {two} differ first, by {found.largest:.3g}{why}"
    return (
        f"{name!r} agrees within the tolerances, but not up to rounding: its largest difference, {largest:.3g} of its "
        f"size, is {stays:.3g} in float64 too{where}"
    )


def first_beyond_rounding(
    sides: tuple[Side, Side], inputs: tuple[Inputs, Inputs], training: bool
) -> FirstDifference | None:
    """Return the first difference in float64, to far smaller tolerances; `None` if a side cannot run in it."""
    try:
        wide = (in_dtype(sides[0], "float64"), in_dtype(sides[1], "float64"))
        return locate(places(*wide, inputs, TOLERANCES, training), *wide, TOLERANCES)
    except SideError:
        return None


def _largest(one: Mapping[str, np.ndarray], two: Mapping[str, np.ndarray]) -> tuple[float, str]:
    """Return the largest difference of two outputs by their size, and whose it is; 0 if none is in a wide dtype."""
    found = [(0.0, "")]
    for name, a, b in paired_outputs(one, two):
        if a.shape == b.shape and a.size and all(x.dtype in (np.float32, np.float64) for x in (a, b)):
            finite = np.isfinite(a) & np.isfinite(b)
            if finite.any():
                left, right = a[finite].astype(np.float64), b[finite].astype(np.float64)
                size = float(np.sqrt(np.mean(np.square(right))))
                found.append((float(np.abs(left - right).max()) / size if size else 0.0, name))
    return max(found)
