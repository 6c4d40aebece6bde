"""Keys that are made outside of a model: typed, raw, of any implementation, and met within any transform of JAX."""

import functools
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch

import unified as u
from unified.compat import jax as compat

IMPLEMENTATIONS = ("threefry2x32", "rbg", "unsafe_rbg")
MAKERS = (jax.random.key, jax.random.PRNGKey)
X = jnp.ones((2, 3))

each_key = pytest.mark.parametrize(
    "key",
    [make(3, impl=impl) for impl in IMPLEMENTATIONS for make in MAKERS],
    ids=[f"{make.__name__}-{impl}" for impl in IMPLEMENTATIONS for make in MAKERS],
)


def body(x: Any) -> Any:
    return u.Dropout(0.5)(u.Linear(3, 4)(x))


def larger(x: Any) -> Any:
    hidden = body(x)
    return u.Linear(4, 2)(hidden)


NET = u.transform(body, backend="jax")


def on_torch() -> Any:
    return u.transform(body, backend="torch", rng="portable")


def assert_same(params: Any, expected: Any) -> None:
    assert list(params) == list(expected)
    for path in expected:
        np.testing.assert_array_equal(params[path], expected[path], err_msg=path)


def first(tree: Any) -> Any:
    return jax.tree.map(lambda leaf: leaf[0], tree)


PLACES: dict[str, Callable[[Any], Any]] = {
    "jit, key outside": lambda key: jax.jit(lambda x: NET.init(x, rng=key))(X),
    "jit, key passed": lambda key: jax.jit(lambda key, x: NET.init(x, rng=key))(key, X),
    "vmap, key outside": lambda key: first(jax.vmap(lambda x: NET.init(x, rng=key))(X[None])),
    "vmap over keys": lambda key: first(jax.vmap(lambda key: NET.init(X, rng=key))(key[None])),
    "scan, key outside": lambda key: first(jax.lax.scan(lambda c, x: (c, NET.init(x, rng=key)), 0, X[None])[1]),
    "scan over keys": lambda key: first(jax.lax.scan(lambda c, key: (c, NET.init(X, rng=key)), 0, key[None])[1]),
    "scan in jit": lambda key: jax.jit(lambda: first(jax.lax.map(lambda x: NET.init(x, rng=key), X[None])))(),
    "cond": lambda key: jax.lax.cond(True, lambda x: NET.init(x, rng=key), lambda x: NET.init(x, rng=0), X),
    "remat": lambda key: jax.checkpoint(lambda x: NET.init(x, rng=key))(X),
    "torch": lambda key: on_torch().init(torch.ones(2, 3), rng=key).params.to("numpy"),
}


@each_key
@pytest.mark.parametrize("place", PLACES)
def test_init_where_a_key_is_met(key: Any, place: str) -> None:
    assert_same(PLACES[place](key), NET.init(X, rng=key))


@each_key
def test_shapes_of_init_with_a_key(key: Any) -> None:
    shapes = jax.eval_shape(functools.partial(NET.init, rng=key), X)
    assert shapes["linear/weight"].shape == (4, 3) and shapes["rng/key"].shape == (2,)


def test_a_threefry_key_is_its_seed() -> None:
    for make in MAKERS:
        assert_same(NET.init(X, rng=make(3)), NET.init(X, rng=3))


@pytest.mark.parametrize("impl", ["rbg", "unsafe_rbg"])
def test_the_words_of_another_key_are_folded(impl: str) -> None:
    """All four words count: those of a seed are two, twice."""
    keys = [jax.random.key(seed, impl=impl) for seed in range(20)]
    keys += list(jax.random.split(keys[0], 20))
    assert len({tuple(NET.init(X, rng=key)["rng/key"].tolist()) for key in keys}) == 40
    first_words, last_words = jnp.split(jax.random.key_data(keys[-1]), 2)
    expected = jax.extend.random.threefry_2x32(first_words, last_words)
    np.testing.assert_array_equal(NET.init(X, rng=keys[-1])["rng/key"], expected)


