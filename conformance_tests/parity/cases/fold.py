"""Cases of sliding windows, and of channels moved to pixels and back."""

from conformance_tests.parity.cases.recipes import case, normal

__all__ = ["CASES"]

CASES = [
    case("Unfold", normal(2, 3, 5, 4), 2),
    case("Unfold", normal(3, 5, 4), (2, 3), (2, 1), (1, 0), (1, 2)),
    case("Unfold", normal(2, 3, 5, 4), kernel_size=3, stride=2, padding=1, dilation=1),
    case("Fold", normal(2, 12, 12), (5, 4), 2),
    case("Fold", normal(12, 9), 4, 2),
    case("Fold", normal(2, 18, 5), (5, 4), (2, 3), (2, 1), (1, 0), (1, 2)),
    case("Fold", normal(1, 8, 9), output_size=(4, 5), kernel_size=2, stride=2, padding=(1, 1), dilation=1),
    case("PixelShuffle", normal(2, 8, 3, 2), 2),
    case("PixelShuffle", normal(9, 1, 2), 3),
    case("PixelUnshuffle", normal(2, 3, 4, 6), 2),
    case("PixelUnshuffle", normal(1, 2, 3, 6), downscale_factor=3),
    case("ChannelShuffle", normal(2, 6, 2, 3), 3),
    case("ChannelShuffle", normal(2, 4, 3), groups=2),
]
