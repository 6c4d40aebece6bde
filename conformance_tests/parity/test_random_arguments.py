"""Arguments of draws: what is refused, alike on both frameworks, and the ends of what is not."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.stats
import torch

import unified as u
from unified.core.distributions import NumpyWords, Uniform, largest_below, rounded

R = u.random
KEYS = {"torch": R.key(7, backend="torch"), "jax": R.key(7, backend="jax")}

REFUSED = [
    (lambda key: R.normal(2.5, key=key), TypeError, r"normal: a shape is a size or a tuple of sizes, .* got 2\.5"),
    (lambda key: R.normal((2.5,), key=key), TypeError, "a shape is a size"),
    (lambda key: R.normal("ab", key=key), TypeError, "a shape is a size"),
    (lambda key: R.normal(None, key=key), TypeError, "a shape is a size"),
    (lambda key: R.normal((2, -1), key=key), ValueError, "no size of a shape is negative"),
    (lambda key: R.uniform(-1, key=key), ValueError, "no size of a shape is negative"),
    (lambda key: R.permutation(2.5, key=key), TypeError, r"takes a number of rows, which is an integer, .* got 2\.5"),
    (lambda key: R.permutation([1, 2], key=key), TypeError, "an array of rows"),
    (lambda key: R.permutation(np.float64(4), key=key), TypeError, "takes a number of rows"),
    (lambda key: R.permutation(np.array(4.0), key=key), TypeError, "number of rows is an integer"),
    (lambda key: R.permutation(-3, key=key), ValueError, "at least 0, got -3"),
    (lambda key: R.choice(2.5, (3,), key=key), TypeError, "takes a number of rows"),
    (lambda key: R.choice("abc", (3,), key=key), TypeError, "takes a number of rows"),
    (lambda key: R.choice(3, (2,), p="abc", key=key), TypeError, "p are numbers"),
    (lambda key: R.choice(3, (2,), False, [0, 0, 1], key=key), ValueError, "2 rows cannot be drawn, as 1 have"),
    (lambda key: R.randint((2,), 0.5, 3, key=key), TypeError, "minval is an integer"),
    (lambda key: R.randint((2,), 0, np.float32(3), key=key), TypeError, "maxval is an integer"),
    (lambda key: R.randint((2,), 0, float("inf"), key=key), TypeError, "maxval is an integer"),
    (lambda key: R.uniform((2,), minval=10**400, key=key), ValueError, "beyond all numbers"),
    (lambda key: R.uniform((2,), minval=-1e308, maxval=1.5e308, key=key), ValueError, "finite difference"),
    (lambda key: R.uniform((2,), "float16", maxval=1e6, key=key), ValueError, "end at 65504"),
    (lambda key: R.uniform((2,), "float32", maxval=1e39, key=key), ValueError, "numbers of float32"),
    (lambda key: R.poisson(300, (2,), "int8", key=key), ValueError, "those of int8 end at 127"),
    (lambda key: R.poisson(1e6, (2,), "float16", key=key), ValueError, "those of float16 end"),
    (lambda key: R.poisson(3, (2,), "bool", key=key), TypeError, "one of integers or a floating-point one"),
    (lambda key: R.truncated_normal(7, 8, (2,), key=key), ValueError, r"within 6\.2 standard deviations"),
    (lambda key: R.truncated_normal(np.inf, np.inf, (2,), key=key), ValueError, "within"),
    (lambda key: R.dirichlet({1: 2}, key=key), TypeError, "sequence of numbers"),
    (lambda key: R.dirichlet({1, 2}, key=key), TypeError, "sequence of numbers"),
    (lambda key: R.categorical([0.0, 1.0], key=key), TypeError, "logits is an array"),
    (lambda key: R.categorical(np.zeros(3, np.complex64), key=key), TypeError, "real numbers"),
    (lambda key: R.categorical(np.zeros((2, 0), np.float32), key=key), ValueError, "no class"),
    (lambda key: R.categorical(np.zeros((2, 3), np.float32), 1.0, key=key), TypeError, "axis is an integer"),
    (lambda key: R.split(key, -1), ValueError, "at least 0"),
    (lambda key: R.split(key, 2.5), TypeError, "num is an integer"),
    (lambda key: R.fold_in(key, 2.5), TypeError, "number is an integer"),
    (lambda key: R.fold_in(key, np.arange(2)), TypeError, "number is an integer"),
    (lambda key: R.key("a"), TypeError, "a seed is an integer"),
    (lambda key: R.normal((2,), stream=3), TypeError, "name of a stream"),
    (lambda key: R.permutation(2, stream="a/b"), ValueError, "no name of a stream"),
]  # fmt: skip


@pytest.mark.parametrize("case", range(len(REFUSED)))
def test_arguments_are_refused_alike_on_both_frameworks(case):
    draw, error, words = REFUSED[case]
    messages = []
    for key in KEYS.values():
        with pytest.raises(error, match=words) as raised:
            draw(key)
        messages.append(str(raised.value))
    assert messages[0] == messages[1]


def test_arrays_are_refused_where_numbers_are_asked_for():
    for key, array in ((KEYS["torch"], torch.tensor), (KEYS["jax"], jnp.asarray)):
        for number in (array(2.5), array([1, 2])):
            with pytest.raises(TypeError, match=r"random\.fold_in: number is one integer, got"):
                R.fold_in(key, number)
        with pytest.raises(TypeError, match="two 32-bit words, got uint8"):
            R.normal((2,), key=array(np.array([0, 7], np.uint8)))
        with pytest.raises(TypeError, match="got an array of the shape"):
            R.permutation(array(4.5), key=key)
    for draw in (lambda n: R.permutation(n, key=KEYS["jax"]), lambda n: R.randint(2, 0, n, key=KEYS["jax"])):
        with pytest.raises(TypeError, match="whose value is known"):
            jax.jit(draw)(3)
    with pytest.raises(TypeError, match=r"take categorical\(logits\)"):
        jax.jit(lambda p: R.choice(3, p=p, key=KEYS["jax"]))(jnp.ones(3))


def test_integers_of_all_kinds_are_taken():
    for key, array in ((KEYS["torch"], torch.tensor), (KEYS["jax"], jnp.asarray)):
        expected = R.normal((3, 2), key=key).tolist()
        shapes = (np.int64(3), np.uint8(2)), [array(3), True + 1], np.array([3, 2]), array([3, 2])
        for shape in shapes:
            assert R.normal(shape, key=key).tolist() == expected
        assert R.normal((True,), key=key).shape == (1,)
        draws = R.randint((4,), -100, 100, "int16", key=key).tolist()
        assert R.randint((4,), np.int8(-100), np.int8(100), "int16", key=key).tolist() == draws
        assert R.randint((4,), 0, np.uint8(200), "uint8", key=key).tolist() == R.randint((4,), 0, 200, key=key).tolist()
        logits = np.array([0.0, 1.0, 2.0], np.float32)
        assert int(R.categorical(logits, key=key)) == int(R.categorical(array(logits), key=key))


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32"])
def test_uniform_values_stay_below_their_bound(dtype):
    """Rounded to the dtype too: the logarithm of one minus a value is that of zero nowhere."""
    for low, high in ((0, 1), (1, 2), (-1, 1), (0, 3), (-3, 5), (100, 101), (0.1, 0.3)):
        drawn = [R.uniform((70_000,), dtype, low, high, key=key) for key in KEYS.values()]
        np.testing.assert_array_equal(drawn[0].double().numpy(), np.asarray(drawn[1].astype("float32"), np.float64))
        torch.manual_seed(0)
        net = u.transform(lambda low=low, high=high: R.uniform((70_000,), dtype, low, high), backend="torch")
        for values in (drawn[0], net.init(rng=0)()):
            assert bool((values < high).all()) and bool((values >= torch.tensor(low, dtype=values.dtype)).all())
        ends = Uniform(low, high)(NumpyWords(), np.array([0, 2**32 - 1], np.uint32), "float32")
        assert np.float32(low) <= ends[0] <= ends[1] < np.float32(high)


def test_numbers_are_rounded_as_the_dtypes_do():
    generator = np.random.default_rng(0)
    values = generator.standard_normal(500) * 10.0 ** generator.integers(-8, 4, 500)
    for value in (*values.tolist(), 0.0, 1.0, -0.5, 2.0**-14, 2.0**-24, 2.0**-25):
        expected = np.float16(value)
        assert rounded(value, "float16") == float(expected)
        assert largest_below(-65504.0, value, "float16") == float(np.nextafter(expected, np.float16(-np.inf)))


def of_body(draw):
    """Return what a body draws by torch's own generator."""
    torch.manual_seed(3)
    return u.transform(draw, backend="torch").init(rng=0)()


