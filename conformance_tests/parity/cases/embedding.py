"""Cases of look-up tables."""

from conformance_tests.parity.cases.recipes import case, ints, normal

__all__ = ["CASES"]

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
]
