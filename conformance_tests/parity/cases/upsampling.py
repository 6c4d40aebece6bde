"""Cases of layers that resize."""

from conformance_tests.parity.cases.recipes import case, normal

__all__ = ["CASES"]

LINE, IMAGE, VOLUME = normal(2, 3, 5), normal(2, 3, 5, 4), normal(2, 3, 2, 3, 4)
NEAREST = ("nearest", "nearest-exact")
LINEAR = (("linear", LINE), ("bilinear", IMAGE), ("trilinear", VOLUME), ("bicubic", IMAGE))

CASES = [
    *[
        case("Upsample", x, 7, mode=mode)
        for mode in ("nearest", "nearest-exact", "area")
        for x in (LINE, IMAGE, VOLUME)
    ],
    *[case("Upsample", x, scale_factor=1.7, mode=mode) for mode in NEAREST for x in (LINE, IMAGE)],
    *[case("Upsample", x, scale_factor=2, mode=mode) for mode, x in LINEAR],
    *[case("Upsample", x, scale_factor=1.6, mode=mode, align_corners=True) for mode, x in LINEAR],
    case("Upsample", IMAGE, (3, 9), mode="bilinear", align_corners=False),
    case("Upsample", IMAGE, (3, 9), mode="bicubic", align_corners=True),
    case("Upsample", IMAGE, scale_factor=(1.3, 0.6), mode="bilinear", recompute_scale_factor=True),
    case("Upsample", IMAGE, scale_factor=(0.5, 2.4), mode="area"),
    case("UpsamplingNearest2d", IMAGE, (7, 3)),
    case("UpsamplingNearest2d", IMAGE, scale_factor=2),
    case("UpsamplingBilinear2d", IMAGE, (7, 3)),
    case("UpsamplingBilinear2d", IMAGE, scale_factor=(2.0, 1.5)),
]
