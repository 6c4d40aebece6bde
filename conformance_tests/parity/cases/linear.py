"""Cases of layers that multiply by a matrix."""

from conformance_tests.parity.cases.recipes import case, normal, wide

__all__ = ["CASES"]

CASES = [
    case("Linear", normal(3, 4), 4, 5),
    case("Linear", normal(4), 4, 5),
    case("Linear", normal(2, 3, 4), 4, 5, bias=False),
    case("Linear", normal(2, 3, 2, 4), 4, 1, True),
    case("Linear", normal(0, 4), 4, 5),
    case("Linear", wide(3, 4), 4, 5),
    case("Linear", normal(3, 4), None, 5, sizes={"in_features": 4}),
    case("Linear", normal(3, 4), in_features=4, out_features=2, bias=False),
    case("Bilinear", (normal(3, 4), normal(3, 2)), 4, 2, 5),
    case("Bilinear", (normal(4), normal(2)), 4, 2, 5),
    case("Bilinear", (normal(2, 3, 4), normal(2, 3, 2)), 4, 2, 5, bias=False),
    case("Bilinear", (normal(3, 4), normal(3, 2)), None, 2, 5, sizes={"in1_features": 4}),
    case("Bilinear", (normal(3, 4), normal(3, 2)), 4, None, 5, sizes={"in2_features": 2}),
    case("Bilinear", (normal(3, 4), normal(3, 2)), None, None, 5, sizes={"in1_features": 4, "in2_features": 2}),
]
