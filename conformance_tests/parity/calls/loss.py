"""Calls of functions: loss."""

import itertools
from typing import Any

from conformance_tests.parity.calls.recipes import (
    EXTREMES,
    INF,
    LOGITS,
    TARGETS,
    VALUES,
    WEIGHT,
    call,
    classes,
    fixed,
    held,
    ints,
    normal,
    probabilities,
    steps,
)

__all__ = ["CALLS", "REFUSED"]

SIGNS = classes(1, -1, 1, -1)
TIED = (steps(4, 5), steps(4, 5))
LIKELY = (probabilities(3, 4), probabilities(3, 4))
TRIPLET = (normal(3, 4), normal(3, 4), normal(3, 4))
LISTED = classes([1, 2, -1], [0, -1, 2], [-1, 1, 0], [2, 1, 0])
LENGTHS = (classes(5, 3), classes(2, 1))
WEIGHT4 = held(probabilities(4))
SURE = held(fixed(*[0.0, 1.0] * 6))


def city_block(x: Any, y: Any) -> Any:
    """A distance that reads the same on both frameworks."""
    return abs(x - y).sum(-1)


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
    *[
        call(name, *TIED, reduction=how)
        for name in ("l1_loss", "smooth_l1_loss", "huber_loss")
        for how in ("none", "mean", "sum")
    ],
    *[
        call(name, normal(3), normal(3), reduction=how, weight=probabilities(3))
        for name in ("l1_loss", "huber_loss")
        for how in ("none", "mean", "sum")
    ],
    call("l1_loss", normal(3), normal(3), None, False),
    call("l1_loss", normal(2, 3), normal(3)),
    call("smooth_l1_loss", normal(3), normal(2, 1)),
    call("huber_loss", normal(2, 1), normal(3)),
    call("mse_loss", normal(1), normal(3)),
    call("smooth_l1_loss", VALUES, fixed(*[1.0] * 12), reduction="none", beta=0.0),
    call("smooth_l1_loss", VALUES, fixed(*[1.0] * 12), reduction="none", beta=2.5),
    call("huber_loss", VALUES, fixed(*[1.0] * 12), "none", 0.3),
    call("huber_loss", fixed(INF, -INF, 1.0), held(fixed(0.0, 0.0, 0.0)), "none"),
    call("smooth_l1_loss", fixed(INF, -INF, 1.0), held(fixed(0.0, 0.0, 0.0)), None, None, "none"),
    *[call("nll_loss", LOGITS, TARGETS, WEIGHT, reduction=how, ignore_index=2) for how in ("none", "mean", "sum")],
    call("nll_loss", LOGITS, TARGETS, None, False),
    call("nll_loss", normal(3), ints(3)),
    call("nll_loss", normal(2, 3, 4, 2), ints(3, 2, 4, 2), WEIGHT),
    call("nll_loss", LOGITS, classes(-100, -100, -100, -100)),
    call("nll_loss", fixed([-INF, 0.0], [-1.0, -INF]), classes(0, 0), reduction="none"),
    *[call("binary_cross_entropy", *LIKELY, WEIGHT4, reduction=how) for how in ("none", "mean", "sum")],
    call("binary_cross_entropy", *LIKELY, None, False),
    call(
        "binary_cross_entropy", fixed(0.0, 1.0, 0.0, 1.0, 1e-30, 0.5), held(fixed(0, 0, 1, 1, 1, 0.3)), reduction="sum"
    ),
    *[
        call("binary_cross_entropy_with_logits", normal(3, 4), probabilities(3, 4), reduction=how)
        for how in ("none", "mean", "sum")
    ],
    call("binary_cross_entropy_with_logits", normal(3, 4), probabilities(3, 4), WEIGHT4, pos_weight=WEIGHT4),
    call("binary_cross_entropy_with_logits", VALUES, SURE, reduction="none"),
    call("binary_cross_entropy_with_logits", VALUES, SURE, reduction="none", pos_weight=held(fixed(3.0))),
    call("binary_cross_entropy_with_logits", EXTREMES, held(probabilities(4, 4)), reduction="none"),
    *[call("kl_div", normal(3, 4), probabilities(3, 4), reduction=how) for how in ("none", "mean", "sum", "batchmean")],
    call("kl_div", normal(3, 4), normal(3, 4), reduction="batchmean", log_target=True),
    call("kl_div", normal(3), held(fixed(0.0, 1.0, 0.5)), reduction="none"),
    call("kl_div", normal(), probabilities(), reduction="batchmean"),
    call("kl_div", normal(3), probabilities(3), False),
    call("poisson_nll_loss", normal(4), probabilities(4)),
    call("poisson_nll_loss", normal(4), held(fixed(0.0, 1.0, 2.0, 7.0)), full=True, reduction="none"),
    call("poisson_nll_loss", fixed(0.0, 1e-9, 3.0), held(fixed(0.0, 1.0, 2.0)), False, reduction="sum"),
    call("poisson_nll_loss", fixed(-1e4, 50.0), held(fixed(2.0, 2.0)), reduction="none"),
    call("gaussian_nll_loss", normal(3, 4), normal(3, 4), probabilities(3, 4), reduction="none"),
    call("gaussian_nll_loss", normal(3, 4), normal(3, 4), probabilities(3), True, 0.5, "sum"),
    call("gaussian_nll_loss", normal(3, 4), normal(3, 4), probabilities(3, 1), full=True),
    call("gaussian_nll_loss", normal(3, 4), normal(3, 4), 0.0),
    call("gaussian_nll_loss", fixed(1e4, -1e4), held(fixed(0.0, 0.0)), fixed(0.0, 1e-9), reduction="none"),
    call("ctc_loss", normal(5, 2, 3), classes([1, 2], [2, 0]), *LENGTHS),
    call("ctc_loss", normal(5, 2, 3), classes(1, 1, 2), *LENGTHS, reduction="none"),
    call("ctc_loss", normal(5, 2, 3), classes(1, 1, 2), (5, 3), (2, 1), reduction="sum"),
    call("ctc_loss", normal(5, 2, 3), classes([1, 2], [0, 0]), classes(5, 3), classes(2, 0), 0, "none"),
    call("ctc_loss", normal(5, 3), classes(1, 2), (4,), (2,), reduction="none"),
    call("ctc_loss", normal(2, 2, 3), classes([1, 1], [2, 0]), classes(2, 2), classes(2, 1), 0, "none", True),
    call("ctc_loss", held(fixed([[0.0, -INF]], [[-INF, 0.0]])), classes([1]), classes(2), classes(1), reduction="sum"),
    call("cosine_embedding_loss", normal(4, 3), normal(4, 3), SIGNS, 0.2, reduction="none"),
    call("cosine_embedding_loss", normal(4, 3), normal(4, 3), SIGNS, 0.2, False),
    call("cosine_embedding_loss", fixed([0.0, 0.0], [1.0, 0.0]), fixed([1.0, 2.0], [0.0, 0.0]), classes(1, -1)),
    call("hinge_embedding_loss", steps(3, 4), SIGNS, reduction="none"),
    call("hinge_embedding_loss", steps(4), SIGNS, 2.0, False),
    call("margin_ranking_loss", steps(4), steps(4), SIGNS, reduction="none"),
    call("margin_ranking_loss", steps(4), steps(4), SIGNS, 1.0, None, False),
    call("multilabel_margin_loss", normal(4, 3), LISTED, reduction="none"),
    call("multilabel_margin_loss", steps(4, 3), LISTED, None, None, "sum"),
    call("multilabel_margin_loss", normal(3), classes(2, -1, 0)),
    call("multilabel_soft_margin_loss", *LIKELY, WEIGHT4, reduction="none"),
    call("multilabel_soft_margin_loss", normal(2, 3, 4), probabilities(2, 3, 4)),
    call("multilabel_soft_margin_loss", EXTREMES, held(probabilities(4, 4)), reduction="none"),
    call("multi_margin_loss", steps(4, 3), TARGETS, reduction="none"),
    call("multi_margin_loss", normal(4, 3), TARGETS, 2, 0.5, WEIGHT, reduction="sum"),
    call("multi_margin_loss", normal(3), ints(3), reduction="none"),
    call("multi_margin_loss", normal(3), classes(1), reduction="none"),
    call("soft_margin_loss", normal(3, 4), SIGNS, reduction="none"),
    call("soft_margin_loss", fixed(-80.0, -3.0, 0.0, 1e4), SIGNS, False),
    call("triplet_margin_loss", *TRIPLET, reduction="none"),
    call("triplet_margin_loss", *TRIPLET, 0.3, 1.0, 1e-3, True, reduction="sum"),
    call("triplet_margin_loss", steps(4, 2), steps(4, 2), steps(4, 2), 1.0, 2.0, 0.0),
    call("triplet_margin_with_distance_loss", *TRIPLET, reduction="sum"),
    call("triplet_margin_with_distance_loss", *TRIPLET, distance_function=city_block, margin=0.2, swap=True),
    call("linear_cross_entropy", normal(4, 5), normal(3, 5), TARGETS),
    call("linear_cross_entropy", normal(5), normal(3, 5), ints(3), linear_bias=normal(3), label_smoothing=0.1),
    call("linear_cross_entropy", normal(4, 5), normal(3, 2, 5), ints(3, 4, 2), weight=WEIGHT, ignore_index=0),
    call("linear_cross_entropy", normal(4, 5), normal(3, 5), probabilities(4, 3), reduction="none"),
]