def test_truncated_normal_is_drawn_by_the_own_generator_of_torch():
    for low, high in ((-1.0, 1.0), (0.0, np.inf), (3.0, np.inf)):
        values = of_body(lambda low=low, high=high: R.truncated_normal(low, high, (20_000,)))
        assert scipy.stats.kstest(values.numpy(), scipy.stats.truncnorm(low, high).cdf).pvalue > 1e-3


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_half_precision_draws_of_torch_have_their_tails(dtype):
    names = {"exponential": scipy.stats.expon, "gumbel": scipy.stats.gumbel_r, "laplace": scipy.stats.laplace}
    for name, oracle in names.items():
        values = of_body(lambda name=name: getattr(R, name)((100_000,), dtype)).double().numpy()
        assert np.isfinite(values).all()
        for probability in (1e-3, 0.5, 0.999):
            below = int((values <= oracle.ppf(probability)).sum())
            assert (
                abs(below / 100_000 - probability) < 5 * (probability * (1 - probability) / 1e5) ** 0.5 + 2.0**-9 * 1e-1
            )


def test_booleans_are_rare_in_a_default_dtype_of_half_precision():
    torch.set_default_dtype(torch.bfloat16)
    try:
        rate = of_body(lambda: R.bernoulli(0.0005, (200_000,))).double().mean()
    finally:
        torch.set_default_dtype(torch.float32)
    assert 0.0003 < rate < 0.0007


@pytest.mark.parametrize("p", [None, [1, 2, 0, 3, 4]])
@pytest.mark.parametrize("replace", [True, False])
def test_choice_compiles(p, replace):
    def draw(key):
        return R.choice(5, (2,), replace, p, key=key)

    compiled = torch.compile(draw, fullgraph=True, backend="eager")
    assert torch.equal(compiled(KEYS["torch"]), draw(KEYS["torch"]))
    net = u.transform(lambda x: x + R.choice(5, (2,), replace, p), backend="torch").init(torch.ones(2), rng=0)
    assert torch.fx.symbolic_trace(net)(torch.ones(2)).shape == (2,)
