"""Calls of functions: dropout."""

from conformance_tests.parity.calls.recipes import call, normal

__all__ = ["CALLS", "REFUSED"]

CALLS = [
    *[call(name, normal(2, 3, 4), 0.5, False) for name in ("dropout1d", "alpha_dropout", "feature_alpha_dropout")],
    call("dropout2d", normal(2, 3, 4, 2), 0.5, False),
    call("dropout3d", normal(2, 3, 4, 2, 2), training=False),
    call("dropout", normal(3, 4), 0.5, False),
    call("dropout", normal(3, 4), 0.0, inplace=True),
]

REFUSED = [
    call("dropout1d", normal(3)),
    call("dropout3d", normal(3, 2), 1.5),
    call("alpha_dropout", normal(3), -0.5),
    call("feature_alpha_dropout", normal(3), training=True),
    call("dropout", normal(3), -0.1),
    call("dropout", normal(3), 1.1),
]
