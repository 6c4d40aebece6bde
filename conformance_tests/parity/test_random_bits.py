"""The same bits everywhere: `jax.random` as the oracle of keys and words, and every library's values bit for bit."""

import functools
import math

import jax
import jax.numpy as jnp
import ml_dtypes
import numpy as np
import pytest
import torch

from unified.backends.jax import prng as jax_prng
from unified.backends.torch import prng as torch_prng
from unified.core import initializers, threefry
from unified.core.distributions import Bernoulli, Normal, NumpyWords, Randint, TruncatedNormal, Uniform
from unified.core.filling import fill

CPU = torch.device("cpu")
NUMPY_WORDS = NumpyWords()
SEEDS = [0, 1, 42, 2**31, 2**32 - 1]

# Eighty variables of 2**17 values make ten million, and fit the caches.
VARIABLES, LENGTH = 80, 1 << 17

DISTRIBUTIONS = [
    Uniform(),
    Uniform(-0.25, 0.25),
    Uniform(2.0, 5.0),
    Uniform(1e6, 1e6 + 1),
    Uniform(0.7, 0.7),
    Normal(),
    Normal(3.0, 0.5),
    Normal(-1e6, 1.0),
    Normal(0.3, 0.0),
    TruncatedNormal(),
    TruncatedNormal(0.0, 0.02, -0.04, 0.04),
    TruncatedNormal(1.5, 2.0, 1.0, 4.0),
    TruncatedNormal(0.0, 1.0, 2.0, 3.0),
]


