"""Cases of normalisation."""

from conformance_tests.parity.cases.recipes import case, normal, wide

__all__ = ["CASES"]

BATCH_NORM_INPUTS = (
    ("BatchNorm1d", normal(4, 3)),
    ("BatchNorm1d", normal(4, 3, 5)),
    ("BatchNorm2d", normal(2, 3, 4, 5)),
    ("BatchNorm3d", normal(2, 3, 2, 3, 2)),
)

CASES = [
    *[case(layer, x, 3) for layer, x in BATCH_NORM_INPUTS],
    *[case(layer, x, None, sizes={"num_features": 3}) for layer, x in BATCH_NORM_INPUTS],
    *[case(layer, x, 3, eps=0.1) for layer, x in BATCH_NORM_INPUTS],
    *[case(layer, x, 3, momentum=0.7) for layer, x in BATCH_NORM_INPUTS[1:]],
    *[case(layer, x, 3, momentum=None) for layer, x in BATCH_NORM_INPUTS],
    *[case(layer, x, 3, affine=False) for layer, x in BATCH_NORM_INPUTS],
    *[case(layer, x, 3, bias=False) for layer, x in BATCH_NORM_INPUTS],
    *[case(layer, x, 3, track_running_stats=False) for layer, x in BATCH_NORM_INPUTS],
    case("BatchNorm2d", normal(2, 3, 4, 5), 3, 1e-3, None, False, False),
    case("BatchNorm2d", normal(2, 3, 4, 5), 3, momentum=0.0),
    case("BatchNorm2d", normal(2, 3, 4, 5), 3, momentum=1, bias=False, affine=True),
    case("BatchNorm2d", normal(2, 3, 4, 5), 3, affine=False, bias=False),
    case("BatchNorm1d", wide(8, 3), num_features=3, affine=False, momentum=None),
    case("LayerNorm", normal(3, 4), 4),
    case("LayerNorm", normal(4), 4),
    case("LayerNorm", normal(2, 3, 4), (3, 4)),
    case("LayerNorm", normal(2, 3, 4), [2, 3, 4]),
    case("LayerNorm", normal(2, 3, 4), 4, eps=0.1),
    case("LayerNorm", normal(2, 3, 4), 4, elementwise_affine=False),
    case("LayerNorm", normal(2, 3, 4), (3, 4), bias=False),
    case("LayerNorm", normal(2, 3, 4), 4, 1e-3, False, False),
    case("LayerNorm", wide(3, 16), 16),
    case("LayerNorm", normal(0, 4), 4),
    case("LayerNorm", normal(2, 3, 4), None, sizes={"normalized_shape": 4}),
    case("SyncBatchNorm", normal(4, 3), 3),
    case("SyncBatchNorm", normal(4, 3, 2, 2, 2, 2), None, sizes={"num_features": 3}),
    case("SyncBatchNorm", normal(4, 3, 2), 3, 1e-3, None),
    case("SyncBatchNorm", normal(4, 3, 2), 3, affine=False, track_running_stats=False),
    case("SyncBatchNorm", normal(4, 3, 2), 3, bias=False, process_group="all", momentum=0.3),
]
