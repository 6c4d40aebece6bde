"""Draws with a key: the same bits on both frameworks and under jit, the distributions of SciPy, and JAX's keys."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.stats
import torch

import unified as u

BACKENDS = ("torch", "jax")

DRAWS = {
    "normal": lambda key: u.random.normal((5, 3), key=key),
    "uniform": lambda key: u.random.uniform((7,), minval=-2.0, maxval=3.0, key=key),
    "bernoulli": lambda key: u.random.bernoulli(0.3, (9,), key=key),
    "randint": lambda key: u.random.randint((9,), -4, 100, key=key),
    "truncated_normal": lambda key: u.random.truncated_normal(-1.0, 2.0, (9,), key=key),
    "exponential": lambda key: u.random.exponential((64,), key=key),
    "gumbel": lambda key: u.random.gumbel((), key=key),
    "laplace": lambda key: u.random.laplace((0, 2), key=key),
    "permutation": lambda key: u.random.permutation(11, key=key),
    "choice": lambda key: u.random.choice(11, (4, 2), key=key),
    "choice_once": lambda key: u.random.choice(11, (4, 2), replace=False, key=key),
    "choice_p": lambda key: u.random.choice(3, (20,), p=[0.2, 0.0, 0.5], key=key),
    "choice_once_p": lambda key: u.random.choice(5, (3,), False, [0.1, 0.2, 0.0, 0.3, 0.9], key=key),
}


@pytest.mark.parametrize("name", DRAWS)
def test_bits_are_equal_on_both_frameworks_and_compiled(name):
    draw = DRAWS[name]
    ours = draw(u.random.key(7, backend="torch")).numpy()
    key = u.random.key(7, backend="jax")
    for theirs in (draw(key), jax.jit(draw)(key), draw(jax.random.key_data(key)), draw(jax.random.PRNGKey(7))):
        assert ours.shape == theirs.shape
        np.testing.assert_array_equal(ours, np.asarray(theirs))


def test_draws_by_logits_are_equal_on_both_frameworks():
    logits = np.random.default_rng(0).standard_normal((4, 6)).astype(np.float32)
    for axis, shape in ((-1, None), (0, None), (1, (5, 4))):
        ours = u.random.categorical(torch.tensor(logits), axis, shape, key=u.random.key(1, backend="torch"))
        draw = jax.jit(
            lambda key, axis=axis, shape=shape: u.random.categorical(jnp.asarray(logits), axis, shape, key=key)
        )
        np.testing.assert_array_equal(ours.numpy(), np.asarray(draw(jax.random.key(1))))
    with pytest.raises(ValueError, match="does not end in"):
        u.random.categorical(torch.tensor(logits), shape=(4, 2), key=u.random.key(1, backend="torch"))


@pytest.mark.parametrize(
    ("name", "oracle"),
    [("exponential", scipy.stats.expon), ("gumbel", scipy.stats.gumbel_r), ("laplace", scipy.stats.laplace)],
)
def test_values_have_the_distribution_of_scipy(name, oracle):
    for key in (u.random.key(3, backend="torch"), None):
        if key is None:  # torch's own generator
            torch.manual_seed(0)
            net = u.transform(lambda: getattr(u.random, name)((100_000,)), backend="torch").init(rng=0)
            values = net()
        else:
            values = getattr(u.random, name)((100_000,), key=key)
        assert scipy.stats.kstest(values.numpy(), oracle.cdf).pvalue > 1e-3


def test_quantiles_are_those_of_scipy():
    from unified.core.distributions import NumpyWords
    from unified.core.tabulated import quantile

    position = np.array([0, 1, 12345, 2**20 + 7, 2**31 - 1, 2**31, 2**32 - 70_000, 2**32 - 1], np.uint32)
    probability = (position.astype(np.float64) + 0.5) / 2**32
    for name, oracle in (
        ("exponential", scipy.stats.expon), ("gumbel", scipy.stats.gumbel_r), ("laplace", scipy.stats.laplace)
    ):  # fmt: skip
        values = quantile(name, NumpyWords(), position) * 2.0**-24
        np.testing.assert_allclose(values, oracle.ppf(probability), rtol=3e-6, atol=3e-6)


def test_choice_has_its_probabilities():
    weights = [0.5, 0.0, 1.5]
    counts = np.bincount(u.random.choice(3, (20_000,), p=weights, key=u.random.key(0, backend="torch")).numpy())
    assert counts[1] == 0
    assert scipy.stats.binomtest(int(counts[0]), 20_000, 0.25).pvalue > 1e-3


@pytest.mark.parametrize("seed", [0, 42, 2**40 + 5])
def test_keys_are_those_of_jax(seed):
    ours = u.random.key(seed, backend="torch")
    theirs = jax.random.wrap_key_data(jnp.asarray(ours.tolist(), jnp.uint32))
    if seed < 2**31:
        np.testing.assert_array_equal(jax.random.key_data(jax.random.key(seed)), ours.tolist())
    split = jax.random.key_data(jax.random.split(theirs, 5))
    fold = jax.random.key_data(jax.random.fold_in(theirs, 123))
    assert u.random.split(ours, 5).tolist() == split.tolist()
    assert u.random.fold_in(ours, 123).tolist() == fold.tolist()
    assert jax.random.key_data(u.random.split(theirs, 5)).tolist() == split.tolist()
    assert jax.random.key_data(jax.jit(u.random.fold_in)(theirs, 123)).tolist() == fold.tolist()
    rows = jax.vmap(lambda key: u.random.normal((2,), key=key))(u.random.split(theirs, 3))
    np.testing.assert_array_equal(rows[1], u.random.normal((2,), key=u.random.split(ours, 3)[1]).numpy())


def test_draws_compile_and_map_on_torch():
    keys = u.random.split(u.random.key(5, backend="torch"), 3)
    rows = torch.vmap(lambda key: u.random.gumbel((4,), key=key))(keys.to(torch.int64))
    for key, row in zip(keys, rows, strict=True):
        assert row.tolist() == u.random.gumbel((4,), key=key).tolist()
    compiled = torch.compile(lambda key: u.random.exponential((4,), key=key), fullgraph=True, backend="eager")
    assert compiled(keys[0]).tolist() == u.random.exponential((4,), key=keys[0]).tolist()


def test_draws_of_a_body_are_equal_on_both_frameworks():
    def forward():
        draws = u.random.exponential((4,)), u.random.gumbel((4,)), u.random.laplace((4,))
        return (*draws, u.random.choice(4, (3,), p=[1, 2, 3, 4]))

    ours = u.transform(forward, backend="torch", rng="portable").init(rng=0)()
    net = u.transform(forward, backend="jax")
    theirs, _ = net.apply(net.init(rng=0))
    for a, b in zip(ours, theirs, strict=True):
        np.testing.assert_array_equal(a.numpy(), np.asarray(b))


def test_shuffle_keeps_rows():
    x = torch.arange(10).reshape(5, 2)
    shuffled = u.random.shuffle(x, key=u.random.key(0, backend="torch"))
    assert sorted(map(tuple, shuffled.tolist())) == [tuple(row) for row in x.tolist()]
    assert shuffled.tolist() != x.tolist()


def test_keys_of_other_kinds_are_refused():
    with pytest.raises(TypeError, match=r"unified\.random\.key\(seed\)"):
        u.random.normal((2,), key=0)
    with pytest.raises(TypeError, match="float32"):
        u.random.normal((2,), key=torch.zeros(2))
    with pytest.raises(TypeError, match="take one of several keys"):
        u.random.normal((2,), key=u.random.split(u.random.key(0, backend="torch")))
    with pytest.raises(u.NoActiveTransformError, match="key="):
        u.random.normal((2,))


@pytest.mark.parametrize("backend", BACKENDS)
def test_reseed_starts_draws_anew(backend):
    net = u.transform(lambda x: u.Dropout(0.5)(x), backend=backend, rng="portable")
    x = torch.ones(32) if backend == "torch" else jnp.ones(32)
    made = net.init(x, rng=0)
    start = made.params if backend == "torch" else made
    first, changes = net.apply(start, x, training=True)
    later = start | changes
    again = net.apply(net.reseed(later, 0), x, training=True)[0]
    other = net.apply(net.reseed(later, 1), x, training=True)[0]
    assert (first == again).all() and not (first == other).all()
    bound = net.bind(later).reseed(0)
    assert (bound(x, training=True)[0] == first).all()
    key = u.random.key(1, backend=backend)
    assert (net.apply(net.reseed(later, key), x, training=True)[0] == other).all()


def test_reseed_names_the_generator_of_torch():
    net = u.transform(lambda x: u.Dropout(0.5)(x), backend="torch").init(torch.ones(2), rng=0)
    with pytest.raises(u.BackendError, match=r"torch\.manual_seed"):
        net.reseed(net.params, 0)


def test_reseed_takes_a_traced_key():
    net = u.transform(lambda x: u.Dropout(0.5)(x), backend="jax")
    params = net.init(jnp.ones(4), rng=0)
    traced, reseeded = jax.jit(net.reseed)(params, jax.random.key(9)), net.reseed(params, 9)
    assert {path: value.tolist() for path, value in traced.items()} == {"rng/key": [0, 9], "rng/counter": 0}
    assert {path: value.tolist() for path, value in reseeded.items()} == {"rng/key": [0, 9], "rng/counter": 0}
    with pytest.raises(TypeError, match="integer or one key"):
        net.reseed(params, jax.random.split(jax.random.key(0)))


SHAPES = (2.0**-10, 0.03, 0.5, 1, 2.5, 30, 1e4, 2.0**30)
SHAPED = {
    **{f"gamma {a}": lambda key, a=a: u.random.gamma(a, (50,), key=key) for a in SHAPES},
    **{f"beta {a}": lambda key, a=a: u.random.beta(a, 0.7, (50,), key=key) for a in SHAPES},
    **{f"poisson {rate}": lambda key, rate=rate: u.random.poisson(rate, (50,), key=key) for rate in (0, 0.1, 7, 1e6)},
    "dirichlet": lambda key: u.random.dirichlet([0.1, 2.0, 3.0, 0.1, 30.0], (20,), key=key),
    "dirichlet of small concentrations": lambda key: u.random.dirichlet([0.002] * 7, (4, 5), key=key),
    "dirichlet of many": lambda key: u.random.dirichlet(np.full(361, 0.03), key=key),
    "dirichlet of one": lambda key: u.random.dirichlet([2], (3,), key=key),
    "dirichlet of none": lambda key: u.random.dirichlet([2, 3], (0, 2), key=key),
    "gamma without axes": lambda key: u.random.gamma(3, key=key),
    "gamma in half precision": lambda key: u.random.gamma(3, (9,), "float16", key=key),
}


QUICK = ("gamma 0.03", "poisson 7", "dirichlet")


@pytest.mark.parametrize(
    "name", [name if name in QUICK else pytest.param(name, marks=pytest.mark.slow) for name in SHAPED]
)
def test_bits_of_draws_with_parameters_are_equal_on_both_frameworks_and_compiled(name):
    draw = SHAPED[name]
    ours = draw(u.random.key(7, backend="torch"))
    for theirs in (draw(jax.random.key(7)), jax.jit(draw)(jax.random.key(7))):
        assert np.asarray(theirs).tobytes() == ours.numpy().tobytes()
        assert theirs.dtype == ours.numpy().dtype
    rows = torch.vmap(draw)(u.random.split(u.random.key(7, backend="torch"), 2).to(torch.int64))
    assert torch.equal(rows[1], draw(u.random.split(u.random.key(7, backend="torch"))[1]))


def test_draws_with_parameters_compile_on_torch():
    def draw(key):
        return (
            u.random.gamma(0.5, (4,), key=key),
            u.random.dirichlet([1, 2], (3,), key=key),
            u.random.poisson(3, key=key),
        )

    key = u.random.key(5, backend="torch")
    compiled = torch.compile(draw, fullgraph=True, backend="eager")
    for one, other in zip(compiled(key), draw(key), strict=True):
        assert torch.equal(one, other)


@pytest.mark.slow
def test_draws_in_float64_are_equal_on_both_frameworks():
    with jax.enable_x64(True):
        for draw in (
            lambda key: u.random.gamma(0.01, (99,), "float64", key=key),
            lambda key: u.random.beta(0.01, 2, (99,), "float64", key=key),
            lambda key: u.random.dirichlet([0.01, 2], (99,), "float64", key=key),
        ):
            ours = draw(u.random.key(3, backend="torch")).numpy()
            assert ours.tobytes() == np.asarray(jax.jit(draw)(jax.random.key(3))).tobytes()


def own_and_portable(draw):
    """Return what `draw(key)` is by a key, and by torch's own generator in a body."""
    torch.manual_seed(1)
    net = u.transform(lambda: draw(None), backend="torch").init(rng=0)
    return draw(u.random.key(11, backend="torch")).numpy(), net().numpy()


