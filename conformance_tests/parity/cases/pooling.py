"""Cases of pooling."""

from conformance_tests.parity.cases.recipes import case, normal, steps

__all__ = ["CASES"]

CASES = [
    case("MaxPool2d", normal(2, 3, 8, 8), 2),
    case("MaxPool2d", normal(3, 8, 7), 2),
    case("MaxPool2d", steps(2, 3, 8, 8), 3),
    case("MaxPool2d", steps(2, 3, 8, 8), 3, stride=1, padding=1),
    case("MaxPool2d", normal(2, 3, 8, 7), (3, 2), stride=(2, 1), padding=(1, 0), dilation=(1, 2)),
    case("MaxPool2d", normal(2, 3, 8, 7), (3, 2), (2, 3), (1, 1), (2, 1), False, True),
    case("MaxPool2d", normal(2, 3, 8, 7), 3, stride=2, padding=1, ceil_mode=True),
    case("MaxPool2d", normal(2, 3, 8, 7), 2, stride=3, ceil_mode=True),
    case("MaxPool2d", normal(2, 3, 8, 7), 3, return_indices=True),
    case("MaxPool2d", steps(2, 3, 8, 7), 3, 1, 1, return_indices=True),
    case("MaxPool2d", steps(3, 8, 7), 3, stride=2, padding=1, dilation=2, return_indices=True, ceil_mode=True),
    case("MaxPool2d", normal(0, 3, 8, 7), 3),
    case("AvgPool2d", normal(2, 3, 8, 8), 2),
    case("AvgPool2d", normal(3, 8, 7), 2),
    case("AvgPool2d", normal(2, 3, 8, 7), (3, 2), stride=(2, 1), padding=(1, 0)),
    case("AvgPool2d", normal(2, 3, 8, 7), 3, stride=2, padding=1, ceil_mode=True),
    case("AvgPool2d", normal(2, 3, 8, 7), 3, 2, 1, True, False),
    case("AvgPool2d", normal(2, 3, 8, 7), 3, padding=1, count_include_pad=False),
    case("AvgPool2d", normal(2, 3, 8, 7), 3, divisor_override=5),
    case("AvgPool2d", normal(2, 3, 8, 7), 3, 2, 1, True, False, 4),
    case("AvgPool2d", normal(2, 3, 8, 7), 2, stride=3, ceil_mode=True),
    case("AvgPool2d", normal(0, 3, 8, 7), 2),
    *[case("AdaptiveAvgPool2d", normal(2, 3, 8, 7), size) for size in (1, 4, 5, (2, 7), (3, 4), (None, 1))],
    *[case("AdaptiveAvgPool2d", normal(3, 8, 7), size) for size in (1, (9, 10), (5, None), [2, 3], (None, None))],
    case("AdaptiveAvgPool2d", normal(2, 3, 8, 6), output_size=(4, 3)),
]
