"""Cases of transposed convolutions."""

from conformance_tests.parity.cases.recipes import case, normal

__all__ = ["CASES"]

LINE, IMAGE, VOLUME = normal(2, 4, 5), normal(2, 4, 5, 4), normal(1, 2, 3, 2, 4)

CASES = [
    case("ConvTranspose1d", LINE, 4, 6, 3),
    case("ConvTranspose1d", normal(4, 5), None, 6, 3, sizes={"in_channels": 4}),
    case("ConvTranspose1d", LINE, 4, 6, 3, 2, 1, 1, 2, False, 2),
    case("ConvTranspose1d", LINE, 4, 6, (3,), stride=(3,), padding=(2,), output_padding=(2,), groups=2),
    case("ConvTranspose1d", LINE, 4, 4, 2, padding=3, dilation=2, groups=4),
    case("ConvTranspose1d", LINE, 4, 2, 3, stride=3, named={"output_size": [17]}),
    case("ConvTranspose1d", normal(4, 5), 4, 2, 3, stride=3, named={"output_size": (2, 16)}),
    case("ConvTranspose1d", LINE, in_channels=4, out_channels=2, kernel_size=1, bias=False),
    case("ConvTranspose2d", IMAGE, 4, 6, 3),
    case("ConvTranspose2d", normal(4, 5, 4), None, 3, 2, stride=2, sizes={"in_channels": 4}),
    case("ConvTranspose2d", IMAGE, 4, 6, (3, 2), (2, 1), (1, 0), (1, 0), 2, False, (1, 2)),
    case("ConvTranspose2d", IMAGE, 4, 2, 3, stride=2, padding=1, named={"output_size": (2, 2, 10, 8)}),
    case("ConvTranspose2d", IMAGE, 4, 2, 3, 2, output_padding=1, dilation=3, groups=2, padding=2),
    case("ConvTranspose3d", VOLUME, 2, 4, 2),
    case("ConvTranspose3d", normal(2, 3, 2, 4), None, 2, 2, stride=2, sizes={"in_channels": 2}),
    case("ConvTranspose3d", VOLUME, 2, 4, (2, 1, 3), (2, 1, 3), (1, 0, 2), (1, 0, 2), 2, False, (1, 2, 1)),
    case("ConvTranspose3d", VOLUME, 2, 2, 2, stride=2, named={"output_size": (7, 5, 8)}),
]
