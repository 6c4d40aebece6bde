"""Cases of normalisation within a sample."""

from conformance_tests.parity.cases.recipes import case, normal, wide

__all__ = ["CASES"]

INPUTS = {1: (normal(2, 4, 5), normal(4, 5)), 2: (normal(2, 4, 3, 2), normal(4, 3, 2))}
INPUTS[3] = (normal(2, 4, 2, 3, 2), normal(4, 2, 3, 2))

CASES = [
    case("GroupNorm", normal(2, 6, 5), 3, 6),
    case("GroupNorm", normal(2, 6), 2, None, sizes={"num_channels": 6}),
    case("GroupNorm", normal(2, 6, 3, 2), 6, 6, eps=0.1, bias=False),
    case("GroupNorm", wide(2, 4, 9), 1, 4, 1e-3, False),
    case("RMSNorm", normal(2, 3, 4), 4),
    case("RMSNorm", normal(2, 3, 4), (3, 4), 0.1),
    case("RMSNorm", normal(2, 3, 4), [4], None, False),
    case("RMSNorm", wide(3, 16), None, sizes={"normalized_shape": 16}),
    case("RMSNorm", normal(2, 3, 4), 4, eps=0.5, elementwise_affine=False),
    case("LocalResponseNorm", normal(2, 5, 3), 2),
    case("LocalResponseNorm", normal(2, 5, 3, 2), 3, 0.1, 0.5, 2.0),
    case("LocalResponseNorm", normal(1, 5, 2, 3, 2), size=4, alpha=1.0, beta=2, k=0.5),
    *[case(f"InstanceNorm{n}d", x, 4, 0.1, 0.4, True, True) for n, inputs in INPUTS.items() for x in inputs],
    *[case(f"InstanceNorm{n}d", x, None, sizes={"num_features": 4}) for n, (x, _) in INPUTS.items()],
    *[case(f"InstanceNorm{n}d", x, 4) for n, inputs in INPUTS.items() for x in inputs],
    *[case(f"InstanceNorm{n}d", x, 4, affine=True, bias=False) for n, (x, _) in INPUTS.items()],
    *[case(f"LazyInstanceNorm{n}d", x, 0.1, 0.3, True, sizes={"num_features": 4}) for n, (x, _) in INPUTS.items()],
    *[
        case(f"LazyInstanceNorm{n}d", x, track_running_stats=False, affine=False, bias=False, sizes={"num_features": 4})
        for n, (_, x) in INPUTS.items()
    ],
    *[case("CrossMapLRN2d", normal(2, 7, 2, 2), size) for size in (2, 3, 4, 5)],
    case("CrossMapLRN2d", normal(2, 7, 2, 3), 3, 0.5, 0.6, 2.0),
    case("CrossMapLRN2d", normal(2, 2, 2, 3), 5, 0.5),
]
