"""Why a layer differs: known causes, tried on its input in NumPy, and the settings of both sides."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from unified.compare.depth.alignment import Place
from unified.compare.depth.causes.affine import affine_forms
from unified.compare.depth.causes.attention import attention_forms, mask_cause
from unified.compare.depth.causes.elementwise import activation_forms, dropout_cause, softmax_forms
from unified.compare.depth.causes.forms import Form, explained
from unified.compare.depth.causes.norms import norm_forms
from unified.compare.depth.causes.order import order_cause
from unified.compare.depth.causes.ratios import bias_cause, scale_cause
from unified.compare.depth.causes.resizing import resize_forms
from unified.compare.depth.causes.settings import settings_cause
from unified.compare.depth.causes.subject import Subject
from unified.compare.depth.causes.windows import conv_forms, pool_forms
from unified.compare.depth.first_difference import Cause
from unified.compare.side import Side

__all__ = ["causes", "input_causes"]

# Each returns the ways in which a layer of one kind computes its output from what it is given.
FORMS: tuple[Callable[[Subject], list[Form]], ...] = (
    activation_forms, softmax_forms, norm_forms, affine_forms, conv_forms, pool_forms, attention_forms, resize_forms,
)  # fmt: skip
# Each tells a cause of the two outputs alone.
RELATIONS: tuple[Callable[[Subject], Cause | None], ...] = (
    order_cause, dropout_cause, mask_cause, bias_cause, scale_cause,
)  # fmt: skip
# Those that tell of inputs what arose before the layers.
BEFORE: tuple[Callable[[Subject], Cause | None], ...] = (dropout_cause, scale_cause, bias_cause)
LEAST = 0.6  # of the difference that a cause must explain
CLOSE = {"activation": 0.9}  # and those of which some are like others: an elu is nearly none


def causes(place: Place, last: Place | None, sides: tuple[Side, Side]) -> tuple[Cause, ...]:
    """Return what may explain a difference, the likeliest first."""
    found: list[Cause] = []
    for subject in Subject.of(place, last, sides):
        for forms in FORMS:
            ways = forms(subject)
            for turned in subject.turns() if len(ways) > 1 else ():
                found += explained(turned, ways)
        for turned in subject.turns():
            found += [cause for relation in RELATIONS if (cause := relation(turned)) is not None]
    tried = [cause for cause in found if (cause.explained or 0) >= CLOSE.get(cause.name, LEAST)]
    best: dict[str, Cause] = {}
    for cause in sorted(tried, key=lambda cause: -round(cause.explained or 0, 3)):
        best.setdefault(cause.name, cause)
    settings = settings_cause(place)
    named = list(best.values())
    return tuple(named + ([settings] if settings is not None and settings.name not in best else []))


def input_causes(place: Place, sides: tuple[Side, Side]) -> tuple[Cause, ...]:
    """Return what may explain that two layers are given different numbers, the likeliest first."""
    subject = Subject.of_inputs(place, sides)
    found = [] if subject is None else [cause for relation in BEFORE if (cause := relation(subject)) is not None]
    tried = [cause for cause in found if (cause.explained or 0) >= LEAST]
    return tuple(
        replace(cause, text=f"of what the layers are given, {cause.text}")
        for cause in sorted(tried, key=lambda cause: -(cause.explained or 0))
    )
