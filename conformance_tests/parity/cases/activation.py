"""Cases of activations."""

from conformance_tests.parity.cases.recipes import case, normal, steps, wide

__all__ = ["CASES"]

CASES = [
    case("ReLU", normal(3, 4)),
    case("ReLU", steps(3, 4)),
    case("ReLU", normal(3, 4), inplace=True),
    case("GELU", normal(3, 4)),
    case("GELU", wide(8, 8)),
    case("GELU", normal(3, 4), approximate="tanh"),
    case("GELU", wide(8, 8), "tanh"),
    case("Tanh", normal(3, 4)),
    case("Tanh", wide(8, 8)),
    case("Sigmoid", normal(3, 4)),
    case("Sigmoid", wide(8, 8)),
    case("Softmax", normal(3, 4), dim=1),
    case("Softmax", normal(3, 4), 0),
    case("Softmax", normal(2, 3, 4), -2),
    case("Softmax", wide(8, 8), -1),
    *[case("Softmax", normal(*shape)) for shape in [(4,), (3, 4), (2, 3, 4), (2, 3, 4, 2)]],
]
