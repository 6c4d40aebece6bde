"""Calls of functions: embedding."""

from conformance_tests.parity.calls.recipes import call, ints, normal

__all__ = ["CALLS", "REFUSED"]

CALLS = [
    call("embedding", ints(5, 2, 7), normal(5, 3)),
    call("embedding", ints(5, 2, 7), normal(5, 3), padding_idx=-2),
    call("embedding", ints(5, 2, 7), normal(5, 3), 1, scale_grad_by_freq=True),
    call("embedding", ints(5, 2, 7), normal(5, 3), sparse=True),
    call("one_hot", ints(5, 2, 3), 5),
    call("one_hot", ints(5, 2, 3), num_classes=7),
    call("one_hot", ints(5, 2, 3)),
]

REFUSED = [
    call("one_hot", normal(3)),
]