ENTRIES: dict[str, Callable[[Any, Any], Any]] = {
    "or": lambda params, key: params | {"rng/key": key},
    "merge": lambda params, key: params.merge({"rng/key": key}),
    "update": lambda params, key: params.update({"rng/key": key}),
    "Params": lambda params, key: u.Params({**params, "rng/key": key}),
    "from_state_dict": lambda params, key: params.from_state_dict({**params.state_dict(), "rng.key": key}),
    "dict": lambda params, key: {**params, "rng/key": key},
    "tree.map": lambda params, key: jax.tree.map(lambda v: key if v.shape == (2,) else v, params),
    "in jit": lambda params, key: jax.jit(lambda key: params | {"rng/key": key})(key),
}


@each_key
@pytest.mark.parametrize("entry", ENTRIES)
def test_a_key_replaces_the_one_of_params(key: Any, entry: str) -> None:
    params = NET.init(X, rng=9)
    replaced = ENTRIES[entry](params, key)
    expected = params | {"rng/key": NET.init(X, rng=key)["rng/key"]}
    reference = NET.apply(expected, X, training=True)[0]
    assert (reference != NET.apply(params, X, training=True)[0]).any()
    for apply in (NET.apply, jax.jit(NET.apply, static_argnames="training")):
        np.testing.assert_array_equal(apply(replaced, X, training=True)[0], reference)
    if isinstance(replaced, u.Params) and entry != "tree.map":
        assert_same(replaced, expected)
    if entry in ("or", "merge", "update", "from_state_dict", "in jit"):
        assert jax.tree.structure(replaced) == jax.tree.structure(params)
    net = on_torch().init(torch.ones(2, 3), rng=0).load_params(replaced).train()
    np.testing.assert_allclose(net(torch.ones(2, 3)).detach(), reference, rtol=1e-6)


@each_key
@pytest.mark.parametrize("backend", ["torch", "jax"])
def test_params_are_unlocked_by_a_key(key: Any, backend: str) -> None:
    x: Any = torch.ones(2, 3) if backend == "torch" else X

    def params_of(function: Any, rng: Any) -> tuple[Any, Any]:
        net: Any = u.transform(function, backend=backend)
        params = net.init(x, rng=rng)
        return net, params if backend == "jax" else params.params

    params = params_of(body, 0)[1].unlocked(rng=key)
    net, expected = params_of(larger, key)
    assert hash(jax.tree.structure(params)) is not None and isinstance(params.growth, int)
    output, changes = net.apply(params, x)
    np.testing.assert_array_equal(changes["linear_1/weight"].tolist(), expected["linear_1/weight"].tolist())
    assert net.apply(params | changes, x)[0].tolist() == output.tolist()


def test_an_unlocking_seed_is_its_key() -> None:
    params = NET.init(X, rng=0)
    assert params.unlocked(rng=5) == params.unlocked(rng=jax.random.key(5)) == params.unlocked(rng=np.uint32([0, 5]))


@pytest.mark.parametrize("impl", IMPLEMENTATIONS)
def test_the_key_of_a_draw_whatever_the_default(impl: str) -> None:
    def draws(x: Any) -> Any:
        weight = u.get_parameter("weight", (3,), init_fn=jax.nn.initializers.normal())
        return jax.random.normal(u.next_rng_key(), (3,)), jax.random.split(u.next_rng_key()), weight

    net: Any = u.transform(draws, backend="jax")
    expected, split, weight = net.apply(net.init(X, rng=0), X)[0]
    assert str(jax.random.key_impl(split[0])) == "threefry2x32"
    with jax.default_prng_impl(impl):
        params = net.init(X, rng=0)
        for apply in (net.apply, jax.jit(net.apply)):
            output, again, same_weight = apply(params, X)[0]
            np.testing.assert_array_equal(output, expected)
            np.testing.assert_array_equal(jax.random.key_data(again), jax.random.key_data(split))
            np.testing.assert_array_equal(same_weight, weight)
        key = jax.random.key(1)
        jitted = jax.jit(lambda: net.init(X, rng=key))()
        assert_same({"rng/key": jitted["rng/key"]}, {"rng/key": net.init(X, rng=key)["rng/key"]})


