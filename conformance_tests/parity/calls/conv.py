"""Calls of functions: conv."""

from conformance_tests.parity.calls.recipes import IMAGES, call, normal

__all__ = ["CALLS", "REFUSED"]

CALLS = [
    call("conv1d", normal(2, 4, 9), normal(6, 2, 3), normal(6), 2, 1, 2, 2),
    call("conv1d", normal(4, 9), normal(6, 4, 4), padding="same"),
    call("conv2d", IMAGES, normal(2, 3, 3, 2), None, (2, 1), (1, 0), (1, 2)),
    call("conv2d", normal(3, 6, 5), normal(2, 3, 3, 2), padding="valid"),
    call("conv3d", normal(1, 2, 4, 3, 5), normal(4, 1, 2, 3, 2), normal(4), padding=(1, 0, 2), groups=2),
    call("conv3d", normal(2, 4, 3, 5), normal(4, 2, 2, 3, 2), padding="same"),
]

REFUSED = [
    call("conv1d", normal(2, 4, 9), normal(6, 3, 3)),
    call("conv2d", normal(3, 6), normal(2, 3, 3, 2)),
    call("conv2d", IMAGES, normal(2, 3, 3, 3), padding="same", stride=2),
    call("conv2d", IMAGES, normal(2, 3, 3, 3), padding="full"),
    call("conv2d", IMAGES, normal(2, 3, 3, 3), padding=-1),
    call("conv2d", IMAGES, normal(2, 3, 7, 3)),
    call("conv2d", IMAGES, normal(2, 3, 3, 3), dilation=0),
    call("conv3d", normal(1, 2, 4, 3, 5), normal(4, 1, 2, 3, 2), groups=3),
]
