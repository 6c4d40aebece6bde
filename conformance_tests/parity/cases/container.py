"""Cases of layers made of layers that are given to them."""

from collections import OrderedDict

from conformance_tests.parity.cases.recipes import case, given, normal

__all__ = ["CASES"]

CASES = [
    case("Sequential", normal(2, 3)),
    case("Sequential", normal(2, 3), given("Linear", 3, 4), given("ReLU"), given("Linear", 4, 2, bias=False)),
    case("Sequential", normal(2, 3), OrderedDict(first=given("Linear", 3, 4), second=given("Tanh"))),
    case(
        "Sequential", normal(4, 3), given("Sequential", given("BatchNorm1d", 3), given("Linear", 3, 3)), given("Tanh")
    ),
    case("Sequential", normal(2, 3), given("Linear", 3, 4), given("Dropout", 0.4)),
]
