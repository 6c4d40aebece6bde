"""Cases of convolutions."""

from conformance_tests.parity.cases.recipes import case, normal

__all__ = ["CASES"]

PADDING_MODES = ("zeros", "reflect", "replicate", "circular")

CASES = [
    case("Conv1d", normal(2, 4, 9), 4, 6, 3),
    case("Conv1d", normal(4, 9), 4, 6, 3, padding=1),
    case("Conv1d", normal(2, 4, 9), 4, 6, (3,), stride=(2,), padding=(2,), dilation=(2,)),
    case("Conv1d", normal(2, 4, 9), 4, 6, 3, 2, 1, 1, 2, False),
    case("Conv1d", normal(2, 4, 9), None, 6, 3, sizes={"in_channels": 4}),
    case("Conv1d", normal(4, 9), None, 6, 3, padding="valid", sizes={"in_channels": 4}),
    case("Conv1d", normal(2, 4, 9), 4, 6, 4, padding="same", dilation=2),
    case("Conv1d", normal(2, 4, 9), 4, 4, 3, groups=4),
    *[case("Conv1d", normal(2, 4, 9), 4, 2, 3, padding=2, padding_mode=mode) for mode in PADDING_MODES],
    *[case("Conv1d", normal(2, 4, 9), 4, 2, 4, padding="same", padding_mode=mode) for mode in PADDING_MODES],
    *[case("Conv1d", normal(2, 4, 9), 4, 2, 3, padding="valid", padding_mode=mode) for mode in PADDING_MODES],
    case("Conv2d", normal(2, 4, 7, 6), 4, 6, 3),
    case("Conv2d", normal(4, 7, 6), 4, 6, 3, padding=1),
    case("Conv2d", normal(2, 4, 7, 6), 4, 6, (3, 2), stride=(2, 1), padding=(1, 0), dilation=(1, 2), groups=2),
    case("Conv2d", normal(2, 4, 7, 6), 4, 6, 3, 2, 1, 1, 1, False, "reflect"),
    case("Conv2d", normal(0, 4, 7, 6), 4, 6, 3),
    case("Conv2d", normal(2, 4, 7, 6), None, 6, 1, groups=2, sizes={"in_channels": 4}),
    case("Conv2d", normal(4, 7, 6), None, 6, 1, stride=3, sizes={"in_channels": 4}),
    case("Conv2d", normal(2, 4, 7, 6), 4, 8, 3, groups=4, bias=False),
    case("Conv2d", normal(2, 4, 7, 6), 4, 2, (3, 4), padding="same", dilation=(2, 1)),
    case("Conv2d", normal(4, 7, 6), 4, 2, (2, 3), padding="same", padding_mode="circular"),
    *[case("Conv2d", normal(2, 4, 7, 6), 4, 2, 3, padding=(2, 1), padding_mode=mode) for mode in PADDING_MODES],
    *[case("Conv2d", normal(2, 4, 7, 6), 4, 2, (3, 4), padding="same", padding_mode=mode) for mode in PADDING_MODES],
    case("Conv2d", normal(2, 4, 7, 6), 4, 2, 3, 2, 2, padding_mode="circular"),
    case("Conv3d", normal(2, 2, 5, 4, 6), 2, 4, 3),
    case("Conv3d", normal(2, 5, 4, 6), 2, 4, 3, padding=1),
    case("Conv3d", normal(2, 2, 5, 4, 6), 2, 4, (3, 2, 1), (2, 1, 3), (1, 0, 2), (1, 2, 1), 2, False),
    case("Conv3d", normal(2, 2, 5, 4, 6), None, 4, 2, padding="valid", sizes={"in_channels": 2}),
    case("Conv3d", normal(2, 2, 5, 4, 6), 2, 2, (2, 3, 4), padding="same", dilation=(2, 1, 1)),
    *[case("Conv3d", normal(1, 2, 5, 4, 6), 2, 2, 3, padding=(2, 1, 0), padding_mode=mode) for mode in PADDING_MODES],
    *[case("Conv3d", normal(1, 2, 5, 4, 6), 2, 2, (3, 2, 3), padding="same", padding_mode=m) for m in PADDING_MODES],
    case("Conv3d", normal(1, 2, 5, 4, 6), in_channels=2, out_channels=4, kernel_size=2, stride=2, groups=2, bias=False),
    case("Conv3d", normal(1, 2, 5, 4, 6), 2, 2, 3, dilation=1, padding_mode="replicate", padding="valid"),
]
