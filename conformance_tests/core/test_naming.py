"""Names: snake case for classes, free names in a scope, and the check of names from users."""

import keyword

import pytest
from hypothesis import given
from hypothesis import strategies as st

import unified as u
from unified.core.layers import __all__ as layer_names
from unified.core.naming import Names, check_name, numbered, snake_case

SNAKE_CASE = {
    "MLP": "mlp",
    "HTTPNet": "http_net",
    "Conv2d": "conv2d",
    "ConvTranspose2d": "conv_transpose2d",
    "BatchNorm2d": "batch_norm2d",
    "LayerNorm": "layer_norm",
    "LSTMCell": "lstm_cell",
    "LSTM": "lstm",
    "GRUCell": "gru_cell",
    "RMSNorm": "rms_norm",
    "MultiheadAttention": "multihead_attention",
    "TransformerEncoderLayer": "transformer_encoder_layer",
    "AdaptiveAvgPool2d": "adaptive_avg_pool2d",
    "Linear": "linear",
    "MyHTTPServer": "my_http_server",
    "ResNet50Block": "res_net50_block",
    "A": "a",
    "AB": "ab",
    "ABc": "a_bc",
    "already_snake": "already_snake",
    "_Private": "_private",
    "Block2": "block2",
    "B2B": "b2_b",
}

BASE_NAMES = {
    "ReLU": "relu",
    "GELU": "gelu",
    "Tanh": "tanh",
    "Sigmoid": "sigmoid",
    "Softmax": "softmax",
    "Linear": "linear",
    "Bilinear": "bilinear",
    "Conv1d": "conv1d",
    "Conv3d": "conv3d",
    "BatchNorm1d": "batch_norm1d",
    "LayerNorm": "layer_norm",
    "Embedding": "embedding",
    "Dropout": "dropout",
    "MaxPool2d": "max_pool2d",
    "AdaptiveAvgPool2d": "adaptive_avg_pool2d",
    "Flatten": "flatten",
    "Identity": "identity",
}

bases = st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True)
# Names that look like numbered ones are what makes candidates collide.
colliding = st.sampled_from(["a", "a_1", "a_2", "a_1_1", "b", "b_1"])


@pytest.mark.parametrize(("name", "expected"), SNAKE_CASE.items())
def test_snake_case(name, expected):
    assert snake_case(name) == expected


@pytest.mark.parametrize(("layer", "expected"), BASE_NAMES.items())
def test_base_name_of_a_layer(layer, expected):
    assert getattr(u, layer).base_name == expected


def test_every_layer_has_a_base_name_of_its_own():
    layers = [getattr(u, name) for name in layer_names]
    names = [layer.base_name for layer in layers]
    assert len(set(names)) == len(names)
    assert all(check_name(name) == name == name.lower() for name in names)


def test_a_subclass_of_a_layer_has_its_own_base_name():
    class TiedLinear(u.Linear):
        pass

    class Renamed(u.Linear):
        base_name = "projection"

    assert TiedLinear.base_name == "tied_linear"
    assert Renamed.base_name == "projection"
    assert TiedLinear._declaration is Renamed._declaration is u.Linear


def test_numbered():
    assert [numbered("linear", count) for count in range(3)] == ["linear", "linear_1", "linear_2"]


def test_names_count_up():
    names = Names()
    assert [names.take("linear") for _ in range(3)] == ["linear", "linear_1", "linear_2"]
    assert names.take("conv2d") == "conv2d"


def test_names_skip_what_is_taken_under_another_base():
    names = Names()
    assert names.take("linear_1") == "linear_1"
    assert [names.take("linear") for _ in range(3)] == ["linear", "linear_2", "linear_3"]
    assert names.take("linear_1") == "linear_1_1"


def test_names_skip_what_is_reserved():
    names = Names()
    assert names.take("encode", {"encode", "encode_1"}) == "encode_2"
    assert names.take("encode") == "encode_3"


def test_a_copy_goes_on_by_itself():
    names = Names()
    names.take("a")
    twin = names.copy()
    assert twin.take("a") == "a_1"
    assert twin.take("b") == "b"
    assert [names.take("a"), names.take("b")] == ["a_1", "b"]


@pytest.mark.parametrize("name", ["linear", "_hidden", "layer_1", "Encoder", "größe", "train", "float", "x"])
def test_identifiers_are_names(name):
    assert check_name(name) == name


@pytest.mark.parametrize(
    "name", ["", "a/b", "a.b", "/", ".", "1st", "two words", "a-b", " a", "a\n", "é!", None, 3, b"bytes", ("a",), True]
)
def test_anything_else_is_refused(name):
    with pytest.raises(ValueError, match="identifier") as raised:
        check_name(name)
    assert repr(name) in str(raised.value)


@given(st.lists(bases | colliding, max_size=40), st.frozensets(colliding, max_size=3))
def test_assigned_names_are_unique_deterministic_identifiers(requests, reserved):
    def take_all():
        scope = Names()
        return [scope.take(base, reserved) for base in requests]

    names = take_all()
    assert names == take_all()
    assert len(set(names)) == len(names)
    assert not reserved & set(names)
    for base, name in zip(requests, names, strict=True):
        assert check_name(name) == name
        assert name == base or name.removeprefix(f"{base}_").isdigit()


@given(st.lists(bases | colliding, max_size=40))
def test_each_name_is_the_first_free_candidate(requests):
    names, taken = Names(), set()
    for base in requests:
        count = 0
        while numbered(base, count) in taken:
            count += 1
        taken.add(numbered(base, count))
        assert names.take(base) == numbered(base, count)


@given(st.from_regex(r"[A-Z][A-Za-z0-9]{0,12}", fullmatch=True))
def test_the_snake_case_of_a_class_name_is_a_lower_case_identifier(name):
    snake = snake_case(name)
    assert check_name(snake) == snake == snake.lower()
    assert snake.replace("_", "") == name.lower()
    assert "__" not in snake


def test_python_keywords_are_names():
    """`name="lambda"` is unusual, but its path can be split like any other."""
    assert [check_name(name) for name in keyword.kwlist] == keyword.kwlist
