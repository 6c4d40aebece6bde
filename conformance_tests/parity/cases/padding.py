"""Cases of padding."""

from conformance_tests.parity.cases.recipes import case, normal

__all__ = ["CASES"]

INPUTS = {1: ((2, 3, 5), (3, 5)), 2: ((2, 3, 4, 5), (3, 4, 5)), 3: ((1, 2, 3, 4, 5), (2, 3, 4, 5))}
WIDTHS = {1: (2, 1), 2: (1, 2, 0, 1), 3: (1, 2, 0, 1, 2, 0)}
KINDS = ("ReflectionPad", "ReplicationPad", "CircularPad", "ZeroPad")

CASES = [
    *[
        case(f"{kind}{n}d", normal(*shape), widths)
        for kind in KINDS
        for n, shapes in INPUTS.items()
        for shape, widths in zip(shapes, (1, WIDTHS[n]), strict=True)
    ],
    *[
        case(f"ConstantPad{n}d", normal(*shape), widths, 2.5)
        for n, shapes in INPUTS.items()
        for shape, widths in zip(shapes, (1, WIDTHS[n]), strict=True)
    ],
    case("ZeroPad2d", normal(2, 3, 4, 5), (-1, 2, 1, -2)),
    case("ReplicationPad1d", normal(2, 3, 5), (-2, 3)),
    case("ReflectionPad2d", normal(2, 3, 4, 5), (-1, 2, 1, -1)),
    case("ConstantPad1d", normal(5), padding=(0, 2), value=-1),
]