@pytest.fixture
def one_thread():
    """Torch's threads wait for each other at every operation, which takes long where other tests run too."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def bits_of(values):
    """The values as integers of their own width, so that -0.0 and 0.0 differ."""
    values = np.asarray(values)
    return values.view(f"u{values.dtype.itemsize}")


def host(tensor):
    """A tensor as a NumPy array, bfloat16 too."""
    if tensor.dtype is torch.bfloat16:
        return tensor.view(torch.int16).numpy().view(ml_dtypes.bfloat16)
    return tensor.numpy()


def key_words(key):
    """Two Python integers from a JAX key."""
    return tuple(int(word) for word in np.asarray(jax.random.key_data(key)))


@functools.partial(jax.jit, static_argnames=("distribution", "shape", "dtype"))
def jitted(key, distribution, shape, dtype):
    return jax_prng.sample(key, distribution, shape, dtype)


def traced_key(key):
    """A key that `jax.jit` takes as arrays."""
    return tuple(jnp.asarray(word, jnp.uint32) for word in key)


@pytest.mark.parametrize("seed", SEEDS)
def test_seed_key_is_jax_randoms(seed):
    assert threefry.seed_key(seed) == key_words(jax.random.key(seed))


@pytest.mark.parametrize("seed", [-1, -5, 2**32 + 7, 2**63 - 1, -(2**63)])
def test_seed_key_of_64_bits_is_jax_randoms_with_x64(seed):
    """Without x64 JAX drops the upper half of a seed; unified keeps it."""
    with jax.enable_x64(True):
        assert threefry.seed_key(seed) == key_words(jax.random.key(seed))


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("data", [0, 1, 12345, 2**31, 2**32 - 1])
def test_fold_in_is_jax_randoms(seed, data):
    expected = key_words(jax.random.fold_in(jax.random.key(seed), data))
    key = threefry.seed_key(seed)
    assert threefry.fold_in(key, data) == expected
    assert tuple(int(word) for word in jax_prng.fold_in(key, (0, data))) == expected


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("shape", [(), (5,), (2, 3, 4), (threefry.CHUNK + 3,)])
def test_random_bits_are_jax_randoms(seed, shape):
    expected = np.asarray(jax.random.bits(jax.random.key(seed), shape, np.uint32))
    key, count = threefry.seed_key(seed), math.prod(shape)
    assert np.array_equal(threefry.random_bits([key], [count]).reshape(shape), expected)
    assert np.array_equal(jax_prng.random_bits(key, shape), expected)
    assert np.array_equal(torch_prng.random_bits(key, count, CPU).numpy().reshape(shape), expected)
    long = np.empty(count, np.uint32)
    threefry.random_bits_into(key, count, long.__setitem__)
    assert np.array_equal(long.reshape(shape), expected)


def test_a_variables_key_is_made_of_jax_randoms_parts():
    """The two words of a path are folded in as one block of Threefry, which `threefry2x32_p` is."""
    root = jax.random.key_data(jax.random.fold_in(jax.random.key(3), threefry.STREAM_PARAMS))
    path = threefry.path_words("block_1/linear/weight")
    expected = jax_prng.threefry2x32_p.bind(root[0], root[1], *(jnp.uint32(word) for word in path))
    found = threefry.fold_path(threefry.fold_in(threefry.seed_key(3), threefry.STREAM_PARAMS), "block_1/linear/weight")
    assert found == tuple(int(word) for word in expected)


@pytest.mark.parametrize("counter", [0, 1, 7, 2**32 - 1])
@pytest.mark.parametrize(("path", "index"), [("", 0), ("dropout", 1), ("block_1/dropout", 5)])
def test_keys_of_draws_are_equal(counter, path, index):
    root = threefry.seed_key(11)
    expected = threefry.draw_key(threefry.call_key(root, counter), path, index)
    on_jax = jax_prng.draw_key(jax_prng.call_key(root, counter), path, index)
    assert tuple(int(word) for word in on_jax) == expected
    traced = jax.jit(lambda key, count: jax_prng.draw_key(jax_prng.call_key(key, count), path, index))
    assert tuple(int(word) for word in traced(traced_key(root), jnp.uint32(counter))) == expected
    tensors = tuple(torch.tensor(word, dtype=torch.int64) for word in root)
    call = threefry.call_key(tensors, torch.tensor(counter, dtype=torch.int64))
    assert tuple(int(word) for word in threefry.draw_key(call, path, index)) == expected


@pytest.mark.usefixtures("one_thread")
@pytest.mark.parametrize("library", ["torch", "jax eager", "jax jit"])
@pytest.mark.parametrize("distribution", [Uniform(), Normal(), TruncatedNormal(), Bernoulli(0.3)], ids=str)
def test_ten_million_values(distribution, library):
    root, shape = threefry.fold_in(threefry.seed_key(5), threefry.STREAM_PARAMS), (LENGTH,)
    paths = [f"layer_{index}/weight" for index in range(VARIABLES)]
    dtype = "bool" if isinstance(distribution, Bernoulli) else "float32"
    wanted = {path: np.empty(shape, dtype) for path in paths}
    if dtype == "bool":
        for path, out in wanted.items():
            out[:] = distribution(NUMPY_WORDS, threefry.bits_chunk(threefry.fold_path(root, path), 0, LENGTH), dtype)
    else:
        fill(root, [(out, path, distribution) for path, out in wanted.items()])
    for path, key in zip(paths, threefry.fold_paths(root, paths), strict=True):
        if library == "torch":
            values = torch_prng.sample(key, distribution, shape, dtype, CPU).numpy()
        elif library == "jax eager":
            values = jax_prng.sample(key, distribution, shape, dtype)
        else:
            values = jitted(traced_key(key), distribution, shape, dtype)
        assert np.asarray(values).dtype == dtype
        assert np.array_equal(bits_of(values), bits_of(wanted[path])), path


@pytest.mark.parametrize(
    ("distribution", "dtype"),
    [(distribution, "float32") for distribution in DISTRIBUTIONS]
    + [
        (distribution, dtype)
        for distribution in (
            Uniform(-0.25, 0.25),
            Uniform(2.0, 5.0),
            Normal(3.0, 0.5),
            Normal(-1e6, 1.0),
            TruncatedNormal(),
        )
        for dtype in ("bfloat16", "float16")
    ],
    ids=str,
)
def test_values_of_every_dtype(distribution, dtype):
    key, shape = threefry.fold_path(threefry.seed_key(9), "weight"), (50, 401)
    bits = threefry.random_bits([key], [math.prod(shape)])
    with np.errstate(over="ignore"):  # a million is infinity in float16
        expected = distribution(NUMPY_WORDS, bits, dtype).astype(jnp.dtype(dtype)).reshape(shape)
    found = {
        "torch": host(torch_prng.sample(key, distribution, shape, dtype, CPU)),
        "jax eager": jax_prng.sample(key, distribution, shape, dtype),
        "jax jit": jitted(traced_key(key), distribution, shape, dtype),
    }
    for library, values in found.items():
        assert np.asarray(values).dtype == expected.dtype, library
        assert np.array_equal(bits_of(values), bits_of(expected)), library


@pytest.mark.parametrize("distribution", DISTRIBUTIONS, ids=str)
def test_values_in_float64(distribution):
    key, shape = threefry.fold_path(threefry.seed_key(9), "weight"), (50, 401)
    expected = distribution(NUMPY_WORDS, threefry.random_bits([key], [math.prod(shape)]), "float64").reshape(shape)
    assert expected.dtype == np.float64
    on_torch = torch_prng.sample(key, distribution, shape, "float64", CPU)
    assert np.array_equal(bits_of(host(on_torch)), bits_of(expected))
    with jax.enable_x64(True):
        for values in (
            jax_prng.sample(key, distribution, shape, "float64"),
            jitted(traced_key(key), distribution, shape, "float64"),
        ):
            assert values.dtype == np.float64
            assert np.array_equal(bits_of(values), bits_of(expected))


@pytest.mark.parametrize("distribution", [*DISTRIBUTIONS, Bernoulli(0.3), Randint(-5, 100)], ids=str)
def test_values_of_extreme_words(distribution):
    """Both ends, the middle, and both sides of every power of two."""
    powers = np.array([max(0, (1 << k) + d) for k in range(33) for d in (-2, -1, 0, 1)], np.int64)
    bits = np.unique(np.concatenate([powers, 2**32 - 1 - powers]))
    bits = bits[(bits >= 0) & (bits < 2**32)].astype(np.uint32)
    dtype = {Bernoulli: "bool", Randint: "int32"}.get(type(distribution), "float32")
    expected = distribution(NUMPY_WORDS, bits, dtype)
    on_torch = distribution(torch_prng.WORDS, torch.from_numpy(bits.astype(np.int64)), dtype)
    assert np.array_equal(bits_of(on_torch.to(getattr(torch, dtype)).numpy()), bits_of(expected))
    evaluate = functools.partial(distribution, jax_prng.WORDS, dtype=dtype)
    for values in (evaluate(jnp.asarray(bits)), jax.jit(evaluate)(jnp.asarray(bits))):
        assert np.array_equal(bits_of(values), bits_of(expected))


@pytest.mark.parametrize("bounds", [(0, 10), (-(2**31), -1), (0, 2**31 - 1), (-3, 2**30)])
def test_integers(bounds):
    key, shape = threefry.seed_key(13), (3001,)
    distribution = Randint(*bounds)
    expected = distribution(NUMPY_WORDS, threefry.random_bits([key], [3001]), "int32")
    for values in (
        torch_prng.sample(key, distribution, shape, "int32", CPU).numpy(),
        jax_prng.sample(key, distribution, shape, "int32"),
        jitted(traced_key(key), distribution, shape, "int32"),
    ):
        assert np.array_equal(values, expected)


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("linear", ()),
        ("conv1d", ()),
        ("conv3d", ()),
        ("sigmoid", ()),
        ("tanh", ()),
        ("relu", ()),
        ("selu", ()),
        ("leaky_relu", (0.2,)),
        ("leaky_relu", (math.sqrt(5),)),
    ],
)
def test_gains_are_torchs(name, arguments):
    gain = torch.nn.init.calculate_gain(name, *arguments)
    a = arguments[0] if arguments else 0.0
    expected = Normal(0.0, gain / math.sqrt(16))
    found = initializers.kaiming_normal(a, nonlinearity=name).draw((64, 16))
    assert found.std == pytest.approx(expected.std, rel=1e-12)
    bound = initializers.kaiming_uniform(a, mode="fan_out", nonlinearity=name).draw((64, 16)).high
    assert bound == pytest.approx(gain * math.sqrt(3 / 64), rel=1e-12)


@pytest.mark.parametrize("shape", [(64, 16), (8, 4, 3), (8, 4, 3, 5), (2, 3, 4, 5, 6)])
def test_fans_are_torchs(shape):
    fans = torch.nn.init._calculate_fan_in_and_fan_out(torch.empty(shape))
    assert initializers.fans(shape) == fans


@pytest.mark.parametrize(("shape", "groups"), [((4, 3, 3), 1), ((3, 4, 3, 5), 1), ((6, 2, 3), 2), ((4, 2, 2, 3, 1), 4)])
def test_structured_values_are_torchs(shape, groups):
    found = initializers.dirac(groups).draw(shape).value
    assert np.array_equal(found, torch.nn.init.dirac_(torch.empty(shape), groups).numpy())
    matrix = shape[:2]
    assert np.array_equal(initializers.eye.draw(matrix).value, torch.nn.init.eye_(torch.empty(matrix)).numpy())


@pytest.mark.parametrize(
    "name", ["normal", "uniform", "truncated_normal", "kaiming_uniform", "kaiming_normal", "xavier_normal"]
)
def test_initial_values_under_a_traced_key(name):
    """`init` under `jax.jit` draws on JAX what it otherwise draws on the host."""
    initializer, shape = getattr(initializers, name)(), (33, 65)
    wanted = np.empty(shape, np.float32)
    draw = initializer.draw(shape)
    fill(threefry.fold_in(threefry.seed_key(4), threefry.STREAM_PARAMS), [(wanted, "layer/weight", draw)])
    traced = jax.jit(lambda key: jax_prng.draw(key, threefry.path_words("layer/weight"), draw, shape, "float32"))
    found = traced(traced_key(threefry.seed_key(4)))
    assert np.array_equal(bits_of(found), bits_of(wanted))


def test_bits_of_tells_zeros_apart():
    """The comparison of this file sees what `==` does not."""
    assert not np.array_equal(bits_of(np.float32(-0.0)), bits_of(np.float32(0.0)))
