"""Cases of activations."""

from conformance_tests.parity.cases.recipes import case, fixed, normal, steps, wide

__all__ = ["CASES"]

# Where the pieces of activations meet.
BORDERS = fixed([-6.0, -3.0, -1.0, -0.5, 0.0, 0.5, 1.0, 3.0, 6.0])
PLAIN = [
    "ReLU6",
    "LeakyReLU",
    "PReLU",
    "ELU",
    "SELU",
    "CELU",
    "Mish",
    "SiLU",
    "Hardsigmoid",
    "Hardswish",
    "Hardtanh",
    "Hardshrink",
    "Softshrink",
    "Softsign",
    "Tanhshrink",
    "LogSigmoid",
    "Softplus",
    "RReLU",
]

CASES = [
    *[case(layer, normal(3, 4)) for layer in PLAIN],
    *[case(layer, BORDERS) for layer in PLAIN],
    *[
        case(layer, normal(3, 4), inplace=True)
        for layer in ["ReLU6", "ELU", "SELU", "CELU", "Mish", "SiLU", "Hardsigmoid"]
    ],
    *[case(layer, normal(3, 4), inplace=True) for layer in ["LeakyReLU", "Hardswish", "Hardtanh", "RReLU"]],
    case("LeakyReLU", normal(3, 4), 0.3),
    case("PReLU", normal(3, 4), 4, 0.1),
    case("PReLU", normal(2, 3, 4, 2), num_parameters=3),
    case("PReLU", normal(4), 1, 2.0),
    case("ELU", normal(3, 4), 0.3),
    case("CELU", normal(3, 4), alpha=0.3),
    case("CELU", normal(3, 4), -2.0),
    case("Softplus", wide(8, 8)),
    case("Softplus", normal(3, 4), 3.0, 1.0),
    case("Softplus", normal(3, 4), beta=0.5, threshold=2),
    case("Mish", wide(8, 8)),
    case("SiLU", wide(8, 8)),
    case("LogSigmoid", wide(8, 8)),
    case("LogSoftmax", normal(3, 4), dim=1),
    case("LogSoftmax", wide(8, 8), -1),
    case("LogSoftmax", normal(2, 3, 4)),
    case("Softmin", normal(3, 4), dim=1),
    case("Softmin", normal(2, 3, 4)),
    case("Softmax2d", normal(2, 3, 4, 2)),
    case("Softmax2d", normal(3, 4, 2)),
    case("GLU", normal(3, 4)),
    case("GLU", normal(4, 3, 5), 0),
    case("Hardtanh", normal(3, 4), -0.3, 0.2),
    case("Hardtanh", normal(3, 4), min_value=-0.5, max_value=0.7),
    case("Hardshrink", normal(3, 4), 0.2),
    case("Softshrink", normal(3, 4), lambd=0.2),
    case("Threshold", normal(3, 4), 0.1, 5.0),
    case("Threshold", fixed([0.1, 0.5, -1.0]), 0.5, -2, inplace=True),
    case("RReLU", normal(3, 4), 0.5, 0.9),
    case("ReLU", normal(3, 4)),
    case("ReLU", steps(3, 4)),
    case("ReLU", normal(3, 4), inplace=True),
    case("GELU", normal(3, 4)),
    case("GELU", wide(8, 8)),
    case("GELU", normal(3, 4), approximate="tanh"),
    case("GELU", wide(8, 8), "tanh"),
    case("Tanh", normal(3, 4)),
    case("Tanh", wide(8, 8)),
    case("Sigmoid", normal(3, 4)),
    case("Sigmoid", wide(8, 8)),
    case("Softmax", normal(3, 4), dim=1),
    case("Softmax", normal(3, 4), 0),
    case("Softmax", normal(2, 3, 4), -2),
    case("Softmax", wide(8, 8), -1),
    *[case("Softmax", normal(*shape)) for shape in [(4,), (3, 4), (2, 3, 4), (2, 3, 4, 2)]],
]
