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
