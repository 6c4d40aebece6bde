"""Calls of functions: linear."""

from conformance_tests.parity.calls.recipes import call, normal

__all__ = ["CALLS", "REFUSED"]

CALLS = [
    call("linear", normal(2, 3, 4), normal(5, 4)),
    call("linear", normal(3, 4), normal(5, 4), normal(5)),
    call("linear", normal(3, 4), normal(4)),
    call("bilinear", normal(2, 3, 4), normal(2, 3, 5), normal(2, 4, 5)),
    call("bilinear", normal(3, 4), normal(3, 5), normal(2, 4, 5), bias=normal(2)),
]

REFUSED = [
    call("linear", normal(3, 4), normal(5, 3)),
    call("bilinear", normal(3, 4), normal(1, 5), normal(2, 4, 5)),
]
