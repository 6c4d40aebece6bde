"""Bad constructor arguments and inputs of layers: refused on both backends, by the path of the layer."""

from typing import Any

import jax.numpy as jnp
import pytest
import torch

import unified as u
from conformance_tests.parity.cases.recipes import Case, case, normal

NAN = float("nan")
IMAGES = normal(2, 4, 6, 6)

# The layer, its input and arguments, and what the message says.
ARGUMENTS = {
    "must be an integer of at least 0": [
        case("Linear", normal(2, 4), -4, 3),
        case("Linear", normal(2, 4), 4, -3),
        case("Linear", normal(2, 4), 4.0, 3),
        case("Linear", normal(2, 4), None, -3),
        case("BatchNorm2d", IMAGES, -4),
        case("LayerNorm", normal(2, 4), -4),
        case("LayerNorm", normal(2, 4), (2, -4)),
        case("Embedding", normal(2), 5, -1),
    ],
    "must be an integer of at least 1": [
        case("Bilinear", normal(2, 4), 0, 4, 3),
        case("Conv2d", IMAGES, 4, 0, 3),
        case("Conv2d", IMAGES, 4, 4, 0),
        case("Conv2d", IMAGES, 4, 4, 3, groups=0),
        case("Conv2d", IMAGES, None, 4, 3, groups=-1),
    ],
    "groups must divide": [
        case("Conv1d", normal(2, 4, 9), 4, 6, 3, groups=3),
        case("Conv2d", IMAGES, 4, 5, 3, groups=2),
        case("Conv3d", normal(2, 3, 4, 4, 4), None, 4, 3, groups=2),
    ],
    "needs a stride of 1": [
        case("Conv1d", normal(2, 4, 9), 4, 6, 3, 2, "same"),
        case("Conv2d", IMAGES, 4, 4, 3, stride=(1, 2), padding="same"),
    ],
    "padding must be numbers, pairs of numbers or one of same, valid, SAME, VALID": [
        case("Conv2d", IMAGES, 4, 4, 3, padding="full")
    ],
    "padding_mode must be one of zeros, reflect, replicate, circular": [
        case("Conv1d", normal(2, 4, 9), 4, 6, 3, padding_mode="mirror"),
        case("Conv3d", normal(2, 4, 4, 4, 4), None, 4, 3, padding_mode="constant"),
    ],
    "must be one number or 2": [
        case("Conv2d", IMAGES, 4, 4, (3, 3, 3)),
        case("Conv2d", IMAGES, 4, 4, (3,)),
        case("Conv2d", IMAGES, 4, 4, 3, padding=(1,), padding_mode="reflect"),
    ],
    "a dropout probability lies between 0 and 1": [case("Dropout", normal(3), p) for p in (-0.1, 1.1, NAN, -NAN)],
    "approximate must be 'none' or 'tanh'": [
        case("GELU", normal(3), "exact"),
        case("GELU", normal(3), approximate=True),
    ],
    "padding_idx must name one of 5 rows": [
        case("Embedding", normal(3), 5, 2, 5),
        case("Embedding", normal(3), 5, 2, padding_idx=-6),
    ],
    "_weight must have shape": [case("Embedding", normal(3), 5, 2, _weight=torch.ones(5, 3))],
    "normalized_shape must have at least one dimension": [case("LayerNorm", normal(2, 4), ())],
    "output_size must be": [case("AdaptiveAvgPool2d", IMAGES, None)],
}

