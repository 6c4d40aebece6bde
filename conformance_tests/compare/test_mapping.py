"""Mappings by themselves: axes against einops, files, both directions, and what does not fit. No framework runs."""

import einops
import numpy as np
import pytest

from unified.compare.axes import Axes
from unified.compare.rule import Piece, Rule
from unified.compare.search.shapes import fits
from unified.testing import Mapping, MappingError

RANDOM = np.random.default_rng(0)

FILE = """
format = 1
sides = ["torch", "flax"]
rules = [
  {torch = "h.{i}.weight", flax = "params/h/kernel[{i}]", axes = "o i -> i o", i = "0-2"},
  {torch = "qkv[0:4]", flax = "params/q/kernel", axes = "(h d) e -> e h d", h = 2},
  {torch = "qkv[4:12]", flax = "params/kv/kernel", axes = "(n h d) e -> n e h d", n = 2, h = 2},
  {torch = ["bias_ih", "bias_hh"], flax = "params/bias"},
  {torch = "up.weight", flax = "params/up/kernel", axes = "i o h w -> h w i o", flip = "h w"},
  {torch = "norm.weight", flax = "params/norm/scale", add = -1.0},
]

[left_over]
torch = ["norm.num_batches_tracked"]

[tied]
torch = [{path = "head.weight", like = "qkv"}]
"""


def state_dict():
    shapes = {f"h.{i}.weight": (3, 2) for i in range(3)}
    shapes |= {"qkv": (12, 5), "bias_ih": (4,), "bias_hh": (4,), "up.weight": (2, 3, 2, 2), "norm.weight": (3,)}
    values = {name: RANDOM.standard_normal(shape) for name, shape in shapes.items()}
    return {**values, "head.weight": values["qkv"], "norm.num_batches_tracked": np.asarray(3)}


@pytest.mark.parametrize(
    ("text", "shape", "sizes"),
    [
        ("a b -> b a", (2, 3), {}),
        ("(h d) e -> e h d", (6, 5), {"h": 2}),
        ("(n h d) e -> n e h d", (12, 5), {"n": 3, "h": 2}),
        ("o i h w -> h w i o", (4, 3, 2, 2), {}),
        ("1 c -> c", (1, 4), {}),
        ("a b 1 1 -> 1 1 b a", (4, 3, 1, 1), {}),
        ("o (c h w) -> (h w c) o", (3, 24), {"c": 2, "h": 3, "w": 4}),
    ],
)
def test_axes_are_those_of_einops(text, shape, sizes):
    array = RANDOM.standard_normal(shape)
    axes = Axes(text, tuple(sizes.items()))
    expected = einops.rearrange(array, text, **sizes)
    assert np.array_equal(axes.forward(array), expected)
    assert np.array_equal(axes.backward(expected), array)


@pytest.mark.parametrize("one", [(2, 3), (6, 6), (4, 3, 2, 2), (1, 4), (2, 2, 2), ()])
def test_every_way_to_fit_is_a_bijection(one):
    array = np.arange(np.prod(one, dtype=int)).reshape(one)
    for two in {one, one[::-1], (*one, 1), (np.prod(one, dtype=int),)}:
        ways = fits(one, tuple(map(int, two)))
        assert len({way.forward(array).tobytes() for way in ways}) == len(ways)
        for way in ways:
            assert way.forward(array).shape == two
            assert np.array_equal(way.backward(way.forward(array)), array)


def test_both_ways():
    values = state_dict()
    mapping = Mapping.loads(FILE)
    params = mapping.to_jax(values)["params"]
    assert np.array_equal(params["h"]["kernel"], np.stack([values[f"h.{i}.weight"].T for i in range(3)]))
    assert np.array_equal(params["q"]["kernel"], values["qkv"][:4].reshape(2, 2, 5).transpose(2, 0, 1))
    assert np.array_equal(params["bias"], values["bias_ih"] + values["bias_hh"])
    assert np.array_equal(params["up"]["kernel"], values["up.weight"].transpose(2, 3, 0, 1)[::-1, ::-1])
    assert np.array_equal(params["norm"]["scale"], values["norm.weight"] - 1)
    back = mapping.to_torch({"params": params})
    assert np.array_equal(back["bias_ih"], params["bias"])
    assert not back["bias_hh"].any()  # the sum stands in the first of both
    for name in set(values) - {"bias_ih", "bias_hh", "norm.num_batches_tracked"}:
        assert np.allclose(back[name], values[name], rtol=0, atol=1e-15), name


