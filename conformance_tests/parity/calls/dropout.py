"""Calls of functions: dropout."""

from conformance_tests.parity.calls.recipes import call, normal

__all__ = ["CALLS", "REFUSED"]

CALLS = [
    call("dropout", normal(3, 4), 0.5, False),
    call("dropout", normal(3, 4), 0.0, inplace=True),
]

REFUSED = [
    call("dropout", normal(3), -0.1),
    call("dropout", normal(3), 1.1),
]