@pytest.mark.parametrize("alpha", [0.02, 0.3, 1, 2.5, 50, 1e5])
def test_gamma_and_beta_have_the_distributions_of_scipy(alpha):
    count = 20_000
    for values in own_and_portable(lambda key: u.random.gamma(alpha, (count,), "float64", key=key)):
        assert scipy.stats.kstest(values, scipy.stats.gamma(alpha).cdf).pvalue > 1e-3
    for values in own_and_portable(lambda key: u.random.beta(alpha, 0.5, (count,), "float64", key=key)):
        assert scipy.stats.kstest(values, scipy.stats.beta(alpha, 0.5).cdf).pvalue > 1e-3
    ours = u.random.dirichlet([alpha, 0.5, 2], (count,), "float64", key=u.random.key(12, backend="torch")).numpy()
    for column, one in enumerate((alpha, 0.5, 2)):
        assert scipy.stats.kstest(ours[:, column], scipy.stats.beta(one, alpha + 2.5 - one).cdf).pvalue > 1e-3
    np.testing.assert_allclose(ours.sum(-1), 1, rtol=1e-12)
    pair = ours[:, 1] / (ours[:, 1] + ours[:, 2])  # independent of the first, which no marginal shows
    assert scipy.stats.kstest(pair, scipy.stats.beta(0.5, 2).cdf).pvalue > 1e-3
    assert abs(scipy.stats.spearmanr(pair, ours[:, 0]).statistic) < 0.03


