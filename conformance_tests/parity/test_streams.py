"""Named streams of random numbers: the same bits on both frameworks, wherever a body draws, and whatever holds them."""

import copy
import functools
import pickle
import threading

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch

import unified as u
import unified.functional as F
from unified.core import threefry
from unified.core.distributions import NumpyWords, Uniform
from unified.testing import assert_parity

X = np.random.default_rng(0).standard_normal((3, 4)).astype(np.float32)
SEEDS = {"params": 0, "dropout": 1, "noise": 2}


def forward(x):
    x = u.Dropout(0.5)(u.Linear(4, 4)(x))
    x = x + u.random.normal((4,)) + u.random.normal((4,), stream="noise")
    return F.dropout(x, 0.25, training=u.is_training()) * u.random.uniform((4,), stream="noise")


def on_jax(rng, fn=forward):
    net = u.transform(fn, backend="jax")
    return net, net.init(X, rng=rng)


def on_torch(rng, fn=forward, **options):
    return u.transform(fn, backend="torch", rng="portable", **options).init(torch.tensor(X), rng=rng).train()


def assert_equal(params, others):
    assert list(params) == list(others)
    for path, value in params.items():
        np.testing.assert_array_equal(np.asarray(value), np.asarray(others[path]), err_msg=path)


def test_mapping_gives_equal_bits_on_both_frameworks():
    net, params = on_jax(SEEDS)
    model = on_torch(SEEDS)
    assert_equal(params, model.params.to("jax"))
    apply = jax.jit(functools.partial(net.apply, training=True))
    for _ in range(2):
        y, changes = apply(params, X)
        np.testing.assert_allclose(model(torch.tensor(X)).detach().numpy(), y, rtol=1e-6, atol=1e-6)
        assert set(changes) == {"rng/counter", "rng/dropout/counter", "rng/noise/counter"}
        params = params | changes
    assert_equal(params, model.params.to("jax"))
    assert_parity(forward, X, rng=SEEDS)


def test_stream_is_what_its_documentation_says():
    """The key of a draw is that of `jax.random.fold_in`s: the stream's path, the call, the scope, the number."""

    def body():
        return u.random.uniform((5,)), u.random.uniform((5,), stream="noise"), u.random.uniform((5,), stream="noise")

    net = u.transform(body, backend="jax")
    drawn, _ = net.apply(net.init(rng=SEEDS))

    def expected(seed, stream, index):
        root = (0, seed)
        if stream:
            root = threefry.threefry2x32(root, threefry.path_words(f"rng/{stream}"))
        call = threefry.fold_in(threefry.fold_in(root, threefry.STREAM_CALLS), 0)
        key = threefry.fold_in(threefry.fold_path(call, ""), index)
        bits = jax.random.bits(jax.random.wrap_key_data(jnp.array(key, jnp.uint32)), (5,), jnp.uint32)
        return Uniform()(NumpyWords(), np.asarray(bits), "float32")

    for values, place in zip(drawn, ((0, "", 0), (2, "noise", 0), (2, "noise", 1)), strict=True):
        np.testing.assert_array_equal(values, expected(*place))


def test_integer_has_the_bits_that_it_always_had():
    """Recorded before streams had names; a mapping of `params` or `default` alone is that integer."""

    def body(x):
        return u.Dropout(0.5)(x) + u.random.normal((3,))

    words = [[0, 5], 0, [3.7474617958068848, 1.6222355365753174, 0.8098686337471008]]
    for rng in (5, {"params": 5}, {"default": 5}):
        net = u.transform(body, backend="jax")
        params = net.init(np.ones(3, np.float32), rng=rng)
        assert list(params) == ["rng/key", "rng/counter"]
        y, _ = net.apply(params, np.ones(3, np.float32), training=True)
        model = u.transform(body, backend="torch", rng="portable").init(torch.ones(3), rng=rng).train()
        assert model(torch.ones(3)).tolist() == y.tolist()
        assert [params["rng/key"].tolist(), int(params["rng/counter"])] == words[:2]
        np.testing.assert_array_equal(y, np.float32(words[2]))


