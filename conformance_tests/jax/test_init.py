"""`init` and `eval_shape` on JAX: keys, tracing, sharding, data-dependent bodies and `init_fn`."""

import time
import tracemalloc
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.sharding import AxisType, NamedSharding, PartitionSpec

import unified as u
from conformance_tests.jax.fresh import run_fresh
from conformance_tests.jax.models import CONVNET, MLP, Case, mlp, model

X = np.arange(12, dtype=np.float32).reshape(4, 3)


def assert_same(left: u.Params, right: u.Params) -> None:
    """Assert that both have the same bits at the same paths."""
    assert list(left) == list(right)
    for path in left:
        assert left[path].dtype == right[path].dtype, path
        assert np.asarray(left[path]).tobytes() == np.asarray(right[path]).tobytes(), path


@pytest.mark.parametrize(
    "rng",
    [
        np.int64(0),
        np.uint32(0),
        jnp.uint32(0),
        np.zeros(2, np.uint32),
        jax.random.key(0),
        jax.random.PRNGKey(0),
        jax.random.key(0, impl="threefry2x32"),
    ],
    ids=str,
)
def test_all_forms_of_seed_zero_are_equal(rng: Any) -> None:
    assert_same(CONVNET.net.init(CONVNET.x, rng=rng), CONVNET.params)


@pytest.mark.parametrize("seed", [1, 2**31 - 1, 2**31, 2**32 - 1, -1])
def test_an_integer_is_the_seed_of_a_key(seed: int) -> None:
    with jax.enable_x64(True):  # jax.random.key takes seeds above 32 bits only with it
        key = jax.random.key_data(jax.random.key(seed))
    assert_same(MLP.net.init(MLP.x, rng=seed), MLP.net.init(MLP.x, rng=key))


def test_other_seeds_give_other_values() -> None:
    weights = [np.asarray(MLP.net.init(MLP.x, rng=seed)["linear/weight"]) for seed in (0, 1, 2**32, 2**32 + 1)]
    assert len({weight.tobytes() for weight in weights}) == 4


def test_a_key_can_be_used_again() -> None:
    key = jax.random.key(5)
    assert_same(MLP.net.init(MLP.x, rng=key), MLP.net.init(MLP.x, rng=key))


def test_no_key_is_refused() -> None:
    with pytest.raises(TypeError, match=r"init needs rng= on jax: an integer seed, or a key such as jax.random.key"):
        MLP.net.init(MLP.x)


@pytest.mark.parametrize("rng", [1.0, "0", jax.random.split(jax.random.key(0), 3)])
def test_what_is_no_key_is_refused(rng: Any) -> None:
    with pytest.raises(TypeError, match="rng must be an integer or a key of two 32-bit words"):
        MLP.net.init(MLP.x, rng=rng)


def test_a_traced_seed_is_refused() -> None:
    with pytest.raises(TypeError, match=r"make one with jax.random.key\(seed\)"):
        jax.jit(lambda seed: MLP.net.init(MLP.x, rng=seed))(0)


def families(x: jax.Array) -> jax.Array:
    """Declare a parameter of each family of initialisers."""
    for name, init_fn in {
        "uniform": u.initializers.uniform(-0.3, 1.7),
        "normal": u.initializers.normal(0.1, 0.02),
        "truncated": u.initializers.truncated_normal(std=0.02),
        "kaiming": u.initializers.kaiming_normal(),
        "lecun": u.initializers.lecun_normal(),
        "eye": u.initializers.eye,
        "constant": u.initializers.constant(0.1),
        "ones": jnp.ones,
    }.items():
        u.get_parameter(name, (64, 64), init_fn)
    return x


@pytest.mark.parametrize("fn", [mlp, families])
def test_under_jit_with_a_traced_key_the_bits_are_equal(fn: Any) -> None:
    net = model(fn)
    jitted = jax.jit(lambda key, x: net.init(x, rng=key))
    for key in (jax.random.key(0), jax.random.key(12345)):
        traced, eager = jitted(key, MLP.x), net.init(MLP.x, rng=key)
        assert_same(traced, eager)
        assert jax.tree.structure(traced) == jax.tree.structure(eager)
    assert_same(jax.jit(lambda key: net.init(MLP.x, rng=key))(jax.random.PRNGKey(0)), net.init(MLP.x, rng=0))


