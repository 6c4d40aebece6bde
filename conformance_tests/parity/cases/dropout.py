"""Cases of dropout."""

from conformance_tests.parity.cases.recipes import case, normal

__all__ = ["CASES"]

CASES = [
    case("Dropout", normal(40, 50)),
    case("Dropout", normal(40, 50), 0),
    case("Dropout", normal(40, 50), 0.0),
    case("Dropout", normal(40, 50), 0.1),
    case("Dropout", normal(2, 20, 50), p=0.9),
    case("Dropout", normal(40, 50), 1),
    case("Dropout", normal(40, 50), 1.0),
    case("Dropout", normal(40, 50), 0.5, inplace=True),
    case("Dropout", normal(40, 50), 0, True),
    case("Dropout", normal(40, 50), 1.0, True),
]
