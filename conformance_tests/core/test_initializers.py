"""Initialisers: fans, gains, variances, structured values, and that values follow from the path alone."""

import copy
import math
import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unified.core import filling, threefry
from unified.core import initializers as init
from unified.core.distributions import Normal, TruncatedNormal, Uniform

KEY = threefry.fold_in(threefry.seed_key(0), threefry.STREAM_PARAMS)
LONG = 5 * threefry.CHUNK + 3

EVERY = {
    "zeros": init.zeros,
    "ones": init.ones,
    "constant": init.constant(2.5),
    "uniform": init.uniform(-1.0, 2.0),
    "normal": init.normal(0.5, 0.1),
    "truncated_normal": init.truncated_normal(0.0, 0.02, -0.04, 0.04),
    "variance_scaling": init.variance_scaling(2.0, "fan_avg", "normal"),
    "kaiming_uniform": init.kaiming_uniform(),
    "kaiming_normal": init.kaiming_normal(nonlinearity="relu"),
    "xavier_uniform": init.xavier_uniform(),
    "xavier_normal": init.xavier_normal(2.0),
    "lecun_uniform": init.lecun_uniform(),
    "lecun_normal": init.lecun_normal(),
    "orthogonal": init.orthogonal(1.5),
    "eye": init.eye,
    "dirac": init.dirac(2),
    "zero_row": init.ZeroRow(init.normal(), 1),
}


def fill(initializer, shape, dtype=np.float32, path="layer/weight", key=KEY):
    """The values that a variable at `path` starts with."""
    out = np.full(shape, np.nan if np.issubdtype(dtype, np.floating) else 99, dtype)
    filling.fill(key, [(out, path, initializer.draw(shape))])
    return out


@pytest.mark.parametrize(
    ("shape", "fan_in", "fan_out"),
    [
        ((64, 16), 16, 64),
        ((8, 4, 3), 12, 24),
        ((8, 4, 3, 5), 60, 120),
        ((2, 3, 4, 5, 6), 360, 240),
        ((7, 1), 1, 7),
        ((0, 3), 3, 0),
    ],
)
def test_fans(shape, fan_in, fan_out):
    assert init.fans(shape) == (fan_in, fan_out)


@pytest.mark.parametrize("shape", [(), (3,)])
def test_fans_need_two_dimensions(shape):
    for initializer in (init.kaiming_uniform(), init.xavier_normal(), init.lecun_normal()):
        with pytest.raises(ValueError, match="at least 2 dimensions"):
            initializer.draw(shape)


# He et al. (2015), Glorot and Bengio (2010), LeCun et al. (1998), written out for a weight of 64 outputs, 16 inputs.
@pytest.mark.parametrize(
    ("initializer", "expected"),
    [
        (init.kaiming_uniform(), Uniform(-math.sqrt(6 / 16), math.sqrt(6 / 16))),
        (init.kaiming_uniform(a=math.sqrt(5)), Uniform(-1 / math.sqrt(16), 1 / math.sqrt(16))),
        (init.kaiming_uniform(mode="fan_out"), Uniform(-math.sqrt(6 / 64), math.sqrt(6 / 64))),
        (init.kaiming_uniform(nonlinearity="linear"), Uniform(-math.sqrt(3 / 16), math.sqrt(3 / 16))),
        (init.kaiming_uniform(nonlinearity="sigmoid"), Uniform(-math.sqrt(3 / 16), math.sqrt(3 / 16))),
        (init.kaiming_uniform(nonlinearity="conv2d"), Uniform(-math.sqrt(3 / 16), math.sqrt(3 / 16))),
        (init.kaiming_normal(nonlinearity="relu"), Normal(0, math.sqrt(2 / 16))),
        (init.kaiming_normal(nonlinearity="tanh"), Normal(0, 5 / 3 / math.sqrt(16))),
        (init.kaiming_normal(nonlinearity="selu"), Normal(0, 3 / 4 / math.sqrt(16))),
        (init.kaiming_normal(a=0.2), Normal(0, math.sqrt(2 / 1.04 / 16))),
        (init.kaiming_normal(mode="fan_out", nonlinearity="relu"), Normal(0, math.sqrt(2 / 64))),
        (init.xavier_uniform(), Uniform(-math.sqrt(6 / 80), math.sqrt(6 / 80))),
        (init.xavier_uniform(gain=5 / 3), Uniform(-5 / 3 * math.sqrt(6 / 80), 5 / 3 * math.sqrt(6 / 80))),
        (init.xavier_normal(), Normal(0, math.sqrt(2 / 80))),
        (init.xavier_normal(gain=2.0), Normal(0, 2 * math.sqrt(2 / 80))),
        (init.lecun_uniform(), Uniform(-math.sqrt(3 / 16), math.sqrt(3 / 16))),
        (init.variance_scaling(0.5, "fan_avg", "normal"), Normal(0, math.sqrt(0.5 / 40))),
    ],
)
def test_formulas(initializer, expected):
    found = initializer.draw((64, 16))
    assert type(found) is type(expected)
    assert list(vars(found).values()) == pytest.approx(list(vars(expected).values()), rel=1e-12)