def test_under_jit_the_models_have_equal_bits(case: Case) -> None:
    assert_same(jax.jit(lambda key: case.net.init(case.x, rng=key))(jax.random.key(0)), case.params)


def compare_sharded() -> None:
    """Check, on eight devices, that each makes its part and that the whole has the bits of an eager init."""
    mesh = jax.make_mesh((8,), ("data",), axis_types=(AxisType.Auto,))
    net = model(lambda x: u.LayerNorm(16)(u.Linear(None, 16)(x)))

    def sharding(shape: jax.ShapeDtypeStruct) -> NamedSharding:
        return NamedSharding(mesh, PartitionSpec("data"))

    shardings = jax.tree.map(sharding, net.eval_shape(X))
    params = jax.jit(lambda key: net.init(X, rng=key), out_shardings=shardings)(jax.random.key(3))
    for path, value in params.items():
        assert value.sharding.is_equivalent_to(shardings[path], value.ndim), path
        assert [shard.data.shape[0] for shard in value.addressable_shards] == [2] * 8, path
    assert_same(params, net.init(X, rng=3))
    out, _ = jax.jit(net.apply)(params, X)
    np.testing.assert_allclose(out, net.apply(net.init(X, rng=3), X)[0], rtol=1e-5, atol=1e-5)
    print("compared")


def test_with_out_shardings_on_eight_devices() -> None:
    printed = run_fresh(__name__, "compare_sharded", XLA_FLAGS="--xla_force_host_platform_device_count=8")
    assert printed.split() == ["compared"]


def test_the_body_runs_once_on_shapes_alone() -> None:
    is_traced = []

    def body(x: jax.Array) -> jax.Array:
        is_traced.append(isinstance(x, jax.core.Tracer))
        return u.Linear(3, 2)(x)

    net = model(body)
    net.init(X, rng=0)
    assert is_traced == [True]
    net.eval_shape(X)
    assert is_traced == [True, True]


def test_what_the_body_computes_is_not_allocated() -> None:
    def body(x: jax.Array) -> jax.Array:
        huge = jnp.ones((2**20, 2**20)) * u.Linear(3, 2)(x).sum()
        return huge.sum()

    assert list(model(body).init(X, rng=0)) == ["linear/weight", "linear/bias"]


def test_inputs_can_be_shapes(case: Case) -> None:
    shape = jax.ShapeDtypeStruct(case.x.shape, case.x.dtype)
    assert_same(case.net.init(shape, rng=0), case.params)
    assert dict(case.net.eval_shape(shape)) == dict(case.net.eval_shape(case.x))


def test_eval_shape_returns_the_shapes_of_init(case: Case) -> None:
    shapes = case.net.eval_shape(case.x)
    assert all(isinstance(shape, jax.ShapeDtypeStruct) for shape in shapes.values())
    assert {path: (s.shape, s.dtype) for path, s in shapes.items()} == {
        path: (value.shape, value.dtype) for path, value in case.params.items()
    }
    assert shapes.info == case.params.info


def gpt2(tokens: jax.Array) -> jax.Array:
    """Declare the 124 million parameters of GPT-2's small model, without computing its attention."""
    x = u.Embedding(50257, 768)(tokens) + u.get_parameter("positions", (1024, 768))[: tokens.shape[1]]
    for _ in range(12):
        h = u.Linear(768, 3 * 768)(u.LayerNorm(768)(x))
        x = x + u.Linear(768, 768)(h[..., :768])
        x = x + u.Linear(3072, 768)(u.GELU()(u.Linear(768, 3072)(u.LayerNorm(768)(x))))
    return u.LayerNorm(768)(x)


def test_eval_shape_of_124_million_parameters_allocates_nothing() -> None:
    tokens = jax.ShapeDtypeStruct((1, 1024), jnp.int32)
    net = model(gpt2)
    net.eval_shape(tokens)
    arrays = len(jax.live_arrays())
    start = time.perf_counter()
    shapes = net.eval_shape(tokens)
    assert time.perf_counter() - start < 2
    assert sum(shape.size for shape in shapes.values()) == 124_439_808
    tracemalloc.start()
    try:
        net.eval_shape(tokens)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 10e6
    assert len(jax.live_arrays()) == arrays


def linear(x: jax.Array) -> jax.Array:
    return u.Linear(3, 2)(x)


def on_a_branch(x: jax.Array) -> jax.Array:
    return linear(x) if x.sum() > 0 else x