@pytest.mark.parametrize("rate", [0.01, 0.7, 4, 30.5, 1e4])
def test_poisson_has_the_distribution_of_scipy(rate):
    oracle = scipy.stats.poisson(rate)
    for values in own_and_portable(lambda key: u.random.poisson(rate, (20_000,), key=key)):
        cuts = np.unique(oracle.ppf(np.linspace(0, 1, 12)[1:-1]))
        observed = np.bincount(np.searchsorted(cuts, values), minlength=len(cuts) + 1)
        expected = np.diff([0, *oracle.cdf(cuts), 1]) * len(values)
        assert scipy.stats.chisquare(observed, expected).pvalue > 1e-3


def test_quantiles_with_parameters_are_those_of_scipy():
    from unified.core.distributions import NumpyWords
    from unified.core.gamma import Beta, Gamma

    position = np.array([0, 1, 12345, 2**20 + 7, 2**31 - 1, 2**31, 2**32 - 70_000, 2**32 - 1], np.uint32)
    probability = (position.astype(np.float64) + 0.5) / 2**32
    lower = position < 2**31
    for alpha in (0.05, 0.5, 1, 3, 400, 1e5):
        for draw, oracle in (
            (Gamma(alpha), scipy.stats.gamma(alpha)),
            (Beta(alpha, 2), scipy.stats.beta(alpha, 2)),
            (Beta(2, alpha + 9), scipy.stats.beta(2, alpha + 9)),
        ):
            values = draw(NumpyWords(), position, "float64")
            # Within a segment, which is 1/256 of the tail, values are linear in the probability.
            np.testing.assert_allclose(oracle.cdf(values)[lower], probability[lower], rtol=1e-4)
            if not values.max() > 0.99 or values.max() > 1:  # beside one, what is left has few digits
                np.testing.assert_allclose(oracle.sf(values)[~lower], 1 - probability[~lower], rtol=1e-4)


