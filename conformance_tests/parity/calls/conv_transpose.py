"""Calls of functions: transposed convolutions."""

from conformance_tests.parity.calls.recipes import call, normal

__all__ = ["CALLS", "REFUSED"]

CALLS = [
    call("conv_transpose1d", normal(2, 4, 5), normal(4, 3, 3), normal(6), 2, 1, 1, 2, 2),
    call("conv_transpose1d", normal(4, 5), normal(4, 3, 2)),
    call("conv_transpose2d", normal(2, 4, 3, 4), normal(4, 2, 3, 2), None, (2, 1), (1, 0), (1, 0)),
    call("conv_transpose3d", normal(1, 2, 2, 3, 2), normal(2, 2, 2, 1, 2), normal(2), stride=2),
]

REFUSED = [
    call("conv_transpose1d", normal(2, 3, 5), normal(4, 3, 3)),
    call("conv_transpose1d", normal(5), normal(4, 3, 3)),
    call("conv_transpose1d", normal(2, 4, 5), normal(4, 3, 3), output_padding=1),
    call("conv_transpose1d", normal(2, 4, 5), normal(4, 3, 3), stride=0),
    call("conv_transpose2d", normal(2, 4, 1, 1), normal(4, 2, 2, 2), padding=2),
    call("conv_transpose2d", normal(2, 4, 3, 3), normal(4, 2, 2, 2), groups=3),
]
