"""Cases of losses."""

import numpy as np
import torch

from conformance_tests.parity.cases.recipes import Case, Recipe, case, fixed, normal, probabilities, steps

__all__ = ["CASES"]


def signs(*shape: int) -> Recipe:
    """float32 values -1 and 1."""
    return Recipe("signs", shape, lambda rng, shape: (rng.integers(0, 2, shape) * 2 - 1).astype(np.float32))


def longs(high: int, *shape: int) -> Recipe:
    """int64 values below `high`, where torch asks for that."""
    return Recipe(f"longs{high}", shape, lambda rng, shape: rng.integers(0, high, shape))


def log_softmax(*shape: int) -> Recipe:
    """Log-probabilities along the last dimension."""

    def draw(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
        logits = rng.standard_normal(shape)
        return (logits - np.log(np.exp(logits).sum(-1, keepdims=True))).astype(np.float32)

    return Recipe("log_softmax", shape, draw)


def city_block(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """A distance that reads the same on both frameworks."""
    return (abs(x - y)).sum(-1)


REDUCTIONS = ({}, {"reduction": "sum"}, {"reduction": "none"}, {"size_average": False}, {"reduce": False})
PAIR = (normal(3, 4), normal(3, 4))
TIED = (steps(4, 5), steps(4, 5))
CLASSES = (normal(4, 3), longs(3, 4))
IMAGES = (normal(2, 3, 4), longs(3, 2, 4))
LIKELY = (probabilities(3, 4), probabilities(3, 4))
LABELS = fixed([[1, 3, -1, 0], [0, -1, 2, 3], [-1, 1, 2, 3], [3, 2, 1, 0]], np.int64)
LENGTHS = (fixed([6, 4, 5], np.int64), fixed([3, 1, 2], np.int64))
CTC = (log_softmax(6, 3, 4), fixed([[1, 1, 2], [3, 0, 0], [2, 1, 0]], np.int64), *LENGTHS)
FLAT = (log_softmax(6, 3, 4), fixed([1, 1, 2, 3, 2, 1], np.int64), *LENGTHS)
TRIPLET = (normal(3, 4), normal(3, 4), normal(3, 4))
ADAPTIVE = (normal(6, 8), fixed([0, 3, 4, 9, 11, 2], np.int64))


def reductions(layer: str, inputs: tuple[Recipe, ...]) -> list[Case]:
    return [case(layer, inputs, **options) for options in REDUCTIONS]


CASES = [
    *reductions("L1Loss", TIED),
    *reductions("MSELoss", PAIR),
    *reductions("SmoothL1Loss", TIED),
    case("SmoothL1Loss", TIED, beta=0.0),
    case("SmoothL1Loss", PAIR, beta=0.5, reduction="none"),
    case("HuberLoss", TIED),
    case("HuberLoss", PAIR, "sum", 0.7),
    *reductions("PoissonNLLLoss", (normal(3, 4), probabilities(3, 4))),
    case("PoissonNLLLoss", LIKELY, log_input=False, eps=1e-3),
    case("PoissonNLLLoss", (normal(3, 4), fixed(np.arange(12).reshape(3, 4) / 2 + 0.3)), full=True),
    case("GaussianNLLLoss", (*PAIR, probabilities(3, 4))),
    case("GaussianNLLLoss", (*PAIR, probabilities(3, 1)), full=True, reduction="sum"),
    case("GaussianNLLLoss", (*PAIR, probabilities(3)), eps=0.5, reduction="none"),
    case("GaussianNLLLoss", (*PAIR, 0.5)),
    *reductions("CrossEntropyLoss", CLASSES),
    case("CrossEntropyLoss", CLASSES, probabilities(3), ignore_index=1),
    case("CrossEntropyLoss", (normal(4, 3), probabilities(4, 3)), probabilities(3), label_smoothing=0.1),
    case("CrossEntropyLoss", IMAGES, weight=probabilities(3), label_smoothing=0.2),
    case("CrossEntropyLoss", (normal(3), longs(3))),
    *reductions("NLLLoss", CLASSES),
    case("NLLLoss", CLASSES, probabilities(3), ignore_index=0),
    case("NLLLoss", IMAGES, weight=probabilities(3), reduction="none"),
    *reductions("BCELoss", LIKELY),
    case("BCELoss", LIKELY, probabilities(4), reduction="none"),
    case("BCELoss", LIKELY, weight=probabilities(3, 4)),
    *reductions("BCEWithLogitsLoss", (normal(3, 4), probabilities(3, 4))),
    case("BCEWithLogitsLoss", (normal(3, 4), probabilities(3, 4)), probabilities(4), reduction="none"),
    case("BCEWithLogitsLoss", (normal(3, 4), probabilities(3, 4)), pos_weight=probabilities(4)),
    case("BCEWithLogitsLoss", (normal(3, 4), probabilities(3, 4)), probabilities(3, 1), pos_weight=probabilities(3, 4)),
    *reductions("KLDivLoss", (log_softmax(3, 4), probabilities(3, 4))),
    case("KLDivLoss", (log_softmax(3, 4), log_softmax(3, 4)), reduction="batchmean", log_target=True),
    case("LinearCrossEntropyLoss", (normal(4, 5), longs(3, 4)), 5, 3),
    case("LinearCrossEntropyLoss", (normal(5), longs(3)), 5, 3, bias=True),
    case(
        "LinearCrossEntropyLoss",
        (normal(4, 5), longs(3, 4)),
        5,
        3,
        weight=probabilities(3),
        ignore_index=1,
        reduction="sum",
    ),
    case("LinearCrossEntropyLoss", (normal(4, 5), longs(3, 4, 2)), 5, 3, out_features=(2,), bias=True),
    case("LinearCrossEntropyLoss", (normal(4, 5), probabilities(4, 3)), 5, 3, label_smoothing=0.1, reduction="none"),
    case("LinearCrossEntropyLoss", (normal(4, 5), longs(3, 4)), 5, 3, options=torch.nn.LinearCrossEntropyOptions()),
    *reductions("CosineEmbeddingLoss", (normal(4, 5), normal(4, 5), signs(4))),
    case("CosineEmbeddingLoss", (normal(4, 5), normal(4, 5), signs(4)), 0.1),
    case("CosineEmbeddingLoss", (normal(5), normal(5), signs()), 0.1),
    *reductions("HingeEmbeddingLoss", (normal(3, 4), signs(3, 4))),
    case("HingeEmbeddingLoss", (steps(3, 4), signs(3, 4)), 2.0),
    *reductions("MarginRankingLoss", (steps(6), steps(6), signs(6))),
    case("MarginRankingLoss", (normal(6), normal(6), signs(6)), 0.5),
    *reductions("MultiLabelMarginLoss", (normal(4, 4), LABELS)),
    case("MultiLabelMarginLoss", (normal(4), fixed([3, 0, -1, 1], np.int64))),
    *reductions("MultiLabelSoftMarginLoss", LIKELY),
    case("MultiLabelSoftMarginLoss", LIKELY, probabilities(4)),
    *reductions("MultiMarginLoss", CLASSES),
    case("MultiMarginLoss", CLASSES, 2, 0.5, probabilities(3)),
    case("MultiMarginLoss", (normal(3), longs(3))),
    *reductions("SoftMarginLoss", (normal(2, 3), fixed([[1, -1, 1], [-1, -1, 1]], np.int64))),
    *reductions("TripletMarginLoss", TRIPLET),
    case("TripletMarginLoss", TRIPLET, 0.5, 1.0, 1e-3, True),
    case("TripletMarginLoss", (normal(4), normal(4), normal(4)), p=3.0),
    case("TripletMarginWithDistanceLoss", TRIPLET),
    case("TripletMarginWithDistanceLoss", TRIPLET, distance_function=city_block, margin=0.5, swap=True),
    case("TripletMarginWithDistanceLoss", TRIPLET, distance_function=city_block, reduction="none"),
    case("CTCLoss", CTC),
    case("CTCLoss", CTC, reduction="sum"),
    case("CTCLoss", (CTC[0], fixed([[1, 1, 2], [0, 3, 3], [2, 1, 3]], np.int64), *LENGTHS), 3, "none"),
    case("CTCLoss", FLAT),
    case("CTCLoss", (log_softmax(6, 4), fixed([1, 1, 2], np.int64), fixed(6, np.int64), fixed(3, np.int64))),
    case("CTCLoss", (log_softmax(3, 3, 4), *CTC[1:2], fixed([3, 1, 2], np.int64), LENGTHS[1]), zero_infinity=True),
    case("AdaptiveLogSoftmaxWithLoss", ADAPTIVE, 8, 12, [4]),
    case("AdaptiveLogSoftmaxWithLoss", ADAPTIVE, 8, 12, (3, 7), 2.0),
    case("AdaptiveLogSoftmaxWithLoss", ADAPTIVE, 8, 12, [3, 4, 9], head_bias=True, div_value=1.5),
    case("AdaptiveLogSoftmaxWithLoss", (normal(8), fixed(9, np.int64)), 8, 12, [4]),
]
