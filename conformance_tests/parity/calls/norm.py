"""Calls of functions: norm."""

from conformance_tests.parity.calls.recipes import IMAGES, WEIGHT, call, held, normal, probabilities

__all__ = ["CALLS", "REFUSED"]

CALLS = [
    call("batch_norm", normal(4, 3), held(normal(3)), held(probabilities(3))),
    call("batch_norm", normal(4, 3, 2), held(normal(3)), WEIGHT, normal(3), normal(3), False, 0.1, 0.2),
    call("batch_norm", IMAGES, None, None, normal(3), normal(3), training=True),
    call("batch_norm", IMAGES, None, None, training=True, eps=0.1),
    call("layer_norm", normal(2, 3, 4), (4,)),
    call("layer_norm", normal(2, 3, 4), [3, 4], normal(3, 4), normal(3, 4), 0.1),
    call("layer_norm", normal(2, 3, 4), (3, 4), weight=normal(3, 4)),
]

REFUSED = [
    call("batch_norm", normal(1, 3), None, None, training=True),
    call("batch_norm", normal(4, 3), None, None),
    call("batch_norm", normal(4, 3), normal(3), probabilities(3), eps=-1.0),
    call("batch_norm", normal(4), normal(4), probabilities(4)),
    call("layer_norm", normal(2, 3, 4), (3,)),
    call("layer_norm", normal(2, 3, 4), (4,), normal(1)),
]
