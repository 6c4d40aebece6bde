"""Calls of functions: sliding windows, and channels moved to pixels and back."""

from conformance_tests.parity.calls.recipes import INF, call, fixed, normal

__all__ = ["CALLS", "REFUSED"]

CALLS = [
    call("unfold", normal(2, 3, 5, 4), (2, 3), 1, 1, 2),
    call("unfold", fixed([[[INF, 1.0, 2.0], [3.0, -INF, 4.0]]]), 2),
    call("fold", normal(2, 12, 12), (5, 4), 2),
    call("pixel_shuffle", normal(2, 2, 8, 3, 2), 2),
    call("pixel_unshuffle", normal(2, 4, 6), 2),
    call("channel_shuffle", normal(2, 6, 2, 3), 2),
]

REFUSED = [
    call("unfold", normal(2, 3), 2),
    call("unfold", normal(1, 3, 2, 2), 3),
    call("unfold", normal(1, 3, 2, 2), 2, stride=0),
    call("fold", normal(2, 12, 11), (5, 4), 2),
    call("fold", normal(2, 11, 12), (5, 4), 2),
    call("pixel_shuffle", normal(2, 7, 3, 2), 2),
    call("pixel_shuffle", normal(3, 2), 2),
    call("pixel_unshuffle", normal(2, 3, 6), 2),
    call("channel_shuffle", normal(2, 6, 2, 3), 4),
]