def on_the_largest(x: jax.Array) -> jax.Array:
    assert int(x.max()) == 11
    return linear(x)


def on_numpy(x: jax.Array) -> jax.Array:
    assert np.asarray(x).std() > 0
    return linear(x)


def on_a_mask(x: jax.Array) -> jax.Array:
    return linear(x[x[:, 0] > 0])


def on_a_float(x: jax.Array) -> jax.Array:
    return linear(x) * float(x[0, 1])


@pytest.mark.parametrize("fn", [on_a_branch, on_the_largest, on_numpy, on_a_mask, on_a_float])
def test_a_body_that_looks_at_values_runs_on_values(fn: Any) -> None:
    net = model(fn)
    assert_same(net.init(X, rng=4), model(linear).init(X, rng=4))
    assert net.apply(net.init(X, rng=4), jnp.asarray(X))[0].shape[1] == 2


def whiten_late(x: jax.Array) -> jax.Array:
    return x / u.get_parameter("scale", (3,), lambda shape, dtype: x.std(0))


def whiten_early(x: jax.Array) -> jax.Array:
    scale = x.std(0)
    return x / u.get_parameter("scale", (3,), lambda shape, dtype: scale)


def whiten_in_numpy(x: jax.Array) -> jax.Array:
    return x / u.get_parameter("scale", (3,), lambda shape, dtype: np.asarray(x).std(0))


def whiten_in_layer(x: jax.Array) -> jax.Array:
    def set_weight(layer: Any) -> None:
        layer.weight = x.std(0)[None]

    u.Linear(3, 1, init_fn=set_weight)
    return x / u.get_parameter("scale", (3,), lambda shape, dtype: x.std(0))


def whiten_by_state(x: jax.Array) -> jax.Array:
    u.set_state("scale", x.std(0))
    return x / u.get_state("scale", (3,))


@pytest.mark.parametrize("fn", [whiten_late, whiten_early, whiten_in_numpy, whiten_in_layer, whiten_by_state])
def test_an_initial_value_can_come_from_the_data(fn: Any) -> None:
    net = model(fn)
    params = net.init(X, rng=0)
    np.testing.assert_allclose(params["scale"], X.std(0), rtol=1e-6)
    np.testing.assert_allclose(params.get("linear/weight", X.std(0)[None])[0], X.std(0), rtol=1e-6)
    assert net.apply(params, X)[0].shape == (4, 3)
    assert jax.tree.structure(net.eval_shape(X)) == jax.tree.structure(params)


@pytest.mark.parametrize("fn", [whiten_late, whiten_early, whiten_in_layer, whiten_by_state])
def test_data_can_be_traced_too(fn: Any) -> None:
    net = model(fn)
    params = jax.jit(lambda key, x: net.init(x, rng=key))(jax.random.key(0), X)
    assert_same(jax.jit(lambda x: net.init(x, rng=0))(X), params)
    np.testing.assert_allclose(params["scale"], X.std(0), rtol=1e-6)
    np.testing.assert_allclose(params.get("linear/weight", X.std(0)[None])[0], X.std(0), rtol=1e-6)


def set_halves(layer: Any) -> None:
    assert layer.in_features == 3
    layer.weight = jnp.full_like(layer.weight, 0.5)


@pytest.mark.parametrize(
    "init_fn",
    [
        u.initializers.constant(0.5),
        {"weight": u.initializers.constant(0.5)},
        {"weight": lambda shape, dtype: jnp.full(shape, 0.5, dtype)},
        set_halves,
    ],
    ids=["initializer", "dict", "dict of functions", "layer"],
)
def test_forms_of_init_fn_of_a_layer(init_fn: Any) -> None:
    net = model(lambda x: u.Linear(3, 2, init_fn=init_fn)(x))
    expected = model(linear).init(X, rng=1)["linear/bias"]
    for params in (net.init(X, rng=1), jax.jit(lambda key: net.init(X, rng=key))(jax.random.key(1))):
        np.testing.assert_array_equal(params["linear/weight"], np.full((2, 3), 0.5))
        np.testing.assert_array_equal(params["linear/bias"], expected)


def test_init_fn_of_a_layer_with_an_unknown_name_is_refused() -> None:
    net = model(lambda x: u.Linear(3, 2, init_fn={"wait": u.initializers.ones})(x))
    with pytest.raises(ValueError, match=r"'linear'.*'wait'.*'bias', 'weight'"):
        net.init(X, rng=0)