@pytest.mark.slow
def test_draw_without_a_stream_of_its_name_is_one_of_the_default_stream():
    def named(x):
        return u.Dropout(0.5)(x) + u.random.normal((4,), stream="noise")

    def plain(x):
        return u.Dropout(0.5)(x) + u.random.normal((4,))

    (one, params), (other, _) = on_jax(3, named), on_jax(3, plain)
    np.testing.assert_array_equal(one.apply(params, X, training=True)[0], other.apply(params, X, training=True)[0])


def test_streams_with_one_seed_draw_different_numbers():
    def body():
        return u.random.normal((8,)), u.random.normal((8,), stream="one"), u.random.normal((8,), stream="other")

    net = u.transform(body, backend="jax")
    first, second, third = net.apply(net.init(rng={"params": 0, "one": 0, "other": 0}))[0]
    assert not (first == second).any()
    assert not (second == third).any()


@pytest.mark.slow
def test_draws_of_one_stream_leave_the_others_as_they_are():
    def more(x):
        u.random.normal((4,), stream="noise")
        return forward(x)

    net, params = on_jax(SEEDS, lambda x: u.Dropout(0.5)(x) + u.random.normal((4,)))
    noisy, _ = on_jax(SEEDS, lambda x: u.Dropout(0.5)(x) + u.random.normal((4,)) + 0 * u.random.normal(stream="noise"))
    np.testing.assert_array_equal(net.apply(params, X, training=True)[0], noisy.apply(params, X, training=True)[0])
    only_noise = u.transform(lambda: u.random.normal((2,), stream="noise"), backend="jax")
    _, changes = only_noise.apply(only_noise.init(rng=SEEDS))
    assert list(changes) == ["rng/noise/counter"]


RANDOM_LAYERS = {
    "Dropout": lambda x: u.Dropout(0.5)(x),
    "Dropout1d": lambda x: u.Dropout1d(0.5)(x),
    "AlphaDropout": lambda x: u.AlphaDropout(0.5)(x),
    "FeatureAlphaDropout": lambda x: u.FeatureAlphaDropout(0.5)(x),
    "MultiheadAttention": lambda x: u.MultiheadAttention(4, 2, dropout=0.5)(x, x, x)[0],
    "LSTM": lambda x: u.LSTM(4, 4, num_layers=2, dropout=0.5)(x)[0],
    "TransformerEncoderLayer": lambda x: u.TransformerEncoderLayer(4, 2, 8, dropout=0.5)(x),
    "dropout": lambda x: F.dropout(x, 0.5, u.is_training()),
    "dropout1d": lambda x: F.dropout1d(x, 0.5, u.is_training()),
    "alpha_dropout": lambda x: F.alpha_dropout(x, 0.5, u.is_training()),
    "feature_alpha_dropout": lambda x: F.feature_alpha_dropout(x, 0.5, u.is_training()),
    "scaled_dot_product_attention": lambda x: F.scaled_dot_product_attention(x, x, x, dropout_p=0.5 * u.is_training()),
}


QUICK = ("Dropout", "MultiheadAttention", "dropout")


@pytest.mark.parametrize(
    "name", [name if name in QUICK else pytest.param(name, marks=pytest.mark.slow) for name in RANDOM_LAYERS]
)
def test_all_that_drops_draws_from_the_stream_dropout(name):
    body, x = RANDOM_LAYERS[name], np.tile(X, (2, 1, 1))
    net = u.transform(body, backend="jax")
    first, second = ({"params": 0, "dropout": seed} for seed in (1, 2))
    y, changes = net.apply(net.init(x, rng=first), x, training=True)
    assert list(changes) == ["rng/dropout/counter"]
    other = net.apply(net.init(x, rng=second), x, training=True)[0]
    assert not np.array_equal(y, other)
    model = u.transform(body, backend="torch", rng="portable").init(torch.tensor(x), rng=first).train()
    np.testing.assert_allclose(model(torch.tensor(x)).detach().numpy(), y, rtol=1e-5, atol=1e-5)


