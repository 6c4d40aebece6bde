"""Distributions against SciPy: with ten million values each, and word by word where that is exact."""

import hashlib
import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import special, stats

from unified.core import threefry
from unified.core.distributions import (
    Bernoulli,
    Normal,
    NumpyWords,
    Randint,
    TruncatedNormal,
    Uniform,
)
from unified.core.filling import fill
from unified.core.quantiles import UNIT_BITS, normal_quantile, quantile_table

N = 10**7
WORDS = NumpyWords()
LEGENDRE = np.polynomial.legendre.leggauss(200)
LAST = 2**32 - 1

# Of the standard normal quantile, in standard deviations; measured 1.1671e-6 (at word 3218985984, quantile 0.673).
QUANTILE_ERROR = 1.2e-6


def draw(distribution, n=N, dtype=np.float32, seed=0):
    """Return `n` values, drawn like those of a variable."""
    out = np.empty(n, dtype)
    fill(threefry.seed_key(seed), [(out, f"{distribution}", distribution)])
    return out


def draw_by_words(distribution, n=N, dtype=np.int32, seed=0):
    """Return `n` values of a distribution that no initializer uses."""
    out = np.empty(n, dtype)

    def consume(where, bits):
        out[where] = distribution(WORDS, bits, np.dtype(dtype).name)

    threefry.random_bits_into(threefry.seed_key(seed), n, consume)
    return out


def in_scipy(distribution):
    """Return the same distribution of SciPy."""
    match distribution:
        case Uniform(low, high):
            return stats.uniform(low, high - low)
        case TruncatedNormal(mean, std, low, high):
            return stats.truncnorm((low - mean) / std, (high - mean) / std, mean, std)
        case Normal(mean, std):
            return stats.norm(mean, std)


def central_moments(distribution, orders):
    """Return E[(X - mean)^k] of a SciPy distribution, by quadrature."""
    mean, std = distribution.mean(), distribution.std()
    low, high = np.clip(distribution.ppf([0, 1]), mean - 12 * std, mean + 12 * std)
    x, weights = LEGENDRE
    x = (low + high) / 2 + (high - low) / 2 * x
    density = distribution.pdf(x) * weights * (high - low) / 2
    return [float(((x - mean) ** k * density).sum()) for k in orders]


def assert_moments(values, distribution):
    """Assert that the first four moments are within five standard errors."""
    expected = in_scipy(distribution)
    moments = dict(zip(range(1, 9), central_moments(expected, range(1, 9)), strict=True))
    centred = values.astype(np.float64) - expected.mean()
    power = np.ones_like(centred)
    for k in range(1, 5):
        power *= centred
        error = math.sqrt((moments[2 * k] - moments[k] ** 2) / values.size)
        assert abs(power.mean() - moments[k]) < 5 * error, f"moment {k}"


def assert_kolmogorov_smirnov(values, cdf):
    """Assert a p-value above 1e-3 in the two-sided test of Kolmogorov and Smirnov."""
    n = values.size
    probabilities = cdf(np.sort(values).astype(np.float64))
    steps = np.arange(n + 1) / n
    distance = max((probabilities - steps[:-1]).max(), (steps[1:] - probabilities).max())
    assert stats.kstwo.sf(distance, n) > 1e-3, f"distance {distance:.2e}"


def fast_cdf(distribution):
    """Return SciPy's cdf; that of the truncated normal is computed by `scipy.special.ndtr`, which is faster."""
    if not isinstance(distribution, TruncatedNormal):
        return in_scipy(distribution).cdf
    mean, std = distribution.mean, distribution.std
    low, high = special.ndtr((np.array([distribution.low, distribution.high]) - mean) / std)
    return lambda x: (special.ndtr((x - mean) / std) - low) / (high - low)


@pytest.mark.parametrize("distribution", [Uniform(), Normal(), TruncatedNormal()], ids=str)
def test_ten_million_values(distribution):
    values = draw(distribution)
    assert_moments(values, distribution)
    assert_kolmogorov_smirnov(values, fast_cdf(distribution))
    neighbours = np.corrcoef(values[:-1], values[1:])[0, 1]
    assert abs(neighbours) < 5 / math.sqrt(N)


@pytest.mark.parametrize(
    "distribution",
    [
        Uniform(-0.25, 0.25),
        Uniform(2.0, 5.0),
        Uniform(-3.0, 0.5),
        Normal(0.0, 0.02),
        Normal(3.0, 0.5),
        Normal(-100.0, 1.0),
        TruncatedNormal(0.0, 0.02, -0.04, 0.04),
        TruncatedNormal(0.3, 2.0, -1.0, 4.0),
        TruncatedNormal(0.0, 1.0, 2.0, 3.0),
        TruncatedNormal(0.0, 1.0, -4.0, -2.5),
        TruncatedNormal(0.0, 1.0, -50.0, 50.0),
    ],
    ids=str,
)
def test_a_million_values_of_other_parameters(distribution):
    values = draw(distribution, 10**6, seed=1)
    assert_moments(values, distribution)
    assert_kolmogorov_smirnov(values, fast_cdf(distribution))