@pytest.mark.slow
def test_draws_with_parameters_of_a_body_are_equal_on_both_frameworks():
    def forward():
        draws = u.random.gamma(0.5, (4,)), u.random.beta(2, 3, (4,)), u.random.dirichlet([0.1, 2], (4,))
        return (*draws, u.random.poisson(3, (4,), stream="noise"))

    seeds = {"params": 0, "noise": 1}
    ours = u.transform(forward, backend="torch", rng="portable").init(rng=seeds)()
    net = u.transform(forward, backend="jax")
    theirs, _ = net.apply(net.init(rng=seeds))
    for one, other in zip(ours, theirs, strict=True):
        np.testing.assert_array_equal(one.numpy(), np.asarray(other))


def test_draws_with_parameters_by_the_own_generator_of_torch_have_shapes_and_compile():
    def forward(x):
        draws = u.random.gamma(2.0, (), "bfloat16"), u.random.beta(1, 2, (0, 3)), u.random.poisson(3, (3,), "int64")
        return (x, *draws, u.random.dirichlet([1, 2, 3], (4,), "float16"))

    net = u.transform(forward, backend="torch").init(torch.ones(1), rng=0)
    for run in (net, torch.compile(net, fullgraph=True, backend="eager")):
        outputs = [(tuple(y.shape), y.dtype) for y in run(torch.ones(1))[1:]]
        dtypes = torch.bfloat16, torch.float32, torch.int64, torch.float16
        assert outputs == list(zip(((), (0, 3), (3,), (4, 3)), dtypes, strict=True))
    torch.manual_seed(0)
    first = net(torch.ones(1))[-1]
    torch.manual_seed(0)
    assert torch.equal(net(torch.ones(1))[-1], first)
    assert list(net.eval_shape(torch.ones(1))) == []