INPUTS = [
    case("Linear", normal(2, 4), 5, 3),
    case("Bilinear", (normal(2, 4), normal(3, 4)), 4, 4, 3),
    case("Conv1d", normal(9), 4, 6, 3),
    case("Conv2d", normal(4, 6), 4, 6, 3),
    case("Conv2d", normal(1, 2, 4, 6, 6), 4, 6, 3),
    case("Conv2d", normal(2, 3, 6, 6), 4, 6, 3),
    case("Conv2d", IMAGES, 4, 6, 7),
    case("Conv2d", IMAGES, 4, 6, 3, padding=6, padding_mode="reflect"),
    case("Conv2d", IMAGES, 4, 6, 3, padding=7, padding_mode="circular"),
    case("Conv2d", IMAGES, 4, 6, 3, padding=-1),
    case("Conv2d", IMAGES, 4, 6, 3, stride=0),
    case("Conv2d", IMAGES, 4, 6, 3, dilation=0),
    case("Conv3d", normal(4, 4, 4), 4, 6, 3),
    case("BatchNorm1d", IMAGES, 4),
    case("BatchNorm2d", normal(2, 4, 6), 4),
    case("BatchNorm2d", IMAGES, 1),
    case("BatchNorm2d", IMAGES, 4, eps=-1.0),
    case("BatchNorm3d", IMAGES, 4),
    case("LayerNorm", normal(2, 4), 5),
    case("LayerNorm", normal(4), (2, 4)),
    case("Softmax", normal(2, 4), 2),
    case("MaxPool2d", normal(6, 6), 2),
    case("MaxPool2d", IMAGES, 2, padding=2),
    case("MaxPool2d", IMAGES, 2, stride=0),
    case("MaxPool2d", IMAGES, 7),
    case("AvgPool2d", normal(6, 6), 2),
    case("AvgPool2d", IMAGES, 2, divisor_override=0),
    case("AdaptiveAvgPool2d", normal(6, 6), 2),
    case("AdaptiveAvgPool2d", IMAGES, -1),
    case("AdaptiveAvgPool2d", IMAGES, (1, 2, 3)),
    case("Flatten", normal(2, 3), 2),
    case("Flatten", normal(2, 3, 4), 2, 1),
]


class Outer(u.Module):
    """Puts the layer of a case at the path `outer/<name>`."""

    def __init__(self, use: Case) -> None:
        self.use = use

    def __call__(self, *inputs: Any) -> Any:
        return getattr(u, self.use.layer)(*self.use.args, **self.use.kwargs)(*inputs)


def initialize(backend: str, use: Case) -> Any:
    ones = {"torch": torch.ones, "jax": jnp.ones}[backend]

    def forward(*inputs: Any) -> Any:
        return Outer(use)(*inputs)

    return u.transform(forward, backend=backend).init(*[ones(recipe.shape) for recipe in use.inputs], rng=0)


BAD_ARGUMENTS = [pytest.param(message, use, id=repr(use)) for message, uses in ARGUMENTS.items() for use in uses]


@pytest.mark.parametrize("backend", ["torch", "jax"])
@pytest.mark.parametrize(("message", "use"), BAD_ARGUMENTS)
def test_bad_arguments_name_the_layer(message: str, use: Case, backend: str) -> None:
    with pytest.raises(ValueError) as caught:
        initialize(backend, use)
    assert str(caught.value).startswith(f"'outer/{getattr(u, use.layer).base_name}': ")
    assert message in str(caught.value)


@pytest.mark.parametrize("backend", ["torch", "jax"])
@pytest.mark.parametrize("use", INPUTS, ids=map(repr, INPUTS))
def test_inputs_that_torch_refuses_are_refused(use: Case, backend: str) -> None:
    with pytest.raises((ValueError, TypeError, IndexError, RuntimeError)):
        initialize(backend, use)


@pytest.mark.parametrize("layer", ["BatchNorm1d", "BatchNorm2d", "BatchNorm3d"])
@pytest.mark.parametrize("options", [{}, {"track_running_stats": False}, {"momentum": None}], ids=str)
def test_training_on_one_value_a_channel(layer: str, options: dict[str, Any]) -> None:
    """Refused by both, as it has no variance."""
    rank = {"BatchNorm1d": 2, "BatchNorm2d": 4, "BatchNorm3d": 5}[layer]
    many, one = (3, 2, *(1,) * (rank - 2)), (1, 2, *(1,) * (rank - 2))

    def forward(x: Any) -> Any:
        return getattr(u, layer)(2, **options)(x)

    net = u.transform(forward, backend="torch").init(torch.ones(many), rng=0).train()
    with pytest.raises(ValueError, match="more than 1 value per channel"):
        net(torch.ones(one))
    model = u.transform(forward, backend="jax")
    params = model.init(jnp.ones(many), rng=0)
    with pytest.raises(ValueError, match="more than one value per channel"):
        model.apply(params, jnp.ones(one), training=True)


@pytest.mark.parametrize("backend", ["torch", "jax"])
@pytest.mark.parametrize("options", [{"out_feature": 3}, {}, {"out_features": 3, "in_features": 4}], ids=str)
def test_unknown_and_missing_arguments(options: dict[str, Any], backend: str) -> None:
    """A `TypeError` that shows the signature."""
    with pytest.raises(TypeError, match=r"Linear\(in_features"):
        initialize(backend, case("Linear", normal(2, 4), 4, **options))