def test_lecun_normal_is_cut_at_two_standard_deviations_of_the_uncut_one():
    found = init.lecun_normal().draw((64, 16))
    assert isinstance(found, TruncatedNormal)
    std = math.sqrt(1 / 16) / 0.8796256610342398
    assert [found.mean, found.std, found.low, found.high] == pytest.approx([0, std, -2 * std, 2 * std])


@pytest.mark.parametrize("mode", ["fan_in", "fan_out", "fan_avg"])
@pytest.mark.parametrize("distribution", ["uniform", "normal", "truncated_normal"])
@pytest.mark.parametrize("shape", [(300, 700), (50, 40, 7, 11)])
def test_variance_of_variance_scaling(mode, distribution, shape):
    scale = 1.7
    values = fill(init.variance_scaling(scale, mode, distribution), shape).astype(np.float64)
    fan_in, fan_out = math.prod(shape[1:]), shape[0] * math.prod(shape[2:])
    variance = scale / {"fan_in": fan_in, "fan_out": fan_out, "fan_avg": (fan_in + fan_out) / 2}[mode]
    # The kurtosis of the normal distribution is the largest of the three.
    assert values.var() == pytest.approx(variance, rel=5 * math.sqrt(2 / values.size))
    assert abs(values.mean()) < 5 * math.sqrt(variance / values.size)


def test_a_fan_of_nothing_is_no_error():
    assert fill(init.kaiming_uniform(), (3, 0)).shape == (3, 0)
    assert fill(init.xavier_normal(), (0, 0)).shape == (0, 0)


@pytest.mark.parametrize("shape", [(5, 5), (3, 8), (8, 3), (4, 3, 2, 2), (20, 3, 2), (1, 6), (6, 1)])
@pytest.mark.parametrize("gain", [1.0, 2.5])
def test_orthogonal(shape, gain):
    values = fill(init.orthogonal(gain), shape)
    assert values.dtype == np.float32
    matrix = values.reshape(shape[0], -1).astype(np.float64) / gain
    short = matrix if matrix.shape[0] <= matrix.shape[1] else matrix.T
    assert np.abs(short @ short.T - np.eye(short.shape[0])).max() < 1e-5


def test_orthogonal_matrices_are_spread_evenly():
    """Without the signs of R, a QR decomposition prefers some orthogonal matrices (Mezzadri, 2007)."""
    signs = [np.sign(fill(init.orthogonal(), (2, 2), path=f"w{i}")[0, 0]) for i in range(1000)]
    assert abs(np.mean(signs)) < 5 / math.sqrt(1000)


@pytest.mark.parametrize("shape", [(4, 4), (2, 5), (5, 2)])
def test_eye(shape):
    assert np.array_equal(fill(init.eye, shape), np.eye(*shape))


@pytest.mark.parametrize("kernel", [(3,), (3, 5), (1, 3, 2)])
def test_dirac_passes_its_input_on(kernel):
    values = fill(init.dirac(), (4, 3, *kernel))
    centre = tuple(size // 2 for size in kernel)
    expected = np.zeros((4, 3, *kernel))
    for channel in range(3):
        expected[(channel, channel, *centre)] = 1
    assert np.array_equal(values, expected)


def test_dirac_in_groups():
    values = fill(init.dirac(groups=2), (6, 2, 3))
    assert values.sum() == 4
    assert np.array_equal(values[:, :, 1], [[1, 0], [0, 1], [0, 0]] * 2)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.int64, np.uint32])
def test_constants(dtype):
    assert (fill(init.zeros, (2, 3), dtype) == 0).all()
    assert (fill(init.ones, (2, 3), dtype) == 1).all()
    assert (fill(init.constant(7), (), dtype) == 7).all()
    assert np.array_equal(fill(init.constant(np.array([1, 2, 3])), (2, 3), dtype), [[1, 2, 3]] * 2)


@pytest.mark.parametrize("shape", [(5, 3), (4, 2, 2)])
@pytest.mark.parametrize("row", [0, 2, -1])
def test_zero_row(shape, row):
    plain = fill(init.normal(), shape)
    values = fill(init.ZeroRow(init.normal(), row), shape)
    assert (values[row] == 0).all()
    plain[row] = 0
    assert np.array_equal(values, plain)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: init.variance_scaling(mode="fan_inn"), "fan_inn"),
        (lambda: init.variance_scaling(distribution="cauchy"), "cauchy"),
        (lambda: init.kaiming_uniform(mode="in"), "'in'"),
        (lambda: init.kaiming_normal(nonlinearity="swish"), "swish"),
        (lambda: init.orthogonal().draw((3,)), "at least 2 dimensions"),
        (lambda: init.eye.draw((3,)), "2 dimensions"),
        (lambda: init.eye.draw((3, 3, 3)), "2 dimensions"),
        (lambda: init.dirac().draw((3, 3)), "3, 4 or 5 dimensions"),
        (lambda: init.dirac().draw((3,) * 6), "3, 4 or 5 dimensions"),
        (lambda: init.dirac(2).draw((3, 3, 3)), "2 groups"),
    ],
)
def test_errors(make, message):
    with pytest.raises(ValueError, match=message):
        make()


