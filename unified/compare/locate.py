"""Where two implementations first differ: the last layer that agrees, and the first that does not."""

from __future__ import annotations

import numpy as np

from unified.compare.depth.alignment import Place, Tolerance, aligned
from unified.compare.depth.causes import causes, input_causes
from unified.compare.depth.causes.crossed import crossed_cause
from unified.compare.depth.first_difference import FirstDifference, Statistics, first_place, follows, given_same
from unified.compare.mapping import Mapping
from unified.compare.side import Inputs, Side

__all__ = ["locate", "places"]


def places(
    first: Side, second: Side, inputs: tuple[Inputs, Inputs], tolerance: Tolerance, training: bool = False
) -> list[Place]:
    """Return the values of both sides that stand at one place, along the depth."""
    return aligned(first.intermediates(inputs[0], training), second.intermediates(inputs[1], training), tolerance)


def locate(
    found: list[Place], first: Side, second: Side, tolerance: Tolerance, mapping: Mapping | None = None
) -> FirstDifference | None:
    """Return the first difference of two sides with the same weights; `None` if they agree wherever they meet.

    Where the mapping by which they have them mixes up the layers that differ, that is the cause.
    """
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
    names = (place.first.name, place.second.name)
    inputs_agree = (
        given_same(place, tolerance)
        or not (place.first.inputs and place.second.inputs)
        or follows(place, found[:number], both=True)
    )
    crossed = None if mapping is None else crossed_cause(names, mapping, (first, second))
    reasons = (crossed,) if crossed is not None else causes(place, last, (first, second))
    if not (reasons or inputs_agree):
        reasons = input_causes(place, (first, second))
    return FirstDifference(
        names,
        None if last is None else (last.first.name, last.second.name),
        place.largest,
        at,
        (Statistics.of(place.first.value), Statistics.of(place.second.value)),
        reasons,
        inputs_agree,
    )