def test_other_random_layers_draw_from_the_default_stream():
    net = u.transform(lambda x: u.RReLU()(x), backend="jax")
    _, changes = net.apply(net.init(X, rng=SEEDS), X, training=True)
    assert list(changes) == ["rng/counter"]


def loop(x):
    def step(carry, x):
        return carry + u.Dropout(0.5)(x), u.random.normal((4,), stream="noise")

    return u.scan(step, u.random.normal((4,)), x)


def lanes(x):
    return u.vmap(lambda row: u.Dropout(0.5)(row) + u.random.normal((4,), stream="noise"))(x)


def layers(x):
    return u.layer_stack(2)(lambda x: u.Dropout(0.5)(u.Linear(4, 4)(x)) + u.random.normal((4,), stream="noise"))(x)


def recomputed(x):
    return u.remat(lambda x: u.Dropout(0.5)(u.Linear(4, 4)(x)))(x) + u.random.normal((4,), stream="noise")


def branch(x):
    return u.cond(x.sum() > -1e9, lambda x: u.Dropout(0.5)(x), lambda x: x, x) + u.random.normal((4,), stream="noise")


@pytest.mark.parametrize(
    "body", [lanes, *(pytest.param(body, marks=pytest.mark.slow) for body in (loop, layers, recomputed, branch))]
)
def test_streams_reach_into_transforms_of_a_body(body):
    net, params = on_jax(SEEDS, body)
    model = on_torch(SEEDS, body)
    ours, theirs = model(torch.tensor(X)), jax.jit(functools.partial(net.apply, training=True))(params, X)[0]
    for one, other in zip(
        *map(jax.tree.leaves, (jax.tree.map(lambda t: t.detach().numpy(), ours), theirs)), strict=True
    ):
        np.testing.assert_allclose(one, other, rtol=1e-6, atol=1e-6)
    rows = np.asarray(jax.tree.leaves(theirs)[-1])
    assert len(np.unique(rows.round(4), axis=0)) == len(rows)  # each step and lane draws numbers of its own
    separate = on_torch(SEEDS, body, stacks="separate")
    np.testing.assert_array_equal(
        jax.tree.leaves(jax.tree.map(lambda t: t.detach().numpy(), separate(torch.tensor(X))))[-1],
        jax.tree.leaves(jax.tree.map(lambda t: t.detach().numpy(), on_torch(SEEDS, body)(torch.tensor(X))))[-1],
    )


def test_init_runs_under_jit_with_keys_that_are_traced():
    net, params = on_jax({"params": jax.random.key(0), "dropout": jax.random.PRNGKey(1), "noise": 2})
    assert_equal(params, on_jax(SEEDS)[1])
    traced = jax.jit(lambda keys: net.init(X, rng={**keys, "noise": 2}))
    assert_equal(params, traced({"params": jax.random.key(0), "dropout": jax.random.key(1)}))
    rows = jax.vmap(lambda key: net.init(X, rng={"params": 0, "dropout": key, "noise": 2}))(
        jax.random.split(jax.random.key(4), 3)
    )
    assert rows["rng/dropout/key"].shape == (3, 2)
    outputs = jax.vmap(lambda params: net.apply(params, X, training=True)[0])(rows)
    assert not (outputs[0] == outputs[1]).all()
    shapes = net.eval_shape(X, rng=SEEDS)
    assert {p: (v.shape, v.dtype) for p, v in shapes.items()} == {p: (v.shape, v.dtype) for p, v in params.items()}
    assert list(on_torch(SEEDS).eval_shape(torch.tensor(X), rng=SEEDS)) == list(params)
    assert all(params.info[path].collection == "rng" for path in params if path.startswith("rng/"))


