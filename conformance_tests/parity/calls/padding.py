"""Calls of functions: padding."""

from conformance_tests.parity.calls.recipes import INF, call, normal

__all__ = ["CALLS", "REFUSED"]

CALLS = [
    *[
        call("pad", normal(*shape), widths, mode)
        for mode in ("constant", "reflect", "replicate", "circular")
        for shape, widths in (
            ((2, 4), (1, 2)),
            ((2, 3, 4), (3, 0)),
            ((2, 3, 4), (-1, -2)),
            ((2, 3, 4), (0, 2, 1, 1)),
            ((1, 2, 3, 4), (-1, -1, 0, 1)),
            ((2, 2, 3, 2), (1, 1, 2, 0, 0, 1)),
            ((1, 2, 2, 3, 2), (1, 0, -1, 0, 0, 1)),
        )
    ],
    *[call("pad", normal(2, 3, 4), (1, -2, -1, 2), mode) for mode in ("constant", "reflect", "replicate")],
    call("pad", normal(2, 3, 4), (1, 2, 0, 1, 3, 0), value=1.5),
    call("pad", normal(2, 3, 4), (-3, 0), value=-INF),
    call("pad", normal(2, 3), ()),
]

REFUSED = [
    call("pad", normal(2, 3), (1,)),
    call("pad", normal(2, 3), (1, 1), "mirror"),
    call("pad", normal(2, 3), (1, 1), "reflect", 2.0),
    call("pad", normal(2, 3), (3, 0), "reflect"),
    call("pad", normal(2, 3), (4, 0), "circular"),
    call("pad", normal(2, 3), (-2, -2)),
    call("pad", normal(3), (1, 1), "replicate"),
]
