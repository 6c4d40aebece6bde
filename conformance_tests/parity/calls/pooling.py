"""Calls of functions: pooling."""

from conformance_tests.parity.calls.recipes import IMAGES, INF, call, fixed, held, ints, normal, steps

__all__ = ["CALLS", "REFUSED"]

CALLS = [
    call("max_pool2d", IMAGES, 2),
    call("max_pool2d", steps(2, 3, 6, 5), (3, 2), (1, 2), (1, 0)),
    call("max_pool2d", steps(2, 3, 6, 5), 2, 1, 1, 2, True, return_indices=True),
    call("max_pool2d", fixed([[-INF] * 4] * 5), 3, 2, 1, 2, return_indices=True),
    call("max_pool2d", fixed([[-INF] * 4] * 5), 3, 1, 1, return_indices=True),
    call("avg_pool2d", IMAGES, 2),
    call("avg_pool2d", IMAGES, (3, 2), (1, 2), (1, 0), True, False),
    call("avg_pool2d", IMAGES, 3, 2, padding=1, divisor_override=-2),
    call("adaptive_avg_pool2d", IMAGES, 4),
    call("adaptive_avg_pool2d", IMAGES, (None, 2)),
    call("adaptive_avg_pool2d", held(IMAGES), 0),
]

REFUSED = [
    call("max_pool2d", normal(6, 5), 2),
    call("max_pool2d", IMAGES, 2, padding=2),
    call("max_pool2d", IMAGES, 2, 0),
    call("max_pool2d", IMAGES, 7),
    call("avg_pool2d", IMAGES, 2, divisor_override=0),
    call("avg_pool2d", normal(2, 0, 4, 4), 2),
    call("adaptive_avg_pool2d", IMAGES, -1),
    call("adaptive_avg_pool2d", IMAGES, (1, 2, 3)),
    call("adaptive_avg_pool2d", ints(4, 1, 4, 4), 2),
]
