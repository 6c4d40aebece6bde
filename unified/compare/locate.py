"""Where two implementations first differ: the last layer that agrees, and the first that does not."""

from __future__ import annotations

import numpy as np

from unified.compare.depth.alignment import Place, Tolerance, aligned
from unified.compare.depth.causes import causes
from unified.compare.depth.first_difference import FirstDifference, Statistics, first_place, follows, given_same
from unified.compare.side import Inputs, Side

__all__ = ["locate", "places"]


def places(
    first: Side, second: Side, inputs: tuple[Inputs, Inputs], tolerance: Tolerance, training: bool = False
) -> list[Place]:
    """Return the values of both sides that stand at one place, along the depth."""
    return aligned(first.intermediates(inputs[0], training), second.intermediates(inputs[1], training), tolerance)


def locate(found: list[Place], first: Side, second: Side, tolerance: Tolerance) -> FirstDifference | None:
    """Return the first difference of two sides with the same weights; `None` if they agree wherever they meet."""
    number = first_place(found, tolerance)
    if number is None:
        return None
    place = found[number]
    last = next((found[n] for n in range(number - 1, -1, -1) if found[n].agrees), None)
    at: tuple[int, ...] = ()
    if place.turned is not None:
        with np.errstate(invalid="ignore"):
            gaps = np.abs(place.first.value.astype(np.float64) - place.turned)
        at = tuple(map(int, np.unravel_index(int(np.argmax(np.where(np.isnan(gaps), np.inf, gaps))), gaps.shape)))
    return FirstDifference(
        (place.first.name, place.second.name),
        None if last is None else (last.first.name, last.second.name),
        place.largest,
        at,
        (Statistics.of(place.first.value), Statistics.of(place.second.value)),
        causes(place, last, (first, second)),
        given_same(place, tolerance)
        or not (place.first.inputs and place.second.inputs)
        or follows(place, found[:number]),
    )
