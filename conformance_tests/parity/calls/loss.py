"""Calls of functions: loss."""

import itertools

from conformance_tests.parity.calls.recipes import (
    EXTREMES,
    LOGITS,
    TARGETS,
    WEIGHT,
    call,
    classes,
    ints,
    normal,
    probabilities,
)

__all__ = ["CALLS", "REFUSED"]

CALLS = [
    *[call("mse_loss", normal(3, 4), normal(3, 4), reduction=how) for how in ("none", "mean", "sum")],
    *[call("mse_loss", normal(3, 4), normal(3, 4), None, how) for how in (True, False)],
    *[call("mse_loss", normal(3), normal(3), reduction=r, weight=probabilities(3)) for r in ("none", "mean", "sum")],
    *[
        call("cross_entropy", logits, target, weight, ignore_index=ignored, reduction=how, label_smoothing=smoothing)
        for (logits, target), weight, ignored, how, smoothing in itertools.product(
            ((LOGITS, TARGETS), (LOGITS, probabilities(4, 3))),
            (None, WEIGHT),
            (-100, 2),
            ("none", "mean", "sum"),
            (0.0, 0.3),
        )
        if not (ignored == 2 and target is not TARGETS)
    ],
    call("cross_entropy", normal(3), ints(3)),
    call("cross_entropy", normal(3), probabilities(3), label_smoothing=0.2),
    call("cross_entropy", normal(2, 3, 4), ints(3, 2, 4), WEIGHT, label_smoothing=0.1),
    call("cross_entropy", normal(2, 3, 4), probabilities(2, 3, 4), WEIGHT),
    call("cross_entropy", LOGITS, TARGETS, WEIGHT, None, 2, None, "sum"),
    call("cross_entropy", LOGITS, TARGETS, None, False),
    call("cross_entropy", LOGITS, TARGETS, None, True, -100, False),
    call("cross_entropy", LOGITS, classes(1, 1, 1, 1), ignore_index=1),
    call("cross_entropy", LOGITS, classes(-100, 1, -100, 1)),
    call("cross_entropy", LOGITS, classes(-1, 1, -1, 1), ignore_index=-1, reduction="none"),
    call("cross_entropy", EXTREMES, classes(0, 3, 2, 1)),
    call("cross_entropy", EXTREMES, classes(2, 2, 3, 0), reduction="none"),
    call("cross_entropy", normal(0, 3), ints(3, 0), reduction="sum"),
    call("cross_entropy", normal(0, 3), ints(3, 0)),
]

REFUSED = [
    call("mse_loss", normal(3), normal(3), reduction="median"),
    call("mse_loss", normal(3), normal(3), weight=normal(1)),
    call("cross_entropy", LOGITS, classes(1)),
    call("cross_entropy", LOGITS, probabilities(4, 1)),
    call("cross_entropy", LOGITS, TARGETS, normal(1)),
    call("cross_entropy", LOGITS, TARGETS, label_smoothing=1.5),
]
