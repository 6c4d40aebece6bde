"""Calls of functions: activation."""

from conformance_tests.parity.calls.recipes import EXTREMES, INF, VALUES, call, fixed, normal

__all__ = ["CALLS", "REFUSED"]

CALLS = [
    *[call(name, VALUES) for name in ("relu", "sigmoid", "silu", "softplus", "tanh", "gelu")],
    *[call(name, normal(3, 4)) for name in ("relu", "sigmoid", "silu", "softplus", "tanh", "gelu")],
    call("gelu", VALUES, approximate="tanh"),
    call("gelu", normal(3, 4), approximate="tanh"),
    call("relu", normal(3, 4), inplace=True),
    call("silu", normal(3, 4), inplace=True),
    call("softplus", VALUES, 2.0),
    call("softplus", VALUES, beta=0.5, threshold=3),
    *[
        call(name, x, dim)
        for name in ("softmax", "log_softmax")
        for x, dim in ((EXTREMES, -1), (normal(2, 3, 4), 1), (normal(2, 3, 4), -3), (fixed([-INF] * 3, [1, 2, INF]), 1))
    ],
    *[call(name, normal(2, 3, 4)) for name in ("softmax", "log_softmax")],
]

REFUSED = [
    call("gelu", normal(3), approximate="exact"),
    call("softmax", normal(3, 4), 2),
]