REFUSED = [
    call("mse_loss", normal(3), normal(3), reduction="median"),
    call("mse_loss", normal(3), normal(3), weight=normal(1)),
    call("cross_entropy", LOGITS, classes(1)),
    call("cross_entropy", LOGITS, probabilities(4, 1)),
    call("cross_entropy", LOGITS, TARGETS, normal(1)),
    call("cross_entropy", LOGITS, TARGETS, label_smoothing=1.5),
    call("l1_loss", normal(3), normal(3), reduction="median"),
    call("l1_loss", normal(3), normal(4)),
    call("l1_loss", normal(3), normal(3), weight=normal(1)),
    call("huber_loss", normal(3), normal(3), weight=normal(1)),
    call("huber_loss", normal(3), normal(3), delta=0.0),
    call("smooth_l1_loss", normal(3), normal(3), beta=-1.0),
    call("nll_loss", LOGITS, classes(1)),
    call("nll_loss", LOGITS, TARGETS, normal(2)),
    call("nll_loss", normal(), classes(1)),
    call("binary_cross_entropy", probabilities(3), probabilities(4)),
    call("binary_cross_entropy_with_logits", normal(3), probabilities(4)),
    call("kl_div", normal(3), normal(3), reduction="median"),
    call("poisson_nll_loss", normal(3), normal(3), reduction="median"),
    call("gaussian_nll_loss", normal(3), normal(3), -1.0),
    call("gaussian_nll_loss", normal(3, 4), normal(3, 4), probabilities(2)),
    call("gaussian_nll_loss", normal(3), normal(3), probabilities(3), reduction="median"),
    call("ctc_loss", normal(3), classes(1), classes(1), classes(1)),
    call("ctc_loss", normal(5, 2, 3), classes([1, 2], [2, 0]), *LENGTHS, 3),
    call("ctc_loss", normal(5, 2, 3), classes([1, 2], [2, 0]), classes(5), classes(2, 1)),
    call("cosine_embedding_loss", normal(2, 3), normal(2, 3), classes([1, 1])),
    call("cosine_embedding_loss", normal(3), normal(3), classes(1)),
    call("margin_ranking_loss", normal(3), normal(3, 1), classes(1, 1, 1)),
    call("multilabel_margin_loss", normal(4, 3), classes(1)),
    call("multilabel_margin_loss", normal(2, 4, 3), ints(3, 2, 4, 3)),
    call("multi_margin_loss", LOGITS, TARGETS, 3),
    call("multi_margin_loss", LOGITS, TARGETS, weight=normal(2)),
    call("multi_margin_loss", LOGITS, classes(1, 2)),
    call("triplet_margin_loss", *TRIPLET, margin=0.0),
    call("triplet_margin_loss", normal(3, 4), normal(3, 4), normal(4)),
    call("triplet_margin_with_distance_loss", *TRIPLET, margin=-1.0),
    call("triplet_margin_with_distance_loss", *TRIPLET, reduction="median"),
    call("linear_cross_entropy", normal(2, 4, 5), normal(3, 5), TARGETS),
    call("linear_cross_entropy", normal(4, 5), normal(5), TARGETS),
    call("linear_cross_entropy", normal(4, 5), normal(3, 4), TARGETS),
    call("linear_cross_entropy", normal(4, 5), normal(3, 5), TARGETS, linear_bias=normal(2)),
    call("linear_cross_entropy", normal(5), normal(3, 2, 5), ints(3, 2)),
    call("linear_cross_entropy", normal(4, 5), normal(3, 5), probabilities(4, 3), ignore_index=1),
]