def test_a_file_is_what_was_written():
    mapping = Mapping.loads(FILE)
    text = mapping.dumps()
    assert Mapping.loads(text) == mapping
    assert Mapping.loads(text).dumps() == text
    assert text.count("h.{i}.weight") == 1  # folded


def test_numbers_are_folded_only_if_they_count_up():
    rules = [
        Rule((Piece(f"a.{i}.w"),), (Piece(f"b_{j}/w"),)) for i, j in [(0, 3), (1, 4), (2, 6), (10, 7), (11, 8), (12, 9)]
    ]
    mapping = Mapping(tuple(rules), libraries=("torch", "flax"))
    assert '{torch = "a.{i}.w", flax = "b_{i+3}/w", i = "0-1"}' in mapping.dumps()
    assert '{torch = "a.{i}.w", flax = "b_{i-3}/w", i = "10-12"}' in mapping.dumps()
    assert Mapping.loads(mapping.dumps()) == mapping


def test_two_sides_of_one_library_are_first_and_second():
    mapping = Mapping((Rule((Piece("a"),), (Piece("b"),)),), libraries=("torch", "torch"))
    assert '{first = "a", second = "b"}' in mapping.dumps()
    assert Mapping.loads(mapping.dumps()).forward({"a": np.ones(2)})["b"].shape == (2,)
    with pytest.raises(MappingError, match="between torch and torch"):
        mapping.to_jax({"a": np.ones(2)})


def test_haikus_modules_keep_their_slashes():
    mapping = Mapping((Rule((Piece("a"),), (Piece("params/mlp/~/linear_0/w"),)),), libraries=("torch", "haiku"))
    tree = mapping.to_jax({"a": np.ones(2)})
    assert list(tree["params"]) == ["mlp/~/linear_0"]
    assert mapping.to_torch(tree)["a"].shape == (2,)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda values: values.pop("qkv"), "the torch values lack 'qkv'"),
        (lambda values: values.update(other=np.ones(2)), "no rule for 'other'"),
        (lambda values: values.update({"up.weight": np.ones((2, 3, 2))}), "for 4 axes, and the array has shape"),
        (lambda values: values.update(qkv=np.ones((13, 5))), "a part of 'qkv', of shape .13, 5., is not in any rule"),
        (lambda values: values.update(qkv=np.ones((11, 5))), "outside of the value"),
        (lambda values: values.update({"head.weight": np.zeros((12, 5))}), "are tied in the mapping, and differ"),
    ],
)
def test_values_that_do_not_fit(change, message):
    values = state_dict()
    change(values)
    with pytest.raises(MappingError, match=message):
        Mapping.loads(FILE).to_jax(values)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("rules = [", "not TOML"),
        ("format = 2", "format is 2"),
        ('format = 1\nsides = ["torch", "numpy"]', "sides must be two of"),
        ('format = 1\nsides = ["torch", "flax"]\nextra = 1', "unknown keys: extra"),
        ('format = 1\nsides = ["torch", "flax"]\nrules = [{torch = "a"}]', "flax must be a path"),
        ('format = 1\nsides = ["torch", "flax"]\nrules = [{torch = "a[x]", flax = "b", axes = 3}]', "axes and flip"),
        ('format = 1\nsides = ["torch", "flax"]\nrules = [{torch = "a", flax = "b", axes = "a b -> b"}]', "same names"),
        ('format = 1\nsides = ["torch", "flax"]\nrules = [{torch = "a[3:1]", flax = "b"}]', "start:stop"),
        ('format = 1\nsides = ["torch", "flax"]\nrules = [{torch = "a", flax = "b", h = -1}]', "no size of an axis"),
        ('format = 1\nsides = ["torch", "flax"]\nrules = [{torch = "a", flax = "b", add = nan}]', "finite"),
        (
            'format = 1\nsides = ["torch", "flax"]\nrules = [{torch = "a{i}", flax = "b{i}", i = "0-99999999999"}]',
            "i must be a range",
        ),
        ("a = " + "[" * 5000, "not TOML"),
    ],
)
def test_a_file_that_is_no_mapping_is_refused(text, message):
    with pytest.raises(MappingError, match=message):
        Mapping.loads(text)


def test_a_scalar_keeps_its_shape():
    mapping = Mapping.loads('format = 1\nsides = ["torch", "torch"]\nrules = [{first = "n", second = "m"}]\n')
    assert mapping.forward({"n": np.float32(3).reshape(())})["m"].shape == ()
