"""Calls of functions: activation."""

from conformance_tests.parity.calls.recipes import EXTREMES, INF, VALUES, call, classes, fixed, normal

__all__ = ["CALLS", "REFUSED"]

SIMPLE = [
    "relu6",
    "leaky_relu",
    "elu",
    "selu",
    "celu",
    "mish",
    "hardsigmoid",
    "hardswish",
    "hardtanh",
    "hardshrink",
    "softshrink",
    "softsign",
    "tanhshrink",
    "logsigmoid",
    "rrelu",
]
NAN = float("nan")
EXPONENTIAL = "celu elu gelu logsigmoid mish selu silu softplus"
PIECEWISE = "hardshrink hardsigmoid hardswish leaky_relu rrelu softshrink"
BORDERS = fixed(-6, -3, -1, -0.5, 0, 0.5, 1, 3, 6)

CALLS = [
    *[call(name, x) for name in SIMPLE for x in (VALUES, BORDERS)],
    call("leaky_relu", VALUES, -0.5),
    call("prelu", normal(2, 3, 4), normal(3)),
    call("prelu", BORDERS, normal(1)),
    call("elu", VALUES, 0.5),
    call("celu", VALUES, 0.5),
    call("hardtanh", BORDERS, -3.0, 6.0),
    call("hardshrink", BORDERS, 3),
    call("softshrink", BORDERS, 1),
    call("threshold", BORDERS, 0.5, 7.0),
    call("rrelu", BORDERS, 0.2, 0.4),
    call("glu", normal(4, 6)),
    call("glu", normal(4, 6), 0),
    call("softmin", EXTREMES, -1),
    call("softmin", normal(2, 3, 4)),
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
    call("hardswish", fixed(NAN, -INF, INF, -3.0, 3.0)),
    *[
        call(name, fixed(NAN, -INF, INF))
        for name in ("sigmoid", "tanh", "tanhshrink", "relu6", "hardtanh", "elu", "silu")
    ],
    *[call(name, fixed(0.7), 0) for name in ("softmax", "log_softmax", "softmin")],
    *[call(name, normal(), dim) for name in ("softmax", "log_softmax", "softmin") for dim in (0, -1)],
    *[
        call(name, classes(-300, -2, 0, 1, 5))
        for name in ("sigmoid", "tanh", "tanhshrink", "softsign", "relu", "relu6", "hardtanh")
    ],
]

REFUSED = [
    call("prelu", normal(2, 3), normal(2)),
    call("prelu", normal(2, 3), normal(1, 3)),
    call("glu", normal(3)),
    call("softshrink", normal(3), -1.0),
    call("celu", normal(3), 0.0),
    call("gelu", normal(3), approximate="exact"),
    call("softmax", normal(3, 4), 2),
    call("softmax", normal(), 1),
    *[call(name, classes(1, 2)) for name in f"{EXPONENTIAL} {PIECEWISE}".split()],
    *[call(name, classes(1, 2), 0) for name in ("softmax", "log_softmax", "softmin", "glu")],
    call("prelu", classes(1, 2), normal(1)),
    call("normalize", classes(1, 2), 2.0, 0),
]