@pytest.mark.slow
def test_compiled_torch_draws_the_same():
    model = on_torch(SEEDS)
    compiled = torch.compile(copy.deepcopy(model), fullgraph=True, backend="eager")
    for _ in range(2):
        torch.testing.assert_close(compiled(torch.tensor(X)), model(torch.tensor(X)))


def test_copies_state_dicts_and_files_keep_the_streams(tmp_path):
    model = on_torch(SEEDS)
    model(torch.tensor(X))
    torch.save(model, tmp_path / "model.pt")  # pickle alone fails for any uint32 tensor in torch 2.13
    twins = [copy.deepcopy(model), torch.load(tmp_path / "model.pt", weights_only=False)]
    twins.append(on_torch(dict.fromkeys(SEEDS, 7)))
    twins[2].load_state_dict(model.state_dict())
    net, params = on_jax(SEEDS)
    params = params | net.apply(params, X, training=True)[1]
    u.save(tmp_path / "model.safetensors", params)
    bound = u.load_model(tmp_path / "model.safetensors", forward, X, backend="jax")
    assert_equal(bound.params, params)
    assert_equal(u.load(tmp_path / "model.safetensors", "jax"), params)
    assert_equal(pickle.loads(pickle.dumps(params)), params)
    expected = net.apply(params, X, training=True)[0]
    np.testing.assert_array_equal(net.apply(bound.params, X, training=True)[0], expected)
    for twin in (model, *twins, on_torch(SEEDS).load_params(params)):
        np.testing.assert_allclose(twin(torch.tensor(X)).detach().numpy(), expected, rtol=1e-6, atol=1e-6)
    plain = u.load_model(tmp_path / "model.safetensors", forward, torch.tensor(X), backend="torch")
    assert not [name for name in plain.state_dict() if name.startswith("rng")]


def test_apply_over_params_writes_the_counters_of_streams():
    model = on_torch(SEEDS)
    params = model.params
    y, changes = model.apply(params, torch.tensor(X), training=True)
    assert set(changes) == {"rng/counter", "rng/dropout/counter", "rng/noise/counter"}
    again, _ = model.apply(params | changes, torch.tensor(X), training=True)
    torch.testing.assert_close(model(torch.tensor(X)), y)
    torch.testing.assert_close(model(torch.tensor(X)), again)


def test_reseed_starts_one_stream_or_all():
    net, params = on_jax(SEEDS)
    used = params | net.apply(params, X, training=True)[1]
    assert_equal(net.reseed(used, {"default": 0, "dropout": 1, "noise": 2}), params)
    one = net.reseed(used, {"dropout": 1})
    assert int(one["rng/dropout/counter"]) == 0
    assert int(one["rng/noise/counter"]) == 1
    every = net.reseed(used, 4)
    assert all(every[path].tolist() == [0, 4] for path in every if path.endswith("/key"))
    model = on_torch(SEEDS)
    assert_equal(model.reseed(model.params, 4).filter("rng/*"), every.filter("rng/*"))
    assert_equal(net.bind(used).reseed({"dropout": 1}).params, one)
    for seeds in ({"params": 0}, {"dropuot": 0}):
        with pytest.raises(KeyError, match=r"no stream of random numbers .*'default', 'dropout', 'noise'"):
            net.reseed(params, seeds)


def test_fold_in_parts_all_streams():
    _, params = on_jax(SEEDS)
    folded = u.random.fold_in(params, 3)
    for path in ("rng/key", "rng/dropout/key", "rng/noise/key"):
        alone = u.random.fold_in(u.Params({"rng/key": params[path]}), 3)
        np.testing.assert_array_equal(folded[path], alone["rng/key"])
        assert not np.array_equal(folded[path], params[path])