@pytest.mark.parametrize("name", EVERY)
def test_an_initialiser_is_a_value(name):
    initializer = EVERY[name]
    assert isinstance(initializer, init.Initializer)
    for twin in (pickle.loads(pickle.dumps(initializer)), copy.deepcopy(initializer)):
        assert twin == initializer
        assert hash(twin) == hash(initializer)
        assert repr(twin) == repr(initializer)
    assert type(initializer).__name__ in repr(initializer)
    with pytest.raises(AttributeError):
        initializer.scale = 3


def test_different_initialisers_differ():
    values = list(EVERY.values())
    assert all((a == b) == (a is b) for a in values for b in values)
    assert len(set(values)) == len(values)


@pytest.mark.parametrize("name", ["uniform", "normal", "truncated_normal", "kaiming_uniform", "orthogonal", "zero_row"])
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_values_depend_on_path_and_key_alone(name, dtype):
    if dtype is np.float16 and name == "orthogonal":
        dtype = np.float32
    initializer, shape = EVERY[name], (6, 4)
    alone = fill(initializer, shape, dtype)
    outs = {f"other_{i}/weight": np.empty((i, 3), dtype) for i in range(5)}
    wanted = np.empty(shape, dtype)
    targets = [(out, path, initializer.draw(out.shape)) for path, out in outs.items()]
    targets.insert(2, (wanted, "layer/weight", initializer.draw(shape)))
    targets.append((np.empty(LONG, dtype), "long", init.normal().draw((LONG,))))
    filling.fill(KEY, targets)
    assert np.array_equal(wanted, alone)
    assert not np.array_equal(fill(initializer, shape, dtype, path="layer/weight_1"), alone)
    assert not np.array_equal(fill(initializer, shape, dtype, key=threefry.seed_key(1)), alone)


@pytest.mark.parametrize("name", ["uniform", "normal", "truncated_normal"])
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_long_and_short_variables_begin_alike(name, dtype):
    """Drawn in chunks by threads, together with others, or one by one: the same stream."""
    long = fill(EVERY[name], (LONG,), dtype)
    for size in (1, 7, threefry.CHUNK, threefry.CHUNK + 1):
        assert np.array_equal(fill(EVERY[name], (size,), dtype), long[:size])
    assert np.array_equal(fill(EVERY[name], (LONG // 4, 4), dtype).ravel(), long[: LONG // 4 * 4])


@settings(deadline=None, max_examples=30)
@given(st.lists(st.tuples(st.sampled_from(["uniform", "normal", "zeros", "zero_row", "eye"]), st.integers(0, 9))))
def test_a_batch_equals_its_parts(parts):
    targets, alone = [], []
    for index, (name, rows) in enumerate(parts):
        shape, path = (rows + (name == "zero_row"), 3), f"layer_{index}/weight"
        targets.append((np.empty(shape, np.float32), path, EVERY[name].draw(shape)))
        alone.append(fill(EVERY[name], shape, path=path))
    filling.fill(KEY, targets)
    for (out, _, _), expected in zip(targets, alone, strict=True):
        assert np.array_equal(out, expected)


def test_arrays_that_are_not_contiguous():
    """Rows of a transposed array, short and long."""
    for shape in ((6, 4), (400, 500)):
        out = np.empty(shape[::-1], np.float32).T
        filling.fill(KEY, [(out, "layer/weight", init.normal().draw(shape))])
        assert np.array_equal(out, fill(init.normal(), shape))


def test_scalars_and_empty_arrays():
    assert fill(init.normal(), ()).shape == ()
    assert np.isfinite(fill(init.normal(), ()))
    assert fill(init.normal(), (0, 3)).shape == (0, 3)
    filling.fill(KEY, [])


def test_the_first_values_of_a_variable_are_pinned():
    """What a checkpoint made with seed 0 held stays reproducible."""
    weight = fill(init.kaiming_uniform(a=math.sqrt(5)), (2, 2), path="linear/weight")
    bits = [threefry.threefry2x32(threefry.fold_path(KEY, "linear/weight"), (0, i)) for i in range(4)]
    steps = np.array([(x0 ^ x1) >> 8 for x0, x1 in bits])
    expected = (2 * steps + 1 - 2**24) * 2.0**-24 / math.sqrt(2)
    assert weight.ravel() == pytest.approx(expected, rel=2e-7)
    assert [value.hex() for value in weight.ravel().tolist()] == [
        "0x1.c03c620000000p-3",
        "0x1.858a300000000p-3",
        "0x1.5825ce0000000p-2",
        "-0x1.1a07360000000p-1",
    ]
