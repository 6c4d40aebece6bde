"""Cases of layers that only rearrange."""

from conformance_tests.parity.cases.recipes import case, ints, normal

__all__ = ["CASES"]

CASES = [
    case("Unflatten", normal(2, 12), 1, (3, 4)),
    case("Unflatten", normal(2, 12, 3), -2, [2, -1, 3]),
    case("Unflatten", normal(12), dim=0, unflattened_size=(12, 1)),
    case("Flatten", normal(2, 3, 4)),
    case("Flatten", normal(2, 3, 4), 0),
    case("Flatten", normal(2, 3, 4, 5), 1, 2),
    case("Flatten", normal(2, 3, 4, 5), start_dim=-3, end_dim=-2),
    case("Flatten", normal(2, 3, 4, 5), 2, 2),
    case("Flatten", normal(4), 0),
    case("Flatten", normal(), 0),
    case("Flatten", ints(5, 2, 3, 4)),
    case("Flatten", normal(0, 3, 4)),
    case("Identity", normal(2, 3)),
    case("Identity", normal(2, 3), 54, unused_argument=0.1),
    case("Identity", ints(5, 3)),
]
