"""Cases of dropout."""

from conformance_tests.parity.cases.recipes import case, normal

__all__ = ["CASES"]

SHAPES = {
    "Dropout1d": ((3, 4, 5), (4, 5)),
    "Dropout2d": ((3, 4, 2, 3),),
    "Dropout3d": ((3, 4, 2, 2, 2), (4, 2, 3, 2)),
    "AlphaDropout": ((3, 4, 5), (6,)),
    "FeatureAlphaDropout": ((3, 4, 5), (3, 4)),
}

CASES = [
    *[case(layer, normal(*shape)) for layer, shapes in SHAPES.items() for shape in shapes],
    *[case(layer, normal(*shapes[0]), 0.2, inplace=True) for layer, shapes in SHAPES.items()],
    *[case(layer, normal(*shapes[0]), p=1.0) for layer, shapes in SHAPES.items()],
    *[case(layer, normal(*shapes[0]), 0, True) for layer, shapes in SHAPES.items()],
    case("Dropout", normal(40, 50)),
    case("Dropout", normal(40, 50), 0),
    case("Dropout", normal(40, 50), 0.0),
    case("Dropout", normal(40, 50), 0.1),
    case("Dropout", normal(2, 20, 50), p=0.9),
    case("Dropout", normal(40, 50), 1),
    case("Dropout", normal(40, 50), 1.0),
    case("Dropout", normal(40, 50), 0.5, inplace=True),
    case("Dropout", normal(40, 50), 0, True),
    case("Dropout", normal(40, 50), 1.0, True),
]