def test_jaxs_own_initialisers_draw_from_a_key_of_the_path() -> None:
    net = model(lambda x: x @ u.get_parameter("w", (3, 500), jax.nn.initializers.normal(0.1)))
    value, other = net.init(X, rng=0)["w"], net.init(X, rng=1)["w"]
    assert not np.array_equal(value, other)
    assert abs(float(value.std()) - 0.1) < 0.01
    np.testing.assert_array_equal(value, net.init(X, rng=0)["w"])
    jitted = jax.jit(lambda key: net.init(X, rng=key))(jax.random.key(0))["w"]
    np.testing.assert_allclose(value, jitted, rtol=1e-6)  # JAX's own initialisers round differently under jit


def test_an_init_fn_that_makes_another_shape_is_refused() -> None:
    net = model(lambda x: x * u.get_parameter("scale", (3,), lambda shape, dtype: jnp.ones(4, dtype)))
    with pytest.raises(ValueError, match=r"'scale': init_fn made shape \(4,\) where \(3,\)"):
        net.init(X, rng=0)


def test_arguments_that_are_no_arrays_stay_as_they_are() -> None:
    def body(x: jax.Array, depth: int, names: tuple[Any, ...], options: dict[str, Any], *, flag: bool) -> jax.Array:
        assert (type(depth), type(flag)) == (int, bool)
        assert (names, options["mode"], options["none"]) == (("a", None, 2.5), "same", None)
        for name in names[:depth]:
            x = u.Linear(None, 2, name=name)(x)
        return x + options["shift"] if flag else x

    net = model(body)
    arguments = (X, 1, ("a", None, 2.5), {"mode": "same", "none": None, "shift": jnp.ones(2)})
    params = net.init(*arguments, flag=True, rng=0)
    assert list(params) == ["a/weight", "a/bias"]
    assert list(net.eval_shape(*arguments, flag=False)) == list(params)
    np.testing.assert_allclose(
        net.apply(params, *arguments, flag=True)[0], net.apply(params, *arguments, flag=False)[0] + 1, rtol=1e-6
    )


def test_adding_a_layer_changes_no_other_layers_values() -> None:
    def deeper(x: jax.Array) -> jax.Array:
        x = mlp(x)
        return u.Linear(3, 7, name="extra")(x)

    params = model(deeper).init(MLP.x, rng=0)
    assert list(params) == [*MLP.paths, "extra/weight", "extra/bias"]
    for path in MLP.paths:
        np.testing.assert_array_equal(params[path], MLP.params[path])


def many(x: Any) -> Any:
    for _ in range(12):
        x = u.Linear(32, 32)(x)
    x = u.layer_stack(2)(lambda x: u.Linear(32, 32, init_fn=u.initializers.normal())(x))(x)
    x = u.Linear(32, 32, init_fn=jax.nn.initializers.ones)(u.LayerNorm(32)(x))
    return u.Dropout(0.5)(u.Embedding(5, 32, padding_idx=1)(jnp.zeros(4, int)) + x)


@pytest.mark.parametrize("seed", [0, 2**40 + 3])
def test_an_integer_seed_is_all_that_a_program_holds(seed: int) -> None:
    net = u.transform(many, backend="jax")
    x = np.ones((4, 32), np.float32)
    plain = net.init(x, rng=seed)
    lowered = jax.jit(lambda: net.init(x, rng=seed)).lower()
    assert len(lowered.as_text()) < 4 * sum(array.nbytes for array in plain.values())  # all values were 8.5 times that
    made = lowered.compile()()
    assert jax.tree.structure(made) == jax.tree.structure(plain)
    for path, array in plain.items():
        assert np.asarray(made[path]).tobytes() == np.asarray(array).tobytes(), path


def test_values_of_another_framework_are_constants_of_a_program() -> None:
    torch = pytest.importorskip("torch")

    def body(x: Any) -> Any:
        return u.Linear(4, 3, init_fn=torch.nn.init.xavier_normal_, name="last")(u.Linear(4, 4)(x))

    net = u.transform(body, backend="jax")
    plain = net.init(np.ones((1, 4), np.float32), rng=0)
    made = jax.jit(lambda: net.init(np.ones((1, 4), np.float32), rng=0))()
    assert all(np.array_equal(made[path], plain[path]) for path in plain)
