"""Every constructor option of every layer, one line a case.

`case(layer, inputs, *args, **kwargs)` is `unified.<layer>(*args, **kwargs)` called on `inputs`, which are recipes such
as `normal(2, 3)`: arrays that `make(recipe, rng)` draws. `sizes` says what each argument given as `None` stands for,
so that `torch.nn.<layer>`, which takes no `None`, can be constructed too.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

__all__ = ["CASES", "Case", "Recipe", "case", "ints", "make", "normal", "steps"]


class Recipe(NamedTuple):
    """How to draw an array: `draw(rng, shape)`."""

    name: str
    shape: tuple[int, ...]
    draw: Callable[[np.random.Generator, tuple[int, ...]], np.ndarray]

    def __repr__(self) -> str:
        return f"{self.name}({','.join(map(str, self.shape))})"


def normal(*shape: int) -> Recipe:
    """Standard normal float32 values."""
    return Recipe("normal", shape, lambda rng, shape: rng.standard_normal(shape).astype(np.float32))


def steps(*shape: int) -> Recipe:
    """float32 values from -2, -1, 0, 1 and 2, so that many are equal."""
    return Recipe("steps", shape, lambda rng, shape: rng.integers(-2, 3, shape).astype(np.float32))


def wide(*shape: int) -> Recipe:
    """float32 values from a thousandth to thousands in size."""
    return Recipe(
        "wide",
        shape,
        lambda rng, shape: (rng.standard_normal(shape) * 10.0 ** rng.integers(-3, 4, shape)).astype(np.float32),
    )


def ints(high: int, *shape: int) -> Recipe:
    """int32 values from 0 up to, not including, `high`."""
    return Recipe(f"ints{high}", shape, lambda rng, shape: rng.integers(0, high, shape).astype(np.int32))


def make(value: Any, rng: np.random.Generator) -> Any:
    """The array that a recipe stands for; anything else as it is."""
    return value.draw(rng, value.shape) if isinstance(value, Recipe) else value


class Case(NamedTuple):
    """A layer, its arguments and the recipes of its inputs."""

    layer: str
    inputs: tuple[Recipe, ...]
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    sizes: dict[str, Any]

    def __repr__(self) -> str:
        arguments = [str(value) for value in self.args] + [f"{name}={value}" for name, value in self.kwargs.items()]
        return f"{self.layer}({','.join(arguments)})-{'-'.join(map(str, self.inputs))}".replace(" ", "")


def case(layer: str, inputs: Recipe | tuple[Recipe, ...], *args: Any, sizes: Any = None, **kwargs: Any) -> Case:
    """One line of the table."""
    return Case(layer, (inputs,) if isinstance(inputs, Recipe) else inputs, args, kwargs, sizes or {})


PADDING_MODES = ("zeros", "reflect", "replicate", "circular")

LINEAR = [
    case("Linear", normal(3, 4), 4, 5),
    case("Linear", normal(4), 4, 5),
    case("Linear", normal(2, 3, 4), 4, 5, bias=False),
    case("Linear", normal(2, 3, 2, 4), 4, 1, True),
    case("Linear", normal(0, 4), 4, 5),
    case("Linear", wide(3, 4), 4, 5),
    case("Linear", normal(3, 4), None, 5, sizes={"in_features": 4}),
    case("Linear", normal(3, 4), in_features=4, out_features=2, bias=False),
    case("Bilinear", (normal(3, 4), normal(3, 2)), 4, 2, 5),
    case("Bilinear", (normal(4), normal(2)), 4, 2, 5),
    case("Bilinear", (normal(2, 3, 4), normal(2, 3, 2)), 4, 2, 5, bias=False),
    case("Bilinear", (normal(3, 4), normal(3, 2)), None, 2, 5, sizes={"in1_features": 4}),
    case("Bilinear", (normal(3, 4), normal(3, 2)), 4, None, 5, sizes={"in2_features": 2}),
    case("Bilinear", (normal(3, 4), normal(3, 2)), None, None, 5, sizes={"in1_features": 4, "in2_features": 2}),
]

CONV = [
    case("Conv1d", normal(2, 4, 9), 4, 6, 3),
    case("Conv1d", normal(4, 9), 4, 6, 3, padding=1),
    case("Conv1d", normal(2, 4, 9), 4, 6, (3,), stride=(2,), padding=(2,), dilation=(2,)),
    case("Conv1d", normal(2, 4, 9), 4, 6, 3, 2, 1, 1, 2, False),
    case("Conv1d", normal(2, 4, 9), None, 6, 3, sizes={"in_channels": 4}),
    case("Conv1d", normal(4, 9), None, 6, 3, padding="valid", sizes={"in_channels": 4}),
    case("Conv1d", normal(2, 4, 9), 4, 6, 4, padding="same", dilation=2),
    case("Conv1d", normal(2, 4, 9), 4, 4, 3, groups=4),
    *[case("Conv1d", normal(2, 4, 9), 4, 2, 3, padding=2, padding_mode=mode) for mode in PADDING_MODES],
    *[case("Conv1d", normal(2, 4, 9), 4, 2, 4, padding="same", padding_mode=mode) for mode in PADDING_MODES],
    *[case("Conv1d", normal(2, 4, 9), 4, 2, 3, padding="valid", padding_mode=mode) for mode in PADDING_MODES],
    case("Conv2d", normal(2, 4, 7, 6), 4, 6, 3),
    case("Conv2d", normal(4, 7, 6), 4, 6, 3, padding=1),
    case("Conv2d", normal(2, 4, 7, 6), 4, 6, (3, 2), stride=(2, 1), padding=(1, 0), dilation=(1, 2), groups=2),
    case("Conv2d", normal(2, 4, 7, 6), 4, 6, 3, 2, 1, 1, 1, False, "reflect"),
    case("Conv2d", normal(0, 4, 7, 6), 4, 6, 3),
    case("Conv2d", normal(2, 4, 7, 6), None, 6, 1, groups=2, sizes={"in_channels": 4}),
    case("Conv2d", normal(4, 7, 6), None, 6, 1, stride=3, sizes={"in_channels": 4}),
    case("Conv2d", normal(2, 4, 7, 6), 4, 8, 3, groups=4, bias=False),
    case("Conv2d", normal(2, 4, 7, 6), 4, 2, (3, 4), padding="same", dilation=(2, 1)),
    case("Conv2d", normal(4, 7, 6), 4, 2, (2, 3), padding="same", padding_mode="circular"),
    *[case("Conv2d", normal(2, 4, 7, 6), 4, 2, 3, padding=(2, 1), padding_mode=mode) for mode in PADDING_MODES],
    *[case("Conv2d", normal(2, 4, 7, 6), 4, 2, (3, 4), padding="same", padding_mode=mode) for mode in PADDING_MODES],
    case("Conv2d", normal(2, 4, 7, 6), 4, 2, 3, 2, 2, padding_mode="circular"),
    case("Conv3d", normal(2, 2, 5, 4, 6), 2, 4, 3),
    case("Conv3d", normal(2, 5, 4, 6), 2, 4, 3, padding=1),
    case("Conv3d", normal(2, 2, 5, 4, 6), 2, 4, (3, 2, 1), (2, 1, 3), (1, 0, 2), (1, 2, 1), 2, False),
    case("Conv3d", normal(2, 2, 5, 4, 6), None, 4, 2, padding="valid", sizes={"in_channels": 2}),
    case("Conv3d", normal(2, 2, 5, 4, 6), 2, 2, (2, 3, 4), padding="same", dilation=(2, 1, 1)),
    *[case("Conv3d", normal(1, 2, 5, 4, 6), 2, 2, 3, padding=(2, 1, 0), padding_mode=mode) for mode in PADDING_MODES],
    *[case("Conv3d", normal(1, 2, 5, 4, 6), 2, 2, (3, 2, 3), padding="same", padding_mode=m) for m in PADDING_MODES],
    case("Conv3d", normal(1, 2, 5, 4, 6), in_channels=2, out_channels=4, kernel_size=2, stride=2, groups=2, bias=False),
    case("Conv3d", normal(1, 2, 5, 4, 6), 2, 2, 3, dilation=1, padding_mode="replicate", padding="valid"),
]

BATCH_NORM_INPUTS = (
    ("BatchNorm1d", normal(4, 3)),
    ("BatchNorm1d", normal(4, 3, 5)),
    ("BatchNorm2d", normal(2, 3, 4, 5)),
    ("BatchNorm3d", normal(2, 3, 2, 3, 2)),
)

NORM = [
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
]

EMBEDDING = [
    case("Embedding", ints(6, 4), 6, 3),
    case("Embedding", ints(6, 2, 4), 6, 3),
    case("Embedding", ints(6), 6, 3),
    case("Embedding", ints(6, 0), 6, 3),
    case("Embedding", ints(6, 2, 3, 4), 6, 1),
    case("Embedding", ints(6, 2, 8), 6, 3, padding_idx=0),
    case("Embedding", ints(6, 2, 8), 6, 3, 4),
    case("Embedding", ints(6, 2, 8), 6, 3, padding_idx=-1),
    case("Embedding", ints(6, 2, 8), 6, 3, padding_idx=-6),
    case("Embedding", ints(6, 4), 6, 3, max_norm=1.0),
    case("Embedding", ints(6, 2, 4), 6, 3, max_norm=0.5, norm_type=1.0),
    case("Embedding", ints(6, 4), 6, 3, max_norm=0.9, norm_type=3.5),
    case("Embedding", ints(6, 4), 6, 3, max_norm=0.9, norm_type=float("inf")),
    case("Embedding", ints(6, 4), 6, 3, max_norm=0.9, norm_type=0.5),
    case("Embedding", ints(6, 2, 8), 6, 3, padding_idx=2, max_norm=1.0, norm_type=2),
    case("Embedding", ints(6, 2, 8), 6, 3, scale_grad_by_freq=True),
    case("Embedding", ints(6, 2, 8), 6, 3, padding_idx=1, max_norm=1.0, scale_grad_by_freq=True),
    case("Embedding", ints(6, 2, 8), 6, 3, sparse=True),
    case("Embedding", ints(6, 2, 8), 6, 3, padding_idx=3, sparse=True),
    case("Embedding", ints(6, 2, 8), 6, 3, _weight=normal(6, 3)),
    case("Embedding", ints(6, 2, 8), 6, 3, padding_idx=2, _weight=normal(6, 3)),
    case("Embedding", ints(6, 4), 6, 3, _freeze=True),
    case("Embedding", ints(6, 4), 6, 3, _weight=normal(6, 3), _freeze=True),
]

DROPOUT = [
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

ACTIVATION = [
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

POOLING = [
    case("MaxPool2d", normal(2, 3, 8, 8), 2),
    case("MaxPool2d", normal(3, 8, 7), 2),
    case("MaxPool2d", steps(2, 3, 8, 8), 3),
    case("MaxPool2d", steps(2, 3, 8, 8), 3, stride=1, padding=1),
    case("MaxPool2d", normal(2, 3, 8, 7), (3, 2), stride=(2, 1), padding=(1, 0), dilation=(1, 2)),
    case("MaxPool2d", normal(2, 3, 8, 7), (3, 2), (2, 3), (1, 1), (2, 1), False, True),
    case("MaxPool2d", normal(2, 3, 8, 7), 3, stride=2, padding=1, ceil_mode=True),
    case("MaxPool2d", normal(2, 3, 8, 7), 2, stride=3, ceil_mode=True),
    case("MaxPool2d", normal(2, 3, 8, 7), 3, return_indices=True),
    case("MaxPool2d", steps(2, 3, 8, 7), 3, 1, 1, return_indices=True),
    case("MaxPool2d", steps(3, 8, 7), 3, stride=2, padding=1, dilation=2, return_indices=True, ceil_mode=True),
    case("MaxPool2d", normal(0, 3, 8, 7), 3),
    case("AvgPool2d", normal(2, 3, 8, 8), 2),
    case("AvgPool2d", normal(3, 8, 7), 2),
    case("AvgPool2d", normal(2, 3, 8, 7), (3, 2), stride=(2, 1), padding=(1, 0)),
    case("AvgPool2d", normal(2, 3, 8, 7), 3, stride=2, padding=1, ceil_mode=True),
    case("AvgPool2d", normal(2, 3, 8, 7), 3, 2, 1, True, False),
    case("AvgPool2d", normal(2, 3, 8, 7), 3, padding=1, count_include_pad=False),
    case("AvgPool2d", normal(2, 3, 8, 7), 3, divisor_override=5),
    case("AvgPool2d", normal(2, 3, 8, 7), 3, 2, 1, True, False, 4),
    case("AvgPool2d", normal(2, 3, 8, 7), 2, stride=3, ceil_mode=True),
    case("AvgPool2d", normal(0, 3, 8, 7), 2),
    *[case("AdaptiveAvgPool2d", normal(2, 3, 8, 7), size) for size in (1, 4, 5, (2, 7), (3, 4), (None, 1))],
    *[case("AdaptiveAvgPool2d", normal(3, 8, 7), size) for size in (1, (9, 10), (5, None), [2, 3], (None, None))],
    case("AdaptiveAvgPool2d", normal(2, 3, 8, 6), output_size=(4, 3)),
]

SHAPE = [
    case("Flatten", normal(2, 3, 4)),
    case("Flatten", normal(2, 3, 4), 0),
    case("Flatten", normal(2, 3, 4, 5), 1, 2),
    case("Flatten", normal(2, 3, 4, 5), start_dim=-3, end_dim=-2),
    case("Flatten", normal(2, 3, 4, 5), 2, 2),
    case("Flatten", normal(4), 0),
    case("Flatten", normal(), 0),
    case("Flatten", ints(5, 2, 3, 4)),
    case("Flatten", normal(0, 3, 4)),
    case("Identity", normal(2, 3)),
    case("Identity", normal(2, 3), 54, unused_argument=0.1),
    case("Identity", ints(5, 3)),
]

CASES = LINEAR + CONV + NORM + EMBEDDING + DROPOUT + ACTIVATION + POOLING + SHAPE
