"""Settings of both sides' layers that differ, under the names that libraries give them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from unified.compare.depth.alignment import Place
from unified.compare.depth.first_difference import Cause

__all__ = ["settings_cause"]

# The names of one setting, by the cause that a difference is. A momentum changes no output.
NAMES = {
    "epsilon": ("eps", "epsilon"),
    "gelu's approximate": ("approximate",),
    "bias": ("use_bias", "with_bias"),
    "dropout left on": ("p", "rate", "dropout_rate"),
    "padding": ("padding",),
    "interpolation corners": ("align_corners",),
    "stride": ("stride", "strides"),
}


def settings_cause(place: Place) -> Cause | None:
    """Return the first known setting of which both layers have one, and which differs."""
    both = (place.first.settings, place.second.settings)
    for cause, names in NAMES.items():
        (one, value), (two, other) = (_found(settings, names) for settings in both)
        if one and two and type(value) is type(other) and value != other:
            return Cause(cause, f"{one} is {value!r} in the first, {two} is {other!r} in the second")
    return None


def _found(settings: Mapping[str, Any], names: tuple[str, ...]) -> tuple[str, Any]:
    return next(((name, settings[name]) for name in names if settings.get(name) is not None), ("", None))
