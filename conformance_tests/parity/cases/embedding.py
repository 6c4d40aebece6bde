"""Cases of look-up tables."""

from conformance_tests.parity.cases.recipes import case, fixed, ints, normal, steps

__all__ = ["CASES"]

# Each row is named twice: torch 2.13's CPU kernel takes the count of another row (its issue 190063).
TWICE = fixed([[0, 1, 2], [4, 5, 4], [2, 1, 0], [3, 3, 5]], "int32")
FLAT = (ints(6, 7), fixed([0, 2, 2, 5], "int32"))

CASES = [
    case("Embedding", ints(6, 4), 6, 3),
    case("Embedding", ints(6, 2, 4), 6, 3),
    case("Embedding", ints(6), 6, 3),
    case("Embedding", ints(6, 0), 6, 3),
    case("Embedding", ints(6, 2, 3, 4), 6, 1),
    case("Embedding", ints(6, 2, 8), 6, 3, padding_idx=0),
    case("Embedding", ints(6, 2, 8), 6, 3, 4),
    case("Embedding", ints(6, 2, 8), 6, 3, padding_idx=-1),
    case("Embedding", ints(6, 2, 8), 6, 3, padding_idx=-6),
    case("Embedding", ints(6, 4), 6, 3, max_norm=1.0),
    case("Embedding", ints(6, 2, 4), 6, 3, max_norm=0.5, norm_type=1.0),
    case("Embedding", ints(6, 4), 6, 3, max_norm=0.9, norm_type=3.5),
    case("Embedding", ints(6, 4), 6, 3, max_norm=0.9, norm_type=float("inf")),
    case("Embedding", ints(6, 4), 6, 3, max_norm=0.9, norm_type=0.5),
    case("Embedding", ints(6, 2, 8), 6, 3, padding_idx=2, max_norm=1.0, norm_type=2),
    case("Embedding", ints(6, 2, 8), 6, 3, scale_grad_by_freq=True),
    case("Embedding", ints(6, 2, 8), 6, 3, padding_idx=1, max_norm=1.0, scale_grad_by_freq=True),
    case("Embedding", ints(6, 2, 8), 6, 3, sparse=True),
    case("Embedding", ints(6, 2, 8), 6, 3, padding_idx=3, sparse=True),
    case("Embedding", ints(6, 2, 8), 6, 3, _weight=normal(6, 3)),
    case("Embedding", ints(6, 2, 8), 6, 3, padding_idx=2, _weight=normal(6, 3)),
    case("Embedding", ints(6, 4), 6, 3, _freeze=True),
    case("Embedding", ints(6, 4), 6, 3, _weight=normal(6, 3), _freeze=True),
    *[case("EmbeddingBag", ints(6, 3, 4), 6, 3, mode=mode) for mode in ("sum", "mean", "max")],
    *[case("EmbeddingBag", FLAT, 6, 3, mode=mode) for mode in ("sum", "mean", "max")],
    *[case("EmbeddingBag", ints(6, 3, 4), 6, 3, mode=mode, padding_idx=2) for mode in ("sum", "mean", "max")],
    *[case("EmbeddingBag", FLAT, 6, 3, mode=mode, padding_idx=-1) for mode in ("sum", "mean", "max")],
    case("EmbeddingBag", (ints(6, 7), fixed([0, 3, 7], "int32")), 6, 3, include_last_offset=True),
    case("EmbeddingBag", (ints(6, 3, 4), None, normal(3, 4)), 6, 3, mode="sum"),
    case("EmbeddingBag", ints(6, 7), 6, 3, mode="sum", named={"offsets": FLAT[1], "per_sample_weights": normal(7)}),
    case("EmbeddingBag", (ints(6, 3, 4),), 6, 3, 0.9, 1.0),
    case("EmbeddingBag", FLAT, 6, 3, max_norm=0.9, norm_type=3.0, mode="max", padding_idx=0),
    case("EmbeddingBag", TWICE, 6, 3, scale_grad_by_freq=True),
    case("EmbeddingBag", TWICE, 6, 3, scale_grad_by_freq=True, mode="sum", padding_idx=1),
    case("EmbeddingBag", FLAT, 6, 3, sparse=True),
    case("EmbeddingBag", FLAT, 6, 3, _weight=steps(6, 3)),
]
