"""Cases of pooling."""

import math

import numpy as np

from conformance_tests.parity.cases.recipes import Recipe, case, fixed, normal, probabilities, steps

__all__ = ["CASES"]

INF = float("inf")


def places(dimensions: int, high: int, *shape: int) -> Recipe:
    """int64 indices below `high`, all different within the last `dimensions`."""

    def draw(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
        channels, count = math.prod(shape[:-dimensions]), math.prod(shape[-dimensions:])
        drawn = [rng.permutation(high)[:count] for _ in range(channels)]
        return np.array(drawn, np.int64).reshape(shape)

    return Recipe(f"places{high}", shape, draw)


SAMPLES2 = fixed(np.linspace(0, 0.99, 12).reshape(2, 3, 2)[:, ::-1])
SAMPLES3 = fixed(np.linspace(0.99, 0, 12).reshape(2, 2, 3))

CASES = [
    case("MaxPool1d", normal(2, 3, 9), 2),
    case("MaxPool1d", steps(3, 9), (3,), (1,), (1,), return_indices=True),
    case("MaxPool1d", steps(2, 3, 9), 3, stride=2, padding=1, dilation=2, ceil_mode=True),
    case("MaxPool1d", normal(2, 3, 8), 3, 2, 1, 1, False, True),
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
    case("MaxPool2d", normal(0, 3, 8, 7), 3, return_indices=True),
    case("MaxPool3d", normal(2, 2, 5, 4, 6), 2),
    case("MaxPool3d", steps(2, 5, 4, 6), 3, 1, 1, return_indices=True),
    case("MaxPool3d", steps(1, 2, 5, 4, 6), (3, 2, 3), stride=(2, 1, 2), padding=(1, 1, 0), ceil_mode=True),
    case("MaxPool3d", normal(1, 2, 5, 4, 6), 2, 1, 1, (2, 1, 3)),
    case("AvgPool1d", normal(2, 3, 9), 2),
    case("AvgPool1d", normal(3, 9), 3, stride=2, padding=1, ceil_mode=True, count_include_pad=False),
    case("AvgPool1d", normal(2, 3, 9), (4,), (3,), (2,), True),
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
    case("AvgPool3d", normal(2, 2, 5, 4, 6), 2),
    case("AvgPool3d", normal(2, 5, 4, 6), (3, 2, 3), stride=(2, 1, 2), padding=(1, 0, 1), ceil_mode=True),
    case("AvgPool3d", normal(1, 2, 5, 4, 6), 3, 2, 1, count_include_pad=False),
    case("AvgPool3d", normal(1, 2, 5, 4, 6), 2, divisor_override=3),
    *[case("AdaptiveAvgPool1d", normal(2, 3, 8), size) for size in (1, 5, (4,), 10)],
    case("AdaptiveAvgPool1d", normal(3, 8), 3),
    *[case("AdaptiveAvgPool2d", normal(2, 3, 8, 7), size) for size in (1, 4, 5, (2, 7), (3, 4), (None, 1))],
    *[case("AdaptiveAvgPool2d", normal(3, 8, 7), size) for size in (1, (9, 10), (5, None), [2, 3], (None, None))],
    case("AdaptiveAvgPool2d", normal(2, 3, 8, 6), output_size=(4, 3)),
    case("AdaptiveAvgPool2d", normal(0, 3, 8, 6), 3),
    *[case("AdaptiveAvgPool3d", normal(1, 2, 5, 4, 6), size) for size in (1, 2, (3, None, 7))],
    case("AdaptiveAvgPool3d", normal(2, 5, 4, 6), (None, 3, 3)),
    case("AdaptiveMaxPool1d", normal(2, 3, 8), 3),
    case("AdaptiveMaxPool1d", steps(3, 8), (5,), return_indices=True),
    case("AdaptiveMaxPool2d", normal(2, 3, 8, 7), 1),
    case("AdaptiveMaxPool2d", steps(2, 3, 8, 7), (3, None), return_indices=True),
    case("AdaptiveMaxPool2d", steps(3, 8, 7), (9, 10), True),
    case("AdaptiveMaxPool2d", normal(0, 3, 8, 7), 3, True),
    case("AdaptiveMaxPool3d", normal(1, 2, 5, 4, 6), 2),
    case("AdaptiveMaxPool3d", steps(2, 5, 4, 6), (3, None, 4), return_indices=True),
    case("LPPool1d", normal(2, 3, 9), 2, 3),
    case("LPPool1d", probabilities(3, 9), 1.5, 3, stride=2, ceil_mode=True),
    case("LPPool1d", steps(2, 3, 9), 2.0, 2),
    case("LPPool1d", normal(2, 3, 9), INF, 3, 2),
    case("LPPool2d", normal(2, 3, 8, 7), 2, (3, 2), stride=(2, 1), ceil_mode=True),
    case("LPPool2d", probabilities(3, 8, 7), 3.0, 2),
    case("LPPool2d", normal(2, 3, 8, 7), -INF, 3, 2, True),
    case("LPPool3d", normal(1, 2, 5, 4, 6), 2, 2),
    case("LPPool3d", probabilities(2, 5, 4, 6), 1.5, (2, 1, 3), stride=(1, 2, 2), ceil_mode=True),
    case("FractionalMaxPool2d", normal(2, 3, 8, 7), 2, 4),
    case("FractionalMaxPool2d", steps(3, 8, 7), (3, 2), (4, 5), return_indices=True),
    case("FractionalMaxPool2d", normal(2, 3, 8, 7), 2, output_ratio=0.6),
    case("FractionalMaxPool2d", normal(2, 3, 8, 7), 2, None, (0.5, 0.7), True),
    case(
        "FractionalMaxPool2d", steps(2, 3, 8, 7), 3, output_size=(1, 5), return_indices=True, _random_samples=SAMPLES2
    ),
    case("FractionalMaxPool2d", normal(3, 8, 7), 2, (7, 6), _random_samples=SAMPLES2),
    case("FractionalMaxPool3d", normal(2, 2, 7, 6, 8), 2, 3),
    case("FractionalMaxPool3d", steps(2, 7, 6, 8), (2, 3, 1), (3, 1, 4), return_indices=True),
    case("FractionalMaxPool3d", normal(2, 2, 7, 6, 8), 2, output_ratio=(0.5, 0.6, 0.3)),
    case("FractionalMaxPool3d", steps(2, 2, 7, 6, 8), 2, (4, 3, 5), None, True, SAMPLES3),
    case("MaxUnpool1d", (normal(2, 3, 4), places(1, 8, 2, 3, 4)), 2),
    case("MaxUnpool1d", (normal(3, 4), places(1, 9, 3, 4)), (3,), stride=(2,), padding=(0,)),
    case("MaxUnpool1d", (normal(2, 3, 4), places(1, 9, 2, 3, 4)), 2, named={"output_size": (9,)}),
    case("MaxUnpool1d", (normal(2, 3, 4), places(1, 7, 2, 3, 4)), 3, 2, 1, named={"output_size": (2, 3, 7)}),
    case("MaxUnpool2d", (normal(2, 3, 3, 4), places(2, 48, 2, 3, 3, 4)), 2),
    case("MaxUnpool2d", (normal(3, 3, 4), places(2, 35, 3, 3, 4)), 3, (2, 2), padding=1),
    case("MaxUnpool2d", (normal(2, 3, 3, 4), places(2, 63, 2, 3, 3, 4)), 2, named={"output_size": [7, 9]}),
    case("MaxUnpool2d", (normal(0, 3, 3, 4), places(2, 48, 0, 3, 3, 4)), 2),
    case("MaxUnpool3d", (normal(1, 2, 2, 3, 2), places(3, 96, 1, 2, 2, 3, 2)), 2),
    case("MaxUnpool3d", (normal(2, 2, 3, 2), places(3, 150, 2, 2, 3, 2)), (3, 2, 3), stride=2, padding=(0, 0, 0)),
    case(
        "MaxUnpool3d",
        (normal(1, 2, 2, 3, 2), places(3, 60, 1, 2, 2, 3, 2)),
        3,
        2,
        1,
        named={"output_size": (3, 5, 4)},
    ),
]
