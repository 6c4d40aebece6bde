"""Calls of functions: resizing."""

import itertools

from conformance_tests.parity.calls.recipes import INF, call, fixed, normal

__all__ = ["CALLS", "REFUSED"]

LINE, IMAGE, VOLUME = normal(2, 3, 5), normal(2, 3, 5, 4), normal(2, 3, 2, 3, 4)
NEAREST = ("nearest", "nearest-exact")
LINEAR = (("linear", LINE), ("bilinear", IMAGE), ("trilinear", VOLUME), ("bicubic", IMAGE))
EDGE = fixed([[INF, 1.0, 2.0, -INF, 5.0, 6.0]])

CALLS = [
    *[
        call("interpolate", LINE, size, mode=mode)
        for mode in ("nearest", "nearest-exact", "area")
        for size in (1, 5, 13)
    ],
    *[
        call("interpolate", LINE, scale_factor=factor, mode=mode)
        for mode in NEAREST
        for factor in (0.3, 0.7, 1.0, 1.3, 2.6)
    ],
    *[
        call("interpolate", x, scale_factor=factor, mode=mode, align_corners=corners)
        for (mode, x), factor, corners in itertools.product(LINEAR, (0.6, 1.0, 1.7), (False, True))
    ],
    *[call("interpolate", x, 1, mode=mode, align_corners=True) for mode, x in LINEAR],
    call("interpolate", IMAGE, scale_factor=(1.7, 0.7), mode="bilinear", recompute_scale_factor=True),
    *[
        call("interpolate", normal(1, 2, 9, 8), size, mode=mode, align_corners=corners, antialias=True)
        for mode, corners in (("bilinear", False), ("bilinear", True), ("bicubic", False), ("bicubic", True))
        for size in ((4, 3), (12, 2))
    ],
    call("interpolate", normal(1, 2, 9, 8), (4, 11), mode="lanczos", antialias=True),
    call("interpolate", normal(1, 2, 9, 8), None, (0.4, 1.3), mode="bilinear", antialias=True),
    call("interpolate", EDGE, 3, mode="nearest"),
]

REFUSED = [
    call("interpolate", IMAGE),
    call("interpolate", IMAGE, 3, 2.0),
    call("interpolate", IMAGE, (3, 3, 3)),
    call("interpolate", IMAGE, None, (3.0,)),
    call("interpolate", IMAGE, 2.5),
    call("interpolate", IMAGE, 0),
    call("interpolate", IMAGE, 3, mode="linear"),
    call("interpolate", normal(3, 4), 3),
    call("interpolate", IMAGE, 3, mode="cubic"),
    call("interpolate", IMAGE, 3, align_corners=True),
    call("interpolate", IMAGE, 3, antialias=True),
    call("interpolate", IMAGE, 3, mode="lanczos"),
    call("interpolate", IMAGE, 3, mode="lanczos", align_corners=True, antialias=True),
    call("interpolate", IMAGE, 3, mode="bilinear", recompute_scale_factor=True),
]
