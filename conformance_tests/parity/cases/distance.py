"""Cases of distances and similarities."""

from conformance_tests.parity.cases.recipes import case, fixed, normal, steps

__all__ = ["CASES"]

PAIR = (normal(3, 4), normal(3, 4))

CASES = [
    case("CosineSimilarity", PAIR),
    case("CosineSimilarity", (normal(3, 4, 2), normal(4, 1)), -2, 0.1),
    case("CosineSimilarity", (fixed([[0, 0], [1e-5, 0]]), fixed([[1, 2], [0, 1e-5]])), eps=1e-3),
    case("PairwiseDistance", PAIR),
    case("PairwiseDistance", (normal(3, 4), normal(4)), 1.0, keepdim=True),
    case("PairwiseDistance", PAIR, 3.0, 1e-2),
    case("PairwiseDistance", PAIR, 0.5),
    case("PairwiseDistance", PAIR, float("inf")),
    case("PairwiseDistance", PAIR, float("-inf")),
    case("PairwiseDistance", (steps(3, 4), steps(3, 4)), 0, 0.0),
    case("PairwiseDistance", (steps(6, 2), steps(6, 2)), eps=0.0),
]