def test_the_keys_of_draws_have_the_same_words() -> None:
    def draws(x: Any) -> Any:
        key = u.next_rng_key()
        return compat.random.key_data(key), compat.random.bits(key, (5,)), compat.random.fold_in(key, 3)

    net: Any = u.transform(draws, backend="jax")
    of_jax = net.apply(net.init(X, rng=0), X)[0]
    of_torch: Any = u.transform(draws, backend="torch", rng="portable").init(torch.ones(1), rng=0)(torch.ones(1))
    for expected, value in zip((of_jax[0], of_jax[1], jax.random.key_data(of_jax[2])), of_torch, strict=True):
        assert value.tolist() == expected.tolist()


def test_keys_of_lanes_and_steps() -> None:
    def draws(xs: Any) -> Any:
        lanes = u.vmap(lambda x: jax.random.normal(u.next_rng_key(), ()), split_rngs=True)(xs)
        steps = u.scan(lambda c, x: (c, u.next_rng_key()), None, xs)[1]
        return lanes, jax.vmap(lambda key: jax.random.normal(key, ()))(steps)

    net: Any = u.transform(draws, backend="jax")
    with jax.default_prng_impl("rbg"):
        lanes, steps = jax.jit(net.apply)(net.init(jnp.ones(4), rng=0), jnp.ones(4))[0]
    assert len({*lanes.tolist(), *steps.tolist()}) == 8


@pytest.mark.parametrize(
    "rng",
    [jax.random.split(jax.random.key(0), 3), np.ones(3, np.uint32), np.ones(2), "seed", np.ones((1, 4), np.uint32)],
    ids=["keys", "three words", "floats", "text", "matrix"],
)
def test_what_is_no_key(rng: Any) -> None:
    for init in (
        lambda: NET.init(X, rng=rng),
        lambda: on_torch().init(torch.ones(2, 3), rng=rng),
        lambda: NET.init(X, rng=0).unlocked(rng=rng),
    ):
        with pytest.raises(TypeError, match="rng must be an integer or a key of two 32-bit words"):
            init()


def test_traced_keys_that_are_refused() -> None:
    with pytest.raises(TypeError, match=r"a traced rng must be a key of two 32-bit words, got float32\[2\]"):
        jax.jit(lambda key: NET.init(X, rng=key))(jnp.ones(2))
    with pytest.raises(TypeError, match="rng must be a key with a value here"):
        jax.jit(lambda key: NET.init(X, rng=0).unlocked(rng=key))(jax.random.key(0))


def test_keys_of_several_models_in_one_call() -> None:
    stacked = jax.vmap(lambda key: NET.init(X, rng=key))(jax.random.split(jax.random.key(0), 3))
    with pytest.raises(ValueError, match=r"'rng/key' has shape \(3, 2\).*jax\.vmap\(net\.apply\)"):
        NET.apply(stacked, X, training=True)
    outputs, _ = jax.vmap(functools.partial(NET.apply, training=True), (0, None))(stacked, X)
    for lane, key in enumerate(jax.random.split(jax.random.key(0), 3)):
        expected = NET.apply(NET.init(X, rng=key), X, training=True)[0]
        np.testing.assert_allclose(outputs[lane], expected, rtol=1e-6, atol=1e-6)
    rekeyed = stacked | {"rng/key": jax.random.split(jax.random.key(1, impl="rbg"), 3)}
    assert rekeyed["rng/key"].shape == (3, 2)