def test_keys_of_streams_may_be_typed_and_stay_integers():
    net, params = on_jax(SEEDS)
    typed = params | {"rng/dropout/key": jax.random.key(1)}
    np.testing.assert_array_equal(net.apply(typed, X, training=True)[0], net.apply(params, X, training=True)[0])
    cast = jax.tree.map(lambda x: x.astype(jnp.float32), params)
    with pytest.raises(TypeError, match=r"rng/key' has the dtype float32"):
        net.apply(cast, X, training=True)
    part = params.replaced({"rng/dropout/key": params["rng/dropout/key"].astype(jnp.float32)})
    with pytest.raises(TypeError, match=r"rng/dropout/key' has the dtype float32"):
        net.apply(part, X, training=True)
    assert params.astype("bfloat16")["rng/dropout/key"].dtype == np.uint32


def test_threads_draw_as_one():
    model = on_torch(SEEDS)
    state = model.params.to("torch")
    expected = model.apply(state, torch.tensor(X), training=True)[0]
    outputs: list = [None] * 8

    def run(position):
        for _ in range(5):
            outputs[position] = model.apply(state, torch.tensor(X), training=True)[0]

    threads = [threading.Thread(target=run, args=(position,)) for position in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(torch.equal(output, expected) for output in outputs)


def test_keys_for_the_framework_come_from_streams():
    def body():
        return u.next_rng_key(stream="noise")

    net = u.transform(body, backend="jax")
    key, changes = net.apply(net.init(rng=SEEDS))
    model = u.transform(body, backend="torch", rng="portable").init(rng=SEEDS)
    assert model().tolist() == jax.random.key_data(key).tolist()
    assert list(changes) == ["rng/noise/counter"]


def test_module_of_torch_draws_its_dropout_from_a_stream():
    module = torch.nn.Sequential(torch.nn.Linear(4, 4), torch.nn.Dropout(0.5))
    net = u.from_torch(module, torch.tensor(X))
    params = net.init(rng=SEEDS)
    assert list(net.eval_shape(rng=SEEDS)) == list(params)
    assert list(net.apply(params, X, training=True)[1]) == ["rng/dropout/counter"]


def test_what_cannot_be_a_stream_is_refused():
    net = u.transform(forward, backend="jax")
    for rng, error, message in (
        ({"dropout": 1}, ValueError, "none for first values: add 'params'"),
        ({}, ValueError, "no stream"),
        ({"params": 0, "key": 1}, ValueError, "cannot be called 'key'"),
        ({"params": 0, "a/b": 1}, ValueError, "Python identifiers"),
        ({"params": 0, 3: 1}, TypeError, "names of streams"),
        ({"params": 0, "dropout": 0.5}, TypeError, "integer or a key"),
    ):
        with pytest.raises(error, match=message):
            net.init(X, rng=rng)
        with pytest.raises(error, match=message):
            on_torch(rng)
    with pytest.raises(TypeError, match="leave out stream='noise'"):
        u.random.normal(key=u.random.key(0, backend="torch"), stream="noise")
    with pytest.raises(TypeError, match="one seed or key here"):
        net.init(X, rng=0).unlocked(rng=SEEDS)


def test_own_generator_of_torch_has_one_stream():
    model = u.transform(forward, backend="torch")
    for rng in (SEEDS, {"params": 0, "default": 1}):
        with pytest.raises(u.BackendError, match="rng='portable'"):
            model.init(torch.tensor(X), rng=rng)
    assert_equal(
        model.init(torch.tensor(X), rng={"params": 4}).params.to("numpy"), on_jax(4)[1].filter(u.filters.not_("rng/*"))
    )


def test_params_with_a_stream_that_the_model_lacks_are_refused():
    model, params = on_torch(0), on_jax(SEEDS)[1]
    for use in (model.load_params, model.bind, lambda params: model.apply(params.to("torch"), torch.tensor(X))):
        with pytest.raises(KeyError, match=r"'dropout' .*rng/dropout/key.*init"):
            use(params)
    with pytest.raises((KeyError, u.StructureChangedError), match="rng/dropout/key"):
        on_torch(SEEDS).load_params(on_jax(0)[1])