def test_parameters_that_draws_cannot_have_are_refused():
    key = u.random.key(0, backend="torch")
    for draw in (
        lambda: u.random.gamma(torch.ones(3), key=key),
        lambda: u.random.beta(1, jnp.ones(()), key=key),
        lambda: u.random.poisson(np.ones(3), key=key),
        lambda: u.random.dirichlet(torch.ones(3), key=key),
        lambda: u.random.dirichlet(2.0, key=key),
        lambda: u.random.bernoulli(torch.tensor(0.5), key=key),
        lambda: u.random.uniform(maxval=jnp.ones(()), key=key),
        lambda: u.random.truncated_normal(torch.zeros(()), 1.0, key=key),
        lambda: jax.jit(lambda alpha: u.random.gamma(alpha, key=key))(2.0),
    ):
        with pytest.raises(TypeError, match="number"):
            draw()
    for draw in (
        lambda: u.random.gamma(0, key=key),
        lambda: u.random.gamma(float("nan"), key=key),
        lambda: u.random.beta(1, -1, key=key),
        lambda: u.random.dirichlet([1, 2.0**31], key=key),
        lambda: u.random.dirichlet([], key=key),
        lambda: u.random.poisson(-1, key=key),
        lambda: u.random.poisson(2.0**25, key=key),
    ):
        with pytest.raises(ValueError, match=r"between|at least one"):
            draw()


@pytest.mark.parametrize("dtype", ["int32", "uint8", "bool", "complex64", torch.int64, np.int8])
@pytest.mark.parametrize(
    "draw",
    [
        u.random.normal,
        u.random.uniform,
        u.random.gumbel,
        u.random.laplace,
        u.random.exponential,
        lambda shape, dtype, key: u.random.truncated_normal(-1.0, 1.0, shape, dtype, key=key),
        lambda shape, dtype, key: u.random.gamma(2.0, shape, dtype, key=key),
        lambda shape, dtype, key: u.random.dirichlet([1.0, 2.0], shape, dtype, key=key),
    ],
)
def test_numbers_with_fractions_have_a_floating_point_dtype(draw, dtype):
    """As in jax.random, which refuses others too."""
    for backend in ("torch", "jax"):
        with pytest.raises(TypeError, match="floating-point"):
            draw((2,), dtype, key=u.random.key(0, backend=backend))
        net = u.transform(lambda x: draw((2,), dtype, key=None), backend=backend)
        with pytest.raises(TypeError, match="floating-point"):
            net.init(np.ones(1, "float32") if backend == "jax" else torch.ones(1), rng=0)


@pytest.mark.parametrize("backend", ["torch", "jax"])
def test_integers_stay_in_the_range_of_their_dtype(backend):
    key = u.random.key(0, backend=backend)
    for low, high, dtype in ((0, 129, "int8"), (-1, 2, "uint8"), (0, 257, "uint8"), (-(2**15) - 1, 0, "int16")):
        with pytest.raises(ValueError, match="numbers from"):
            u.random.randint((2,), low, high, dtype, key=key)
    for low, high, dtype in ((-128, 128, "int8"), (0, 256, "uint8"), (0, 2**31 - 1, "int32")):
        draws = u.random.randint((1000,), low, high, dtype, key=key).tolist()
        assert low <= min(draws) and max(draws) < high and max(draws) - min(draws) > 0.9 * (high - low)
    for dtype in ("float32", "bool"):
        with pytest.raises(TypeError, match="integers"):
            u.random.randint((2,), 0, 2, dtype, key=key)


def test_bounds_in_the_wrong_order_are_refused():
    key = u.random.key(0, backend="torch")
    for draw in (
        lambda: u.random.truncated_normal(1.0, 0.0, (2,), key=key),
        lambda: u.initializers.truncated_normal(low=1.0, high=-1.0),
        lambda: u.random.truncated_normal(float("nan"), 0.0, (2,), key=key),
    ):
        with pytest.raises(ValueError, match="low="):
            draw()