@pytest.mark.parametrize("ratio", [1e3, 1e6, -1e6])
@pytest.mark.parametrize("family", ["uniform", "normal"])
def test_ten_million_values_far_from_zero(family, ratio):
    """In float64, because at a ratio of 1e6 float32 has only sixteen values per standard deviation."""
    distribution = Uniform(ratio, ratio + 1) if family == "uniform" else Normal(ratio, 1.0)
    values = draw(distribution, dtype=np.float64, seed=2)
    expected = in_scipy(distribution)
    assert abs(values.mean() - expected.mean()) < 5 * expected.std() / math.sqrt(N)
    assert values.std() == pytest.approx(expected.std(), rel=5 / math.sqrt(N))


def test_tails_of_ten_million_normal_values():
    """Kolmogorov-Smirnov is insensitive to tails; a chi-square test over bins up to 4.5 standard deviations is not."""
    edges = np.concatenate([[-np.inf], np.linspace(-4.5, 4.5, 37), [np.inf]])
    values = draw(Normal(), seed=3)
    counts = np.bincount(np.searchsorted(edges[1:-1].astype(np.float32), values, side="right"), minlength=38)
    assert stats.chisquare(counts, N * np.diff(stats.norm.cdf(edges))).pvalue > 1e-3


@pytest.mark.parametrize("p", [0.5, 0.9, 1e-3])
def test_ten_million_bernoulli_values(p):
    values = draw_by_words(Bernoulli(p), dtype=np.bool_, seed=4)
    ones = int(values.sum())
    assert abs(ones - N * p) < 5 * math.sqrt(N * p * (1 - p))
    assert stats.chisquare([ones, N - ones], [N * p, N * (1 - p)]).pvalue > 1e-3
    patterns = np.bincount(np.packbits(values[: N // 8 * 8]), minlength=256)
    ones_in = np.array([bin(pattern).count("1") for pattern in range(256)])
    expected = N // 8 * p**ones_in * (1 - p) ** (8 - ones_in)
    common = expected >= 5
    observed = [*patterns[common], patterns[~common].sum()] if not common.all() else patterns
    wanted = [*expected[common], expected[~common].sum()] if not common.all() else expected
    assert stats.chisquare(observed, wanted).pvalue > 1e-3


@pytest.mark.parametrize(("low", "high"), [(-7, 94), (5, 6), (0, 2**31 - 1), (-3, 2**30 + 5)])
def test_ten_million_integers(low, high):
    values = draw_by_words(Randint(low, high), seed=5)
    assert low <= values.min() and values.max() < high
    bins = min(high - low, 1000)
    numbers = np.bincount((values.astype(np.int64) - low) * bins // (high - low), minlength=bins)
    # A bin contains the integers from ceil(i * width / bins) up to the next bin's.
    starts = np.array([-(-i * (high - low) // bins) for i in range(bins + 1)])
    assert stats.chisquare(numbers, N * np.diff(starts) / (high - low)).pvalue > 1e-3 if bins > 1 else numbers[0] == N


def test_extreme_words_give_the_extreme_integers():
    bits = np.array([0, LAST], np.uint32)
    for low, high in [(0, 10), (-5, 5), (-(2**31), -1), (0, 2**31 - 1), (7, 8)]:
        assert Randint(low, high)(WORDS, bits, "int32").tolist() == [low, high - 1]


@given(st.integers(0, LAST), st.integers(-(2**31), 2**31 - 2), st.integers(1, 2**31 - 1))
def test_an_integer_is_the_word_scaled_and_floored(word, low, width):
    assume(low + width <= 2**31 - 1)
    value = Randint(low, low + width)(WORDS, np.array([word], np.uint32), "int32")
    assert value.tolist() == [low + (word * width >> 32)]


@pytest.mark.parametrize(("low", "high"), [(0, 0), (5, 4), (-(2**31), 2**31 - 1), (0, 2**31), (-(2**31) - 1, 0)])
def test_integers_from_an_impossible_range_are_refused(low, high):
    with pytest.raises(ValueError, match=f"low={low}, high={high}"):
        Randint(low, high)


@given(st.floats(0, 1), st.integers(0, LAST))
def test_bernoulli_is_an_exact_comparison(p, word):
    threshold = 2**31 if p == 1 else min(round(p * 2**31), 2**31 - 1)
    value = Bernoulli(p)(WORDS, np.array([word], np.uint32), "bool")
    assert value.dtype == bool
    assert value.tolist() == [word >> 1 < threshold]


def test_bernoulli_of_nothing_and_of_everything():
    bits = np.array([0, 1, 2, LAST - 1, LAST], np.uint32)
    assert not Bernoulli(0.0)(WORDS, bits, "bool").any()
    assert Bernoulli(1.0)(WORDS, bits, "bool").all()
    assert Bernoulli(1 - 2**-40)(WORDS, bits, "bool").tolist() == [True, True, True, False, False]


@pytest.mark.parametrize("p", [-0.1, 1.1, math.nan, math.inf])
def test_what_is_no_probability_is_refused(p):
    with pytest.raises(ValueError, match="between 0 and 1"):
        Bernoulli(p)


@pytest.fixture(scope="module")
def dense_words():
    """Return four million words in order: a grid, both ends, and both sides of each power of two."""
    grid = np.arange(0, 2**32, 997, dtype=np.int64)
    ends = np.arange(1 << 16, dtype=np.int64)
    powers = (1 << np.arange(33, dtype=np.int64))[:, None] + np.arange(-300, 301)
    values = np.concatenate([grid, ends, LAST - ends, powers.ravel(), LAST - powers.ravel()])
    return np.unique(values[(values >= 0) & (values <= LAST)]).astype(np.uint32)


@pytest.fixture(scope="module")
def dense_quantiles(dense_words):
    return normal_quantile(WORDS, dense_words)


def test_quantile_against_scipy(dense_words, dense_quantiles):
    exact = stats.norm.ppf((dense_words.astype(np.float64) + 0.5) / 2**32)
    assert np.abs(dense_quantiles * 2.0**-UNIT_BITS - exact).max() < QUANTILE_ERROR


def test_quantile_never_falls(dense_quantiles):
    assert (np.diff(dense_quantiles) >= 0).all()


def test_quantile_is_odd(dense_words, dense_quantiles):
    assert np.array_equal(dense_quantiles, -normal_quantile(WORDS, ~dense_words))


@pytest.mark.parametrize("size", [0, 1 << 15])
def test_quantiles_of_numpy_are_those_of_the_definition(dense_words, dense_quantiles, size):
    words = NumpyWords(size)
    assert np.array_equal(words.normal_quantile(dense_words), dense_quantiles)
    parts = np.array_split(dense_words, dense_words.size // 30_000)
    together = np.concatenate([words.normal_quantile(part).copy() for part in parts])
    assert np.array_equal(together, dense_quantiles)


@pytest.mark.parametrize("shape", [(), (0,), (3, 5), (2, 0, 4)])
def test_quantiles_keep_the_shape(shape):
    assert WORDS.normal_quantile(np.full(shape, 2**31, np.uint32)).shape == shape


def test_extreme_words_give_the_extreme_quantiles():
    extremes = normal_quantile(WORDS, np.array([0, 2**31 - 1, 2**31, LAST], np.uint32)) * 2.0**-UNIT_BITS
    limit = stats.norm.isf(2.0**-33)
    assert extremes == pytest.approx([-limit, 0, 0, limit], rel=1e-7, abs=QUANTILE_ERROR)


def test_quantile_table():
    """The table itself is pinned: other versions of Python or libm must compute the same numbers."""
    start, drop = quantile_table()
    assert start.dtype == drop.dtype == np.uint32
    digest = hashlib.sha256(start.astype("<u4").tobytes() + drop.astype("<u4").tobytes()).hexdigest()
    assert digest == "ae91372afe4aa4092705ea5f90acc5c1ed95de4b621975df3ba0eca109a066c6"


def test_quantile_table_against_scipy():
    start, drop = quantile_table()
    segment = np.arange(32 * 256)
    probabilities = (1 + segment % 256 / 256) * 2.0 ** (segment // 256 - 33)
    assert np.abs(start - stats.norm.isf(probabilities) * 2**UNIT_BITS).max() < 0.6
    assert np.array_equal(start - drop, [*start[1:], 0])


@pytest.mark.parametrize("std", [1.0, 0.02, 1e-5, 7.3])
@pytest.mark.parametrize("ratio", [0.0, 0.3, -1.0, 10.0, -1e3, 1e6])
def test_normal_values_word_by_word(dense_words, ratio, std):
    """Within 1.5 units of 30 bits of the exact value, which is far below the precision of float32."""
    bits = dense_words[::16]
    exact = stats.norm.ppf((bits.astype(np.float64) + 0.5) / 2**32) * std + ratio * std
    wide = Normal(ratio * std, std)(WORDS, bits, "float64")
    unit = max(2.0**-UNIT_BITS, (abs(ratio) + 8) * 2.0**-29)
    assert np.abs(wide - exact).max() < (QUANTILE_ERROR + 1.5 * unit) * std
    narrow = Normal(ratio * std, std)(WORDS, bits, "float32")
    assert narrow.dtype == np.float32
    assert (np.abs(narrow - wide) <= 3 * np.spacing(np.abs(narrow))).all()


@pytest.mark.parametrize(("low", "width"), [(0, 1), (-1, 2), (-0.1, 0.2), (2, 3), (-1e3, 1), (1e6, 1), (0.1, 0.3)])
def test_uniform_values_word_by_word(dense_words, low, width):
    bits = dense_words[::16]
    exact = low + width * (bits >> 8) / 2.0**24
    wide = Uniform(low, low + width)(WORDS, bits, "float64")
    unit = max(2.0**-24, (abs(low / width) + 8) * 2.0**-29)
    assert np.abs(wide - exact).max() < 1.6 * unit * width
    narrow = Uniform(low, low + width)(WORDS, bits, "float32")
    assert narrow.dtype == np.float32
    assert (np.abs(narrow - wide) <= 3 * np.spacing(np.abs(narrow))).all()
    assert (np.diff(narrow) >= 0).all()


def test_symmetric_uniform_is_odd_and_never_zero(dense_words):
    values = Uniform(-0.7, 0.7)(WORDS, dense_words, "float32")
    assert np.array_equal(values, -Uniform(-0.7, 0.7)(WORDS, ~dense_words, "float32"))
    assert (values != 0).all()


magnitudes = st.floats(-1e4, 1e4, width=32, allow_subnormal=False).filter(lambda x: x == 0 or abs(x) > 1e-4)
extreme_words = np.concatenate([np.arange(600), LAST - np.arange(600), np.arange(2**31 - 300, 2**31 + 300)])


@settings(deadline=None, max_examples=100)
@given(magnitudes, magnitudes, st.sampled_from(["float32", "float64"]))
def test_uniform_stays_within_its_bounds(low, high, dtype):
    assume(low < high)
    values = Uniform(low, high)(WORDS, extreme_words.astype(np.uint32), dtype)
    assert low <= values.min() and values.max() <= high


@settings(deadline=None, max_examples=100)
@given(
    st.floats(-2, 2, width=32),
    st.floats(2**-6, 4, width=32),
    st.floats(-8, 8, width=32),
    st.floats(-8, 8, width=32),
    st.sampled_from(["float32", "float64"]),
)
def test_truncated_normal_stays_within_its_bounds(mean, std, low, high, dtype):
    assume(high - low > 2**-20 * std)  # values come in steps of 2**-26 standard deviations
    values = TruncatedNormal(mean, std, low, high)(WORDS, extreme_words.astype(np.uint32), dtype)
    assert low <= values.min() and values.max() <= high


def test_ten_million_values_stay_within_their_bounds():
    values = draw(TruncatedNormal(0.0, 0.02, -0.04, 0.04), seed=6)
    assert np.float32(-0.04) <= values.min() and values.max() <= np.float32(0.04)
    assert values.min() < -0.0399 and values.max() > 0.0399


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("value", [0.0, 0.3, -1e6, 1e-6])
def test_no_width_gives_one_value(value, dtype):
    bits = np.array([0, 1, 2**31, LAST], np.uint32)
    expected = [np.dtype(dtype).type(value)] * 4
    for distribution in (Uniform(value, value), Normal(value, 0.0), TruncatedNormal(value, 0.0, value - 1, value + 1)):
        values = distribution(WORDS, bits, dtype)
        assert values.tolist() == expected
        assert values.dtype == dtype


def test_a_range_of_no_width_of_the_truncated_normal():
    bits = np.array([0, 1, 2**31, LAST], np.uint32)
    assert TruncatedNormal(0.0, 1.0, 1.5, 1.5)(WORDS, bits, "float32").tolist() == [1.5] * 4


@pytest.mark.parametrize(("low", "high"), [(5.0, 6.0), (-9.0, -8.0), (40.0, 50.0), (-50.0, -40.0)])
def test_a_range_far_out_in_a_tail_of_the_truncated_normal(low, high):
    bits = np.array([0, 1, 2**31, LAST], np.uint32)
    values = TruncatedNormal(0.0, 1.0, low, high)(WORDS, bits, "float32")
    assert low <= values.min() and values.max() <= high


def test_float16_values_are_rounded_float32_values():
    for distribution in (Uniform(-1.0, 1.0), Normal(0.5, 2.0), TruncatedNormal()):
        for n in (1000, 200_000):
            wide = draw(distribution, n)
            assert np.array_equal(draw(distribution, n, np.float16), wide.astype(np.float16))
