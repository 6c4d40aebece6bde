"""Cases of `torch.nn`'s names for layers that take their size from the first input."""

from conformance_tests.parity.cases.recipes import case, normal

__all__ = ["CASES"]

INPUTS = {1: normal(2, 4, 6), 2: normal(2, 4, 5, 6), 3: normal(2, 4, 3, 4, 3)}

CASES = [
    case("LazyLinear", normal(3, 4), 5, False, sizes={"in_features": 4}),
    *[
        case(f"LazyConv{n}d", x, 6, 3, 2, 1, 1, 2, False, "circular", sizes={"in_channels": 4})
        for n, x in INPUTS.items()
    ],
    *[case(f"LazyConv{n}d", x, 2, 2, dilation=2, sizes={"in_channels": 4}) for n, x in INPUTS.items()],
    *[
        case(f"LazyConvTranspose{n}d", x, 6, 3, 2, 1, 1, 2, False, 2, "zeros", sizes={"in_channels": 4})
        for n, x in INPUTS.items()
    ],
    *[case(f"LazyBatchNorm{n}d", x, 0.1, 0.3, bias=False, sizes={"num_features": 4}) for n, x in INPUTS.items()],
    *[case(f"LazyBatchNorm{n}d", x, 0.1, None, False, False, sizes={"num_features": 4}) for n, x in INPUTS.items()],
]
